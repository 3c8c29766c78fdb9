import { gunzipSync } from "node:zlib";
import type { Bar } from "../../core/bar.ts";
import { BackfillError } from "../../core/errors.ts";
import { DayParser } from "../../csv/day-parser.ts";

/** Unpacked, a day of every option has some ten million characters; a bomb has more. */
const MOST_TEXT_BYTES = 200e6;

/** What a file that has one row a ticker says of the wanted ones. */
export interface DayFileBars {
  readonly bars: ReadonlyMap<string, Bar>;
  /** Why the row of a ticker cannot be a bar, with the row. */
  readonly bad: ReadonlyMap<string, string>;
}

/** Reads such a file. Throws a `data` error if it cannot be read. */
export function barsOfDayFile(gzip: Uint8Array, date: string, wanted: ReadonlySet<string>): DayFileBars {
  const bars = new Map<string, Bar>();
  const parser = new DayParser({
    date,
    wanted,
    onBlock(ticker, [bar]) {
      if (bar !== undefined) bars.set(ticker, bar);
    },
    // One bad row of a few wanted ones is no reason to leave out the others.
    takesBadRows: true,
  });
  try {
    parser.push(gunzipSync(gzip, { maxOutputLength: MOST_TEXT_BYTES }));
  } catch (error) {
    throw unreadable(date, error);
  }
  const { rejectedSamples } = parser.finish();
  const bad = rejectedSamples.map(
    ({ reason, text }) => [text.split(",")[0] ?? "", `${reason}: ${text}`] as const,
  );
  return { bars, bad: new Map(bad) };
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
