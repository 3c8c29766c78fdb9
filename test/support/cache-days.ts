import type { Bar } from "../../src/core/bar.ts";
import type { Dataset } from "../../src/core/datasets.ts";
import { epochDayOf } from "../../src/core/dates.ts";
import { sessionOf } from "../../src/core/sessions.ts";
import { trackedSymbol } from "../../src/core/symbols.ts";
import { batchBars, type BatchKey } from "../../src/cache/bars.ts";
import { findBatch, type Batch, type BatchSource } from "../../src/cache/batches.ts";
import type { Cache } from "../../src/cache/cache.ts";
import { DayWriter, type DayChanges } from "../../src/cache/day-writer.ts";
import { symbolId } from "../../src/cache/symbols.ts";

export interface WriteDayOptions {
  readonly dataset?: Dataset;
  readonly date: string;
  readonly source?: BatchSource;
  readonly readAtMs?: number;
  readonly flatFileId?: number;
  /** Blocks of bars in the order of a file. */
  readonly blocks?: readonly (readonly [ticker: string, bars: readonly Bar[]])[];
  /** Tickers that are asked for. */
  readonly wanted?: readonly string[];
}

/** Writes a day as a workflow does: all blocks, then the absent tickers, in one transaction. */
export function writeDay(
  cache: Cache,
  options: WriteDayOptions,
): Promise<DayChanges & { readonly conflicts: number }> {
  const { dataset = "indices", date, source = "flatfile", readAtMs = 1000, flatFileId = null } = options;
  return cache.write(() => {
    const session = sessionOf(dataset, date);
    const writer = new DayWriter(cache, dataset, date, { source, flatFileId, readAtMs, session });
    for (const [ticker, bars] of options.blocks ?? []) writer.put(ticker, bars);
    writer.putAbsent(options.wanted ?? []);
    return countsOf(writer);
  });
}

/** Ends a day; what it came to, with the number of contradictions between its blocks. */
export function countsOf(writer: DayWriter): DayChanges & { readonly conflicts: number } {
  const { changes, overlap } = writer.finish();
  return { ...changes, conflicts: overlap.conflicts.length };
}

/** The key of a symbol's 1-minute batch of one date; the symbol gets an id if it has none. */
export async function keyOf(
  cache: Cache,
  ticker: string,
  date: string,
  dataset: Dataset = "indices",
): Promise<BatchKey> {
  const id = await cache.write(() => symbolId(cache, trackedSymbol(dataset, ticker)));
  return { symbolId: id, timeframeMinutes: 1, epochDay: epochDayOf(date) };
}

/** What the cache holds of one batch: its row in the manifest and its bars. */
export function heldOf(cache: Cache, key: BatchKey): { batch: Batch | null; bars: Bar[] } {
  return { batch: findBatch(cache, key), bars: batchBars(cache, key) };
}
