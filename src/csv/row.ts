import type { Bar } from "../core/bar.ts";
import { barFault, type BarFault } from "../core/bar-fault.ts";
import type { DayBounds } from "../core/day-bounds.ts";
import type { Columns } from "./columns.ts";

/** Why a row is not a bar of its day. */
export type RejectReason =
  | BarFault
  | "field count"
  | "not a ticker"
  | "not a stamp"
  | "date of another day"
  | "contradicts an earlier row of the same minute";

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NANOSECONDS = /^\d{7,19}$/;
const ISO_UTC = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z$/;

/** The vendor's longest ticker has 21 characters; a key of Postgres takes no text of thousands. */
const MAX_TICKER_CHARS = 64;
/** Control characters, line separators, turns of the direction of writing, and what stands for no UTF-8. */
const UNFIT_IN_TICKER = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\uFFFD]/u;
/** A step through the path of a URL or of a disk. */
const ONLY_DOTS = /^\.+$/;

/** Whether a text can be the name of a ticker, in a database, on a terminal and in the address of a question. */
export function isFitTicker(text: string): boolean {
  return text.length <= MAX_TICKER_CHARS && !UNFIT_IN_TICKER.test(text) && !ONLY_DOTS.test(text);
}

/** Reads the fields of one row; returns the bar, or why it is none. */
export function readRow(fields: readonly string[], columns: Columns, bounds: DayBounds): Bar | RejectReason {
  if (fields.length !== columns.count) return "field count";
  const windowStartMs = stampMs(fields[columns.windowStart] ?? "", columns.stampForm);
  const bar = {
    // A stamp that cannot be read is told apart below; until then any minute does.
    windowStartMs: Number.isNaN(windowStartMs) ? bounds.fromMs : windowStartMs,
    open: decimal(fields[columns.open]),
    high: decimal(fields[columns.high]),
    low: decimal(fields[columns.low]),
    close: decimal(fields[columns.close]),
    volume: optionalDecimal(fields, columns.volume),
    vwap: optionalDecimal(fields, columns.vwap),
    transactions: optionalDecimal(fields, columns.transactions),
  };
  const fault = barFault(bar);
  if (fault !== null) return fault;
  if (Number.isNaN(windowStartMs)) return "not a stamp";
  return windowStartMs < bounds.fromMs || windowStartMs >= bounds.toMs ? "date of another day" : bar;
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
