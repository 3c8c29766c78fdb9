import { BackfillError } from "../../core/errors.ts";
import { MADE_BY, minutesOf, type NightlyJob } from "./job.ts";
import type { LocalTime } from "./local-time.ts";
import { cronWord } from "./quoting.ts";

/** The lines of a job in a crontab, between two comments by which they are found again. */
export function cronBlock(job: NightlyJob, local: LocalTime): string {
  const { begin, end } = borders(job.name);
  const minutes = minutesOf(local.time);
  const days = local.weekdays.length === 7 ? "*" : local.weekdays.map((day) => day % 7).join(",");
  const command = `cd ${cronWord(job.workingDir)} && ${job.argv.map(cronWord).join(" ")}`;
  return `${begin}
# Only one run works in a data directory: it holds the lock there, a second one ends with exit code 7.
${minutes % 60} ${Math.floor(minutes / 60)} * * ${days} ( ${command} ) >> ${cronWord(job.logPath)} 2>&1
${end}
`;
}

/**
 * A crontab with `block` in the place of the block of the same name, or at its end; every other line stays as it is.
 * @throws BackfillError (settings) if a former block has lost its last line.
 */
export function mergeCrontab(crontab: string, name: string, block: string): string {
  const { begin, end } = borders(name);
  const from = lineAt(crontab, begin, 0);
  if (from < 0) return `${crontab}${crontab === "" || crontab.endsWith("\n") ? "" : "\n"}${block}`;
  const endsAt = lineAt(crontab, end, from);
  if (endsAt < 0)
    throw new BackfillError({
      kind: "settings",
      operation: "change the crontab",
      reason: `the line "${begin}" is there, but not the one that ends the entry`,
      nextStep: "Take the rest of the former entry out with crontab -e, and run the same command again.",
    });
  return `${crontab.slice(0, from)}${block}${crontab.slice(endsAt + end.length).replace(/^\r?\n/, "")}`;
}

function borders(name: string): { readonly begin: string; readonly end: string } {
  return { begin: `# ${MADE_BY}: ${name} begins`, end: `# ${name} ends` };
}

/** Where the line that is `line` begins, from `from` on; -1 if there is none. */
function lineAt(text: string, line: string, from: number): number {
  for (let at = text.indexOf(line, from); at >= 0; at = text.indexOf(line, at + 1)) {
    const after = text[at + line.length];
    const isWhole = after === undefined || after === "\n" || after === "\r";
    if (isWhole && (at === 0 || text[at - 1] === "\n")) return at;
  }
  return -1;
}
