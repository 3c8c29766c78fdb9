import type { FlagValues } from "../flags.ts";

/** How to call another command for the same cache and database: repeats what is not the default. */
export function invocationText(flags: FlagValues): (command: string) => string {
  const repeated = ["data-dir", "table"].flatMap((name) => {
    const value = flags[name];
    return typeof value === "string" ? [` --${name}=${shellWord(value)}`] : [];
  });
  // It holds a password, so it is not repeated to the letter.
  if (typeof flags["database-url"] === "string") repeated.push(" --database-url=…");
  return (command) => `massive-backfill ${command}${repeated.join("")}`;
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
