import { BackfillError } from "../../core/errors.ts";

/**
 * Makes sure that `text` can stand in an entry: line breaks and other control characters would end it or are not
 * allowed in it.
 * @throws BackfillError (usage) naming the text, escaped.
 */
export function refuseControlCharacters(text: string): void {
  if (!/\p{Cc}/u.test(text)) return;
  throw new BackfillError({
    kind: "usage",
    operation: `schedule ${JSON.stringify(text)}`,
    reason: "it holds a line break or another control character, which no scheduler takes",
    nextStep: "Rename the file or folder, or take another.",
  });
}

const IN_CRON: Readonly<Record<string, string>> = {
  "'": String.raw`'\''`,
  // Some crons make one of two backslashes, and a backslash takes the meaning from a % that follows.
  "\\": String.raw`\''`,
  "%": String.raw`\%`,
};

/** `text` as one word of a crontab's command: quoted for sh, and % for cron, which takes it for a line break. */
export function cronWord(text: string): string {
  return /^[\w./:@+=,-]+$/.test(text)
    ? text
    : `'${text.replaceAll(/['\\%]/g, (one) => IN_CRON[one] ?? one)}'`;
}

/** `text` as one word of `ExecStart=:…`, where $ means nothing. https://www.freedesktop.org/software/systemd/man/systemd.syntax.html */
export function systemdWord(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("%", "%%");
  return /^[\w./:@+=,-]+$/.test(text) ? text : `"${escaped}"`;
}

/** An absolute path as a whole value of a unit's line. */
export function systemdPath(path: string): string {
  // A space at the end would be taken off, a backslash would join the next line; a slash is neither.
  const ended = /[\s\\]$/.test(path) ? `${path}/` : path;
  return ended.replaceAll("%", "%%");
}

const IN_XML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** `text` as the content of an XML element. */
export function xmlText(text: string): string {
  return text.replaceAll(/[&<>]/g, (one) => IN_XML[one] ?? one);
}
