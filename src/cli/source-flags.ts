import type { ArgsDef } from "citty";
import { isSource, SOURCES } from "../core/sources.ts";
import { textFlag, usage, wholeNumberFlag, type FlagValues } from "./flags.ts";

const RECHECK_DAYS = 7;
const MAX_RECHECK_DAYS = 20_000;

/** Where a run takes its bars from. */
export const SOURCE_FLAGS = {
  source: {
    type: "string",
    description:
      "auto: flat files for what is published, the API for the rest; flatfiles; api; cheapest: what takes less time",
    valueHint: "NAME",
  },
  "recheck-days": {
    type: "string",
    description: `list the last N published days again and read those that were published anew (default ${RECHECK_DAYS})`,
    valueHint: "N",
  },
} as const satisfies ArgsDef;

/** Throws a `usage` error if `--source` names none. */
export function checkSourceFlag(flags: FlagValues): void {
  const text = textFlag(flags, "source");
  if (text === undefined || isSource(text)) return;
  throw usage("source", `"${text}" is not a source`, `Write one of ${SOURCES.join(", ")}.`);
}

/** How many published days are listed again. */
export function recheckDays(flags: FlagValues): number {
  return wholeNumberFlag(flags, "recheck-days", { most: MAX_RECHECK_DAYS }) ?? RECHECK_DAYS;
}
