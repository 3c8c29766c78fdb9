import { batchesOf } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { UNREAD_HASH } from "../../cache/mark-unread.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";

/** A day of a series that has bars. */
export interface CachedDay {
  readonly epochDay: number;
  readonly contentHash: string;
  readonly bars: number;
}

/** Whose bars they are, and which. */
export interface SeriesKey {
  readonly symbol: TrackedSymbol;
  readonly symbolId: number;
  readonly timeframeMinutes: number;
}

/** A symbol in one timeframe, and the days of it that the cache has bars of, in order. */
export interface CachedSeries extends SeriesKey {
  readonly days: readonly CachedDay[];
}

export interface Inventory {
  readonly series: readonly CachedSeries[];
  /** Days that are marked as not read: their bars are not to be trusted, and are left out. */
  readonly unreadDays: number;
}

const LAST_EPOCH_DAY = 1_000_000;

/** What the cache has of `symbols` in `timeframes` (minutes); series without a bar are left out. */
export function inventoryOf(
  cache: Cache,
  symbols: readonly TrackedSymbol[],
  timeframes: readonly number[],
): Inventory {
  const series: CachedSeries[] = [];
  let unreadDays = 0;
  for (const symbol of symbols) {
    const symbolId = knownSymbolId(cache, symbol);
    if (symbolId === null) continue;
    for (const timeframeMinutes of timeframes) {
      const key = { symbol, symbolId, timeframeMinutes };
      const { days, unread } = daysOf(cache, key, 0, LAST_EPOCH_DAY);
      unreadDays += unread;
      if (days.length > 0) series.push({ ...key, days });
    }
  }
  return { series, unreadDays };
}

/** The days of a series that have bars, from one date to another, both included; and how many are marked as not read. */
export function daysOf(
  cache: Cache,
  { symbolId, timeframeMinutes }: Pick<SeriesKey, "symbolId" | "timeframeMinutes">,
  fromEpochDay: number,
  toEpochDay: number,
): { readonly days: CachedDay[]; readonly unread: number } {
  const days: CachedDay[] = [];
  let unread = 0;
  for (const batch of batchesOf(cache, symbolId, timeframeMinutes, fromEpochDay, toEpochDay)) {
    const { epochDay, contentHash, barCount } = batch;
    if (contentHash === UNREAD_HASH) unread++;
    else if (barCount > 0) days.push({ epochDay, contentHash, bars: barCount });
  }
  return { days, unread };
}
