import { gunzipSync } from "node:zlib";
import type { Bar } from "../../core/bar.ts";
import { BackfillError } from "../../core/errors.ts";
import { DayParser } from "../../csv/day-parser.ts";

/** Unpacked, a day of every option has some ten million characters; a bomb has more. */
const MOST_TEXT_BYTES = 200e6;

/** The bars of a file that has one row a ticker, by ticker. Throws a `data` error if it cannot be read. */
export function barsOfDayFile(
  gzip: Uint8Array,
  date: string,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, Bar> {
  const bars = new Map<string, Bar>();
  const parser = new DayParser({
    date,
    wanted,
    onBlock(ticker, [bar]) {
      if (bar !== undefined) bars.set(ticker, bar);
    },
  });
  try {
    parser.push(gunzipSync(gzip, { maxOutputLength: MOST_TEXT_BYTES }));
  } catch (error) {
    throw unreadable(date, error);
  }
  parser.finish();
  return bars;
}

function unreadable(date: string, cause: unknown): unknown {
  if (cause instanceof BackfillError) return cause;
  return new BackfillError({
    kind: "data",
    operation: `read the file of day bars of ${date}`,
    reason: "the gzip file is cut or corrupt",
    nextStep: "Run again later: it was fetched just now.",
    cause,
  });
}
