import { MINUTE_MS, type Bar } from "../core/bar.ts";
import { CHICAGO, addDays, zonedTimeMs } from "../core/dates.ts";
import type { Columns } from "./columns.ts";

/** Why a row is not a bar of its day. */
export type RejectReason =
  | "field count"
  | "not a number"
  | "negative volume"
  | "high or low not around open and close"
  | "not a stamp"
  | "not a whole minute"
  | "date of another day"
  | "contradicts an earlier row of the same minute";

/** The instants (UTC epoch ms, end exclusive) that rows of one day's file may carry. */
export interface DayBounds {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The bounds of `date`: from its midnight in UTC to the end of the day in US Central time. The vendor does not
 * say in which zone an index day is cut, so a row passes whose date is `date` in UTC, New York or Chicago.
 */
export function dayBounds(date: string): DayBounds {
  return {
    fromMs: zonedTimeMs(date, "00:00", "UTC"),
    toMs: zonedTimeMs(addDays(date, 1), "00:00", CHICAGO),
  };
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NANOSECONDS = /^\d{7,19}$/;
const ISO_UTC = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z$/;

/** Reads the fields of one row; returns the bar, or why it is none. */
export function readRow(fields: readonly string[], columns: Columns, bounds: DayBounds): Bar | RejectReason {
  if (fields.length !== columns.count) return "field count";
  const open = decimal(fields[columns.open]);
  const high = decimal(fields[columns.high]);
  const low = decimal(fields[columns.low]);
  const close = decimal(fields[columns.close]);
  const volume = optionalDecimal(fields, columns.volume);
  const vwap = optionalDecimal(fields, columns.vwap);
  const transactions = optionalDecimal(fields, columns.transactions);
  // A sum is finite only if every part is: one test for all seven.
  if (!Number.isFinite(open + high + low + close + (volume ?? 0) + (vwap ?? 0) + (transactions ?? 0)))
    return "not a number";
  if (transactions !== null && !Number.isSafeInteger(transactions)) return "not a number";
  if ((volume ?? 0) < 0 || (transactions ?? 0) < 0) return "negative volume";
  if (high < open || high < close || low > open || low > close)
    return "high or low not around open and close";
  const windowStartMs = stampMs(fields[columns.windowStart] ?? "", columns.stampForm);
  if (Number.isNaN(windowStartMs)) return "not a stamp";
  if (windowStartMs % MINUTE_MS !== 0) return "not a whole minute";
  if (windowStartMs < bounds.fromMs || windowStartMs >= bounds.toMs) return "date of another day";
  return { windowStartMs, open, high, low, close, volume, vwap, transactions };
}

function decimal(text: string | undefined): number {
  return text !== undefined && DECIMAL.test(text) ? Number(text) : Number.NaN;
}

function optionalDecimal(fields: readonly string[], column: number | null): number | null {
  if (column === null || fields[column] === "") return null;
  return decimal(fields[column]);
}

/** Epoch milliseconds of a stamp, NaN if it is not one. Nanoseconds exceed 2^53, so they are cut as text. */
function stampMs(text: string, form: Columns["stampForm"]): number {
  if (form === "iso") return isoStampMs(text);
  if (!NANOSECONDS.test(text)) return Number.NaN;
  // Anything below a millisecond becomes half of one, which no whole minute is.
  return Number(text.slice(0, -6)) + (text.endsWith("000000") ? 0 : 0.5);
}

function isoStampMs(text: string): number {
  const [, toTheSecond, fraction] = ISO_UTC.exec(text) ?? [];
  const epochMs = Date.parse(`${toTheSecond}Z`);
  // Date.parse takes February 30 for March 1.
  if (Number.isNaN(epochMs) || new Date(epochMs).toISOString().slice(0, 19) !== toTheSecond)
    return Number.NaN;
  return epochMs + (Number(fraction ?? 0) === 0 ? 0 : 0.5);
}
