import type { Cache } from "../../../src/cache/cache.ts";
import { noteProblem, type DayProblem } from "../../../src/cache/problems.ts";
import { markSent } from "../../../src/cache/deliveries.ts";
import { flatFileId, markDownloaded } from "../../../src/cache/flat-files.ts";
import { openTarget } from "../../../src/cache/targets.ts";
import { MINUTE_MS, type Bar } from "../../../src/core/bar.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import { eveningMs } from "../../../src/core/publication.ts";
import { sessionDates } from "../../../src/core/session-dates.ts";
import { sessionOf } from "../../../src/core/sessions.ts";
import { parseSymbol } from "../../../src/core/symbols.ts";
import { status, type Status, type StatusOptions } from "../../../src/workflows/coverage/status.ts";
import { bar } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";
import { confirm, unsynced } from "../../support/outbox.ts";

/** The Monday after the last day of the world, in the evening. */
export const NOW_MS = eveningMs("2024-11-25");
export const TARGET = "db:5432/market public.historical_bars";
/** A name that fits into no row of 80 columns. */
export const LONG_NAME = "O:SPY251121C00650000";

/** Bars of the minutes `first` to `last` of the session of `date`. */
export function sessionBars(dataset: Dataset, date: string, first: number, last: number): Bar[] {
  const openMs = sessionOf(dataset, date)?.openMs ?? Number.NaN;
  return Array.from({ length: last - first + 1 }, (_, index) => bar(openMs + (first + index) * MINUTE_MS, 1));
}

/** A month and a half of an index with a day of every state, of a stock with days of few bars, and of a contract. */
export async function writeWorld(cache: Cache): Promise<void> {
  await writeIndex(cache);
  await writeStock(cache);
  for (const date of ["2024-11-20", "2024-11-21", "2024-11-22"])
    await writeDay(cache, {
      dataset: "options",
      date,
      readAtMs: NOW_MS,
      blocks: [[LONG_NAME, sessionBars("options", date, 0, 9)]],
    });
  const file = {
    dataset: "indices",
    date: "2024-11-18",
    key: "k",
    etag: "e",
    sizeBytes: 123_456_789,
    lastModifiedMs: null,
  } as const;
  await cache.write(() => flatFileId(cache, file));
  await markDownloaded(cache, file, 1);
  const target = await openTarget(cache, TARGET);
  const batches = unsynced(cache, target).filter(({ epochDay }) => epochDay < 20_047);
  await markSent(cache, target, batches);
  await confirm(cache, target, batches);
}

/** Every state in November 2024; the days of October are complete. */
async function writeIndex(cache: Cache): Promise<void> {
  const put = (
    date: string,
    bars: readonly Bar[],
    source: "flatfile" | "api" = "flatfile",
    readAtMs = NOW_MS,
  ) =>
    writeDay(cache, {
      date,
      source,
      readAtMs,
      blocks: bars.length > 0 ? [["I:SPX", bars]] : [],
      wanted: ["I:SPX"],
    });
  const whole = (date: string) => sessionBars("indices", date, 0, 389);
  for (const date of sessionDates("indices", "2024-10-14", "2024-11-01", "2024-11-25"))
    await put(date, whole(date));
  await put("2024-11-04", whole("2024-11-04"));
  // The closing minute lacks, two days in a row.
  await put("2024-11-05", whole("2024-11-05").slice(0, -1));
  await put("2024-11-06", whole("2024-11-06").slice(0, -1));
  await put("2024-11-07", [
    ...sessionBars("indices", "2024-11-07", 0, 14),
    ...sessionBars("indices", "2024-11-07", 30, 389),
  ]);
  await put("2024-11-08", []);
  await note(cache, "2024-11-13", "failed", "the file is cut: 4.2 of 101.3 MB");
  await note(
    cache,
    "2024-11-14",
    "denied",
    "your subscription does not include this day; the vendor says: forbidden",
  );
  await note(cache, "2024-11-15", "pending", "the vendor has published no flat file of it");
  await put("2024-11-18", whole("2024-11-18"));
  // Asked at noon and never again.
  await put(
    "2024-11-20",
    sessionBars("indices", "2024-11-20", 0, 149),
    "api",
    Date.parse("2024-11-20T17:00:00Z"),
  );
  await put("2024-11-21", whole("2024-11-21"), "api");
  await put("2024-11-22", whole("2024-11-22"), "api");
}

function note(cache: Cache, date: string, state: DayProblem["state"], error: string): Promise<void> {
  const problem = {
    dataset: "indices",
    ticker: "",
    step: "download",
    hint: "Run again.",
    seenAtMs: 1,
  } as const;
  return noteProblem(cache, { ...problem, date, state, error });
}

/** Usually 300 bars a day; two days have far fewer. */
async function writeStock(cache: Cache): Promise<void> {
  for (const date of sessionDates("stocks", "2024-10-14", "2024-11-22", "2024-11-25")) {
    const count = date === "2024-11-12" || date === "2024-11-13" ? 100 : 300;
    // Before it was listed there were none.
    const bars = date === "2024-10-14" ? [] : sessionBars("stocks", date, 0, count - 1);
    await writeDay(cache, { dataset: "stocks", date, readAtMs: NOW_MS, blocks: [["AAPL", bars]] });
  }
}

/** What status says of the world. */
export function worldStatus(
  cache: Cache,
  names: readonly string[],
  options: Partial<StatusOptions> = {},
): Status {
  return status(cache, {
    symbols: names.map((name) => parseSymbol(name)),
    from: "2024-10-14",
    to: "2024-11-25",
    nowMs: NOW_MS,
    target: null,
    ...options,
  });
}
