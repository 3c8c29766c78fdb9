import type { ArgsDef } from "citty";
import type { CheckName } from "../workflows/verify/findings.ts";
import { textFlag, usage, type FlagValues } from "./flags.ts";

/** Which checks are made, and how. */
export const VERIFY_FLAGS = {
  cache: {
    type: "boolean",
    description: "check the cache in itself (what verify does when no check is named)",
  },
  files: { type: "boolean", description: "read the kept flat files again and compare them with the cache" },
  target: { type: "boolean", description: "compare Postgres with the cache, batch by batch" },
  source: { type: "boolean", description: "compare the vendor's own day bars with what the minutes say" },
  api: { type: "boolean", description: "fetch a sample of days by the REST API and compare them bar by bar" },
  repair: {
    type: "boolean",
    description:
      "make what differs in Postgres unsynced for the next sync, and days whose bars are not as they were read unread for the next hybrid",
  },
  jump: {
    type: "string",
    description: "largest step from one bar to the next, in percent; 0 for any (default: by dataset)",
    valueHint: "PERCENT",
  },
  tolerance: {
    type: "string",
    description: "with --source: by how many percent a price may differ (default 0)",
    valueHint: "PERCENT",
  },
} as const satisfies ArgsDef;

const CHECK_NAMES: readonly CheckName[] = ["cache", "files", "target", "source", "api"];

/** What the vendor says otherwise, only the vendor can mend. */
const REPAIRABLE: ReadonlySet<CheckName> = new Set(["cache", "files", "target"]);

/** The checks that are named; the cache's own if none is. */
export function checksNamed(flags: FlagValues): CheckName[] {
  const named = CHECK_NAMES.filter((name) => flags[name] === true);
  const checks: CheckName[] = named.length === 0 ? ["cache"] : named;
  if (flags["repair"] === true && !checks.some((name) => REPAIRABLE.has(name)))
    throw usage("repair", "it mends what --cache, --files and --target find", "Add one of them.");
  return checks;
}

/** The percentage of a flag; null if it was not given. */
export function percentFlag(flags: FlagValues, name: string): number | null {
  const text = textFlag(flags, name);
  if (text === undefined) return null;
  const value = /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw usage(name, `"${text}" is not a number of percent`, `Write it as --${name}=0.5.`);
}
