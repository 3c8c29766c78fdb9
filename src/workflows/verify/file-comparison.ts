import { barsOfOtherDays, batchBars, type BatchKey } from "../../cache/bars.ts";
import { findBatch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import type { FlatFileVersion } from "../../cache/flat-files.ts";
import { UNREAD_HASH } from "../../cache/mark-unread.ts";
import { isNameFree, knownSymbolId } from "../../cache/symbols.ts";
import { MINUTE_MS, type Bar } from "../../core/bar.ts";
import type { Dataset } from "../../core/datasets.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { dayBounds } from "../../core/day-bounds.ts";
import { sameBar } from "../../core/merge-bars.ts";
import { trackedSymbol, type TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE } from "../../core/timeframes.ts";
import { compareBars, Differences, type Difference } from "./compare-batch.ts";

/** How the day of one symbol differs from the file it was read from. */
export interface DifferingDay {
  readonly symbol: TrackedSymbol;
  readonly date: string;
  readonly differences: readonly Difference[];
}

/** What is known of a ticker whose rows have come. */
interface Seen {
  /** Null for a ticker without a batch, which should have one. */
  readonly key: BatchKey | null;
  readonly revision: number;
  /** The minutes that have come, counted from the start of the day: of two bars of one minute the first counts. */
  minutes: Uint16Array;
  /** Of these, in the batch. */
  found: number;
  /** Bars of the batch. */
  held: number;
  readonly differences: Differences;
}

/**
 * Compares the rows of a flat file with the batches that were read from it, by the rules by which they were written:
 * the first bar of a minute counts, and a minute that another date's batch has stays there. Holds one block and, of
 * every ticker, its minutes.
 */
export class FileComparison {
  readonly #cache: Cache;
  readonly #dataset: Dataset;
  readonly #version: FlatFileVersion;
  readonly #date: string;
  readonly #startMs: number;
  /** By ticker; null for one that was not read from this version. */
  readonly #seen = new Map<string, Seen | null>();
  bars = 0;

  constructor(cache: Cache, dataset: Dataset, version: FlatFileVersion) {
    this.#cache = cache;
    this.#dataset = dataset;
    this.#version = version;
    this.#date = dateOfEpochDay(version.epochDay);
    this.#startMs = dayBounds(this.#date).fromMs;
  }

  /** Takes bars of one ticker, in time order; a ticker may come in several blocks. */
  put(ticker: string, bars: readonly Bar[]): void {
    this.#cache.db.transaction(() => {
      const known = this.#seen.get(ticker);
      const seen = known === undefined ? this.#begin(ticker) : known;
      if (known === undefined) this.#seen.set(ticker, seen);
      if (seen === null) return;
      const fresh = this.#firstOfEachMinute(seen, bars);
      this.bars += fresh.length;
      if (seen.key !== null) this.#compare(seen, seen.key, fresh);
      else if (fresh[0] !== undefined) seen.differences.oneSided("bars-lacking", fresh[0], fresh.length);
    })();
  }

  /**
   * Ends the file; `tickers` are those that were read from it. A day that a run has written anew meanwhile is left
   * out.
   */
  finish(tickers: readonly string[]): DifferingDay[] {
    const days: DifferingDay[] = [];
    for (const ticker of new Set([...tickers, ...this.#seen.keys()])) {
      const differences = this.#cache.db.transaction(() => this.#finishTicker(ticker))();
      const symbol = trackedSymbol(this.#dataset, ticker);
      if (differences.length > 0) days.push({ symbol, date: this.#date, differences });
    }
    return days;
  }

  #begin(ticker: string): Seen | null {
    const symbol = trackedSymbol(this.#dataset, ticker);
    const key = this.#keyOf(symbol);
    const batch = key === null ? null : findBatch(this.#cache, key);
    const empty = {
      minutes: new Uint16Array(0),
      found: 0,
      held: 0,
      differences: new Differences(this.#date),
    };
    if (key === null || batch === null)
      return isNameFree(this.#cache, symbol) ? { ...empty, key: null, revision: 0 } : null;
    if (batch.flatFileId !== this.#version.id) return null;
    return { ...empty, key, revision: batch.revision };
  }

  #keyOf(symbol: TrackedSymbol): BatchKey | null {
    const symbolId = knownSymbolId(this.#cache, symbol);
    const { epochDay } = this.#version;
    return symbolId === null ? null : { symbolId, timeframeMinutes: ONE_MINUTE, epochDay };
  }

  #firstOfEachMinute(seen: Seen, bars: readonly Bar[]): readonly Bar[] {
    const minuteOf = (bar: Bar) => (bar.windowStartMs - this.#startMs) / MINUTE_MS;
    if (seen.minutes.length === 0) {
      seen.minutes = Uint16Array.from(bars, minuteOf);
      return bars;
    }
    const before = new Set(seen.minutes);
    const fresh = bars.filter((bar) => !before.has(minuteOf(bar)));
    seen.minutes = Uint16Array.from([...before, ...fresh.map(minuteOf)]);
    return fresh;
  }

  #compare(seen: Seen, key: BatchKey, bars: readonly Bar[]): void {
    const held = new Map(batchBars(this.#cache, key).map((bar) => [bar.windowStartMs, bar]));
    const { found, notFound } = compareBars(bars, held, seen.differences);
    seen.found += found;
    seen.held = held.size;
    this.#lookElsewhere(key, notFound, seen.differences);
  }

  /** A minute that another date's file had first stays with that. */
  #lookElsewhere(key: BatchKey, bars: readonly Bar[], differences: Differences): void {
    const [first, last] = [bars[0], bars.at(-1)];
    if (first === undefined || last === undefined) return;
    const foreign = barsOfOtherDays(this.#cache, key, first.windowStartMs, last.windowStartMs);
    const owners = new Map<number, Bar>();
    for (const epochDay of new Set(foreign.map((bar) => bar.epochDay))) {
      const owner = findBatch(this.#cache, { ...key, epochDay });
      const isUnread = owner?.contentHash === UNREAD_HASH;
      // From an answer of the API this file would have taken the minute.
      if (owner === null || (owner.source !== "flatfile" && !isUnread)) continue;
      // What an unread day says, nobody knows until it is read again.
      const claimed = isUnread ? bars : batchBars(this.#cache, owner);
      const minutes = new Set(
        foreign.filter((bar) => bar.epochDay === epochDay).map((bar) => bar.windowStartMs),
      );
      for (const bar of claimed) if (minutes.has(bar.windowStartMs)) owners.set(bar.windowStartMs, bar);
    }
    for (const bar of bars) {
      const owned = owners.get(bar.windowStartMs);
      if (owned === undefined) differences.oneSided("bars-lacking", bar);
      else if (!sameBar(owned, bar)) differences.otherwise("minute-twice", bar, owned);
    }
  }

  #finishTicker(ticker: string): Difference[] {
    const seen = this.#seen.get(ticker);
    if (seen === null) return [];
    const key = this.#keyOf(trackedSymbol(this.#dataset, ticker));
    const batch = key === null ? null : findBatch(this.#cache, key);
    const isSame = seen === undefined ? batch !== null : (batch?.revision ?? 0) === seen.revision;
    if (!isSame || (batch !== null && batch.flatFileId !== this.#version.id)) return [];
    const differences = seen?.differences ?? new Differences(this.#date);
    if (key !== null && (seen === undefined || seen.held > seen.found))
      this.#addExtra(key, seen, differences);
    return differences.all();
  }

  #addExtra(key: BatchKey, seen: Seen | undefined, differences: Differences): void {
    const inFile = new Set(seen?.minutes);
    for (const bar of batchBars(this.#cache, key))
      if (!inFile.has((bar.windowStartMs - this.#startMs) / MINUTE_MS))
        differences.oneSided("bars-extra", bar);
  }
}
