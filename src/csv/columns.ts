import Papa from "papaparse";
import { BackfillError } from "../core/errors.ts";

/** Where each column of a bar file stands (0-based); null where the file does not have it. */
export interface Columns {
  readonly count: number;
  readonly ticker: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number | null;
  readonly vwap: number | null;
  readonly transactions: number | null;
  readonly windowStart: number;
  /** `window_start` holds nanoseconds since 1970; `timestamp` (the guide's older files) holds ISO-8601 in UTC. */
  readonly stampForm: "nanoseconds" | "iso";
}

const VENDOR_FORM = "ticker,…,open,close,high,low,window_start";

/**
 * Reads the header line of a bar file. Columns are found by name, since their order differs from dataset to
 * dataset (close often stands before high and low).
 * @throws BackfillError (data) if a column that a bar needs is missing or stands there twice.
 */
export function readColumns(headerLine: string): Columns {
  const names = (
    Papa.parse<string[]>(headerLine.replace(/^\uFEFF/, ""), { delimiter: "," }).data[0] ?? []
  ).map((name) => name.trim());
  const find = (name: string): number | null => {
    const at = names.indexOf(name);
    if (at >= 0 && names.indexOf(name, at + 1) >= 0) throw headerError(headerLine, `it names ${name} twice`);
    return at < 0 ? null : at;
  };
  const need = (name: string): number => {
    const at = find(name);
    if (at === null) throw headerError(headerLine, `it has no column ${name}`);
    return at;
  };
  const windowStart = find("window_start");
  return {
    count: names.length,
    ticker: need("ticker"),
    open: need("open"),
    high: need("high"),
    low: need("low"),
    close: need("close"),
    volume: find("volume"),
    vwap: find("vwap"),
    transactions: find("transactions"),
    windowStart: windowStart ?? need("timestamp"),
    stampForm: windowStart === null ? "iso" : "nanoseconds",
  };
}

/** The error (data) for a first line that is no header of a bar file. */
export function headerError(headerLine: string, reason: string): BackfillError {
  const shown = headerLine.length > 120 ? `${headerLine.slice(0, 120)}…` : headerLine;
  return new BackfillError({
    kind: "data",
    code: "bad-header",
    operation: `read the header "${shown.trimEnd()}"`,
    reason,
    nextStep: `This is not a file of minute bars. Expected ${VENDOR_FORM} (any order).`,
  });
}
