import type { FlagValues } from "../flags.ts";

/** How to call another command for the same cache: repeats the data directory if it is not the default. */
export function invocationText(flags: FlagValues): (command: string) => string {
  const dataDir = flags["data-dir"];
  const suffix = typeof dataDir === "string" ? ` --data-dir=${shellWord(dataDir)}` : "";
  return (command) => `massive-backfill ${command}${suffix}`;
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
