import { basename } from "node:path";
import type { HelpTopic } from "../../core/help-topics.ts";
import type { FlagValues } from "../flags.ts";
import { PROGRAM } from "../help/program.ts";
import { keepsFiles } from "../transfer-flags.ts";

/** Flags that say which cache and database, for every command; and what is asked for and how, for those that ask. */
const PLACE_FLAGS = ["data-dir", "table"];
const SCOPE_FLAGS = [
  "symbols",
  "symbols-file",
  "dataset",
  "days",
  "from",
  "to",
  "today",
  "source",
  "rpm",
  "recheck-days",
  "connections",
  "max-rate",
];

/**
 * How to call a command again: for the same cache and database; with `scope` for the same symbols and days, or with other
 * flags, each after a blank.
 */
export type Again = (command: string, scope?: "same scope" | ` ${string}`) => string;

/** Repeats of a command line what is not the default. */
export function invocationText(flags: FlagValues): Again {
  const repeat = (names: readonly string[]) =>
    names.flatMap((name) => {
      const value = flags[name];
      return typeof value === "string" ? [` --${name}=${shellWord(value)}`] : [];
    });
  const folder = repeat(["data-dir"]);
  const place = repeat(PLACE_FLAGS);
  // It holds a password, so it is not repeated to the letter.
  if (typeof flags["database-url"] === "string") place.push(" --database-url=…");
  const scopeFlags = [...repeat(SCOPE_FLAGS), ...(keepsFiles(flags) ? [] : [" --no-keep"])];
  return (command, scope) => {
    const asked = scope === "same scope" ? scopeFlags.join("") : (scope ?? "");
    // It shows the cache alone, and takes no flags of a database.
    const where = command === "view" ? folder : place;
    return `${programCall(command)}${asked}${where.join("")}`;
  };
}

/** How to call a command: by the program's name, or by bun from a clone of the repository. */
function programCall(command: string): string {
  return isClone() ? `npx bun run backfill:${command} --` : `${PROGRAM} ${command}`;
}

/** How to read the page about a trouble. */
export function helpCall(topic: HelpTopic): string {
  return `${isClone() ? `npx bun run ${PROGRAM}` : PROGRAM} help ${topic}`;
}

function isClone(): boolean {
  return basename(process.execPath).startsWith("bun");
}

/** A word as a shell reads it, quoted where that is needed. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
