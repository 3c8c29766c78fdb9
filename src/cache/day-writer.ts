import type { Bar } from "../core/bar.ts";
import { DATASET_FACTS, type Dataset } from "../core/datasets.ts";
import { epochDayOf } from "../core/dates.ts";
import { mergeBars, type BlockOverlap } from "../core/merge-bars.ts";
import { trackedSymbol, type TrackedSymbol } from "../core/symbols.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import { batchBars, type BatchKey } from "./bars.ts";
import { findBatch, type Batch, type BatchSource } from "./batches.ts";
import type { Cache } from "./cache.ts";
import { UNREAD_HASH } from "./mark-unread.ts";
import { clearProblems } from "./problems.ts";
import { symbolId } from "./symbols.ts";
import { appendToBatch, writeBatch, type BatchChange, type BatchOrigin } from "./write-batch.ts";

/** What writing a day did to the cache. */
export interface DayChanges {
  readonly batches: number;
  /** Bars in the batches that were written. */
  readonly bars: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** How batches that took the place of others differ from them. */
export interface Replaced {
  readonly batches: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** A batch that was written: as it was before, and what that has changed. */
interface WrittenBatch {
  readonly key: BatchKey;
  readonly before: Batch | null;
  readonly change: BatchChange;
}

/** Bars of later blocks that may wait in memory to be added to their batches. */
const MAX_WAITING_BARS = 300_000;

/** Writes the batches of one day of one dataset. Use it inside one `cache.write`. */
export class DayWriter {
  readonly #cache: Cache;
  readonly #dataset: Dataset;
  readonly #date: string;
  readonly #origin: BatchOrigin;
  /** The batches written so far, by ticker. */
  readonly #written = new Map<string, WrittenBatch>();
  /** Further blocks of tickers that are written already. */
  #waiting = new Map<string, Bar[]>();
  #waitingBars = 0;
  #duplicates = 0;
  readonly #conflicts: { readonly ticker: string; readonly bar: Bar }[] = [];

  constructor(cache: Cache, dataset: Dataset, date: string, origin: BatchOrigin) {
    this.#cache = cache;
    this.#dataset = dataset;
    this.#date = date;
    this.#origin = { ...origin, barsEveryMinute: DATASET_FACTS[dataset].barsEveryMinute };
  }

  /** Writes bars of one ticker (in time order, one a minute); a ticker may come in several blocks. */
  put(ticker: string, bars: readonly Bar[]): void {
    if (this.#written.has(ticker)) return this.#wait(ticker, bars);
    const key = this.#keyOf(trackedSymbol(this.#dataset, ticker));
    const before = findBatch(this.#cache, key);
    const change = writeBatch(this.#cache, key, bars, this.#origin, before);
    this.#written.set(ticker, { key, before, change });
  }

  /**
   * Writes bars of one ticker over what an earlier answer of the same source held: they add to it and correct it,
   * but what they lack stays.
   */
  putOver(ticker: string, bars: readonly Bar[]): void {
    const key = this.#keyOf(trackedSymbol(this.#dataset, ticker));
    const earlier = findBatch(this.#cache, key);
    const isTrusted = earlier?.source === this.#origin.source && earlier.contentHash !== UNREAD_HASH;
    const held = isTrusted ? batchBars(this.#cache, key) : [];
    // Of two bars of one minute the first stays: the new one.
    this.put(ticker, mergeBars([...bars, ...held]).bars);
  }

  /** Notes that those of `tickers` that were not put have no bars on this day. */
  putAbsent(tickers: Iterable<string>): void {
    for (const ticker of tickers) if (!this.#written.has(ticker)) this.put(ticker, []);
  }

  /**
   * Ends the day: what stood in its way before is forgotten. `overlap` is what blocks that were put for one ticker
   * say twice.
   */
  finish(): { readonly changes: DayChanges; readonly overlap: BlockOverlap } {
    this.#addWaiting();
    clearProblems(this.#cache, this.#dataset, this.#date, this.#written.keys());
    let [bars, added, changed, removed] = [0, 0, 0, 0];
    for (const { change } of this.#written.values()) {
      bars += change.bars;
      added += change.added;
      changed += change.changed;
      removed += change.removed.length;
    }
    return {
      changes: { batches: this.#written.size, bars, added, changed, removed },
      overlap: { duplicates: this.#duplicates, conflicts: this.#conflicts },
    };
  }

  /** What the day's flat file did to batches that another source, or an earlier version of it, had written. */
  replaced(source: BatchSource): Replaced {
    const sum = { batches: 0, added: 0, changed: 0, removed: 0 };
    for (const { before, change } of this.#written.values()) {
      const isOther = before?.source === source && before.flatFileId !== this.#origin.flatFileId;
      // Nothing is replaced where an answer without bars is confirmed.
      if (!isOther || before.barCount + change.bars === 0) continue;
      sum.batches++;
      sum.added += change.added;
      sum.changed += change.changed;
      sum.removed += change.removed.length;
    }
    return sum;
  }

  /** Adding a block rewrites its batch, so in a file that goes back and forth between tickers many are added at once. */
  #wait(ticker: string, bars: readonly Bar[]): void {
    const others = this.#waiting.get(ticker);
    if (others === undefined) this.#waiting.set(ticker, [...bars]);
    else for (const bar of bars) others.push(bar);
    this.#waitingBars += bars.length;
    if (this.#waitingBars > MAX_WAITING_BARS) this.#addWaiting();
  }

  #addWaiting(): void {
    for (const [ticker, bars] of this.#waiting) {
      const written = this.#written.get(ticker);
      if (written === undefined) continue;
      const { key, before, change } = written;
      const sum = appendToBatch(this.#cache, key, bars, this.#origin, before, change);
      this.#written.set(ticker, { key, before, change: sum.change });
      this.#duplicates += sum.merged.duplicates;
      for (const bar of sum.merged.conflicts) this.#conflicts.push({ ticker, bar });
    }
    this.#waiting = new Map();
    this.#waitingBars = 0;
  }

  #keyOf(symbol: TrackedSymbol): BatchKey {
    return {
      symbolId: symbolId(this.#cache, symbol),
      timeframeMinutes: ONE_MINUTE,
      epochDay: epochDayOf(this.#date),
    };
  }
}

/** The tickers of a dataset that have a batch on `date`. */
export function tickersOfDay(cache: Cache, dataset: Dataset, date: string): string[] {
  return cache.db
    .query<{ ticker: string }, [string, number, number]>(
      `SELECT s.ticker FROM batches b JOIN symbols s ON s.id = b.symbol_id
       WHERE s.dataset = ? AND b.timeframe_minutes = ? AND b.epoch_day = ?`,
    )
    .all(dataset, ONE_MINUTE, epochDayOf(date))
    .map((row) => row.ticker);
}
