import { readFileSync } from "node:fs";
import type { ArgsDef } from "citty";
import { DATASETS, isDataset, type Dataset } from "../core/datasets.ts";
import { addDays, isDate, newYorkDate } from "../core/dates.ts";
import { BackfillError, errorText } from "../core/errors.ts";
import { splitList } from "../core/settings.ts";

/** Flags of every command. */
export const COMMON_FLAGS = {
  "data-dir": { type: "string", description: "folder of the cache and the flat files", valueHint: "DIR" },
  json: { type: "boolean", description: "print the result as one JSON object" },
  quiet: { type: "boolean", description: "no progress and no messages but warnings and errors" },
  verbose: { type: "boolean", description: "more messages, and the stack of an unexpected error" },
} as const satisfies ArgsDef;

/** Which symbols. */
export const SYMBOL_FLAGS = {
  symbols: {
    type: "string",
    description: "symbols: SPX,NDX or I:SPX,AAPL,X:BTC-USD; '*' for every ticker of --dataset",
    valueHint: "LIST",
  },
  "symbols-file": {
    type: "string",
    description: "file with symbols, one a line or comma-separated",
    valueHint: "FILE",
  },
  dataset: { type: "string", description: DATASETS.join(", "), valueHint: "NAME" },
} as const satisfies ArgsDef;

/** Which days. */
export const RANGE_FLAGS = {
  days: { type: "string", description: "the last day and the N calendar days before it", valueHint: "N" },
  from: { type: "string", description: "first day (--startDate works too)", valueHint: "YYYY-MM-DD" },
  to: {
    type: "string",
    description: "last day; today if not given (--endDate works too)",
    valueHint: "YYYY-MM-DD",
  },
  today: {
    type: "string",
    description: "work as if it were the evening of that day in New York",
    valueHint: "YYYY-MM-DD",
  },
} as const satisfies ArgsDef;

/** Which database. */
export const DATABASE_FLAGS = {
  "database-url": { type: "string", description: "Postgres to keep in sync", valueHint: "URL" },
  table: { type: "string", description: "table in Postgres (default historical_bars)", valueHint: "NAME" },
} as const satisfies ArgsDef;

export const DRY_RUN_FLAG = {
  "dry-run": { type: "boolean", alias: "n", description: "print what would be done, each with its reason" },
} as const satisfies ArgsDef;

/** Values of flags as citty hands them over. */
export type FlagValues = Readonly<Record<string, unknown>>;

const MAX_DAYS = 20_000;

/** The error for a flag that cannot be as it is. */
export function usage(flag: string, reason: string, nextStep: string): BackfillError {
  return new BackfillError({ kind: "usage", operation: `read --${flag}`, reason, nextStep });
}

/** The text of a flag; undefined if it was not given. */
export function textFlag(flags: FlagValues, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

/** The whole number of a flag, from `least` (0) to `most`; undefined if it was not given. */
export function wholeNumberFlag(
  flags: FlagValues,
  name: string,
  { least = 0, most }: { readonly least?: number; readonly most: number },
): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = least === 0 ? `up to ${most}` : `from ${least} to ${most}`;
  throw usage(name, `"${text}" is not a whole number ${range}`, `Write it as --${name}=10.`);
}

/** The date of a flag; undefined if it was not given. */
export function dateFlag(flags: FlagValues, name: string): string | undefined {
  const text = textFlag(flags, name);
  if (text === undefined || isDate(text)) return text;
  throw usage(name, `"${text}" is not a date`, "Write it as YYYY-MM-DD, such as 2024-11-22.");
}

/** The time of a flag in New York (`HH:MM`); undefined if it was not given. */
export function timeFlag(flags: FlagValues, name: string): string | undefined {
  const text = textFlag(flags, name);
  if (text === undefined || /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw usage(name, `"${text}" is not a time`, "Write it as HH:MM in New York, such as 11:30.");
}

/** The day of `--today`; it may not lie in the future, whose minutes nobody has. */
export function todayFlag(flags: FlagValues, clockMs: number): string | undefined {
  const today = dateFlag(flags, "today");
  const real = newYorkDate(clockMs);
  if (today === undefined || today <= real) return today;
  throw usage("today", `${today} is in the future`, `Today in New York is ${real}.`);
}

/** The dataset of `--dataset`; undefined if it was not given. */
export function datasetFlag(flags: FlagValues): Dataset | undefined {
  const text = textFlag(flags, "dataset");
  if (text === undefined || isDataset(text)) return text;
  throw usage("dataset", `"${text}" is not a dataset`, `Write one of ${DATASETS.join(", ")}.`);
}

/** The names of `--symbols` and `--symbols-file`; undefined if neither was given. */
export function symbolNames(flags: FlagValues): string[] | undefined {
  const [list, file] = [textFlag(flags, "symbols"), textFlag(flags, "symbols-file")];
  if (list === undefined && file === undefined) return undefined;
  const names = [...splitList(list ?? ""), ...(file === undefined ? [] : namesInFile(file))];
  if (names.length === 0)
    throw usage(
      file === undefined ? "symbols" : "symbols-file",
      "it names no symbol",
      "Write --symbols=SPX,NDX, or leave it out for those the cache tracks.",
    );
  return names;
}

function namesInFile(path: string): string[] {
  try {
    const lines = readFileSync(path, "utf8").split("\n");
    return lines.flatMap((line) => splitList(line.replace(/#.*/, "")));
  } catch (error) {
    throw usage("symbols-file", errorText(error), "Check the path.");
  }
}

export interface DateRange {
  readonly from: string;
  readonly to: string;
}

/**
 * The days of `--days` or `--from` and `--to`; `defaultDays` before `today` if none was given.
 * @throws BackfillError (usage) for a range that is empty or given twice.
 */
export function rangeFlags(flags: FlagValues, today: string, defaultDays: number): DateRange {
  const [days, from] = [daysFlag(flags), dateFlag(flags, "from")];
  const to = dateFlag(flags, "to") ?? today;
  if (days !== undefined && from !== undefined)
    throw usage("days", "--from is given too", "Give --days=N, or --from and --to.");
  if (from === undefined) {
    if (textFlag(flags, "to") !== undefined && days === undefined)
      throw usage("to", "it needs a beginning", "Add --from=YYYY-MM-DD or --days=N.");
    return { from: addDays(to, -(days ?? defaultDays)), to };
  }
  if (from > today) throw usage("from", `${from} is in the future`, `Today in New York is ${today}.`);
  if (from > to) throw usage("from", `${from} is after ${to}`, "Give the earlier day as --from.");
  return { from, to };
}

/** Whether the user said anything about the range. */
export function hasRange(flags: FlagValues): boolean {
  return ["days", "from", "to"].some((name) => textFlag(flags, name) !== undefined);
}

function daysFlag(flags: FlagValues): number | undefined {
  const text = textFlag(flags, "days");
  if (text === undefined) return undefined;
  const days = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (days <= MAX_DAYS) return days;
  throw usage(
    "days",
    `"${text}" is not a number of days`,
    `Write a whole number up to ${MAX_DAYS}, such as --days=90.`,
  );
}
