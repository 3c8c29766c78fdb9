import { batchesOf } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { contentHash } from "../../cache/content-hash.ts";
import { staleDays } from "../../cache/derivations.ts";
import { UNREAD_HASH } from "../../cache/mark-unread.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import { keptTimeframes } from "../../cache/timeframes.ts";
import { BackfillError } from "../../core/errors.ts";
import { formatCount } from "../../core/format.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE, timeframeName } from "../../core/timeframes.ts";
import type { SessionKind } from "../../core/windows.ts";
import { madeBars } from "../aggregate/made-bars.ts";

/** A day of a series that the cache knows; one that has no bars has none in truth. */
export interface CachedDay {
  readonly epochDay: number;
  readonly contentHash: string;
  readonly bars: number;
  /** Whether its bars are made from the minutes as they are read: those that the cache keeps are of earlier minutes. */
  readonly isMade: boolean;
}

/** Whose bars they are, and which. */
export interface SeriesKey {
  readonly symbol: TrackedSymbol;
  readonly symbolId: number;
  readonly timeframeMinutes: number;
  /** The minutes that coarser bars are made from. */
  readonly session: SessionKind;
}

/** A symbol in one timeframe, and the days of it that the cache knows, in order. */
export interface CachedSeries extends SeriesKey {
  readonly days: readonly CachedDay[];
}

export interface Inventory {
  readonly series: readonly CachedSeries[];
  /** Days that are marked as not read: their bars are not to be trusted, and are left out. */
  readonly unreadDays: number;
}

const LAST_EPOCH_DAY = 1_000_000;

/** Days whose coarser bars are made for an export: more of them take longer than anybody waits without a word. */
const MOST_DAYS_MADE = 5000;

/**
 * What the cache has of `symbols` in `timeframes` (minutes). Coarser bars are those of the present minutes, for every
 * symbol: what no run has made of them yet is made here.
 * @throws BackfillError (usage) if too much of it is not made yet.
 */
export function inventoryOf(
  cache: Cache,
  symbols: readonly TrackedSymbol[],
  timeframes: readonly number[],
): Inventory {
  const sessions = new Map(
    keptTimeframes(cache).map(({ timeframeMinutes, session }) => [timeframeMinutes, session]),
  );
  sessions.set(ONE_MINUTE, "all");
  const keys = symbols.flatMap((symbol) => {
    const symbolId = knownSymbolId(cache, symbol);
    return timeframes.flatMap((timeframeMinutes): SeriesKey[] => {
      const session = sessions.get(timeframeMinutes);
      return symbolId === null || session === undefined
        ? []
        : [{ symbol, symbolId, timeframeMinutes, session }];
    });
  });
  refuseTooMuch(cache, keys);
  const series: CachedSeries[] = [];
  // The days of a symbol are the same ones in each of its timeframes.
  const unreadDays = new Map<number, number>();
  for (const key of keys) {
    const { days, unread } = daysOf(cache, key, 0, LAST_EPOCH_DAY);
    unreadDays.set(key.symbolId, unread);
    if (days.length > 0) series.push({ ...key, days });
  }
  return { series, unreadDays: unreadDays.values().reduce((sum, days) => sum + days, 0) };
}

function refuseTooMuch(cache: Cache, keys: readonly SeriesKey[]): void {
  const days = keys.reduce((sum, key) => sum + unmadeDays(cache, key, 0, LAST_EPOCH_DAY).length, 0);
  if (days <= MOST_DAYS_MADE) return;
  const names = [...new Set(keys.map(({ timeframeMinutes }) => timeframeMinutes))]
    .filter((minutes) => minutes !== ONE_MINUTE)
    .map(timeframeName)
    .join(",");
  throw new BackfillError({
    kind: "usage",
    operation: "read --timeframe",
    reason: `${names} bars of ${formatCount(days)} days are not made from their minutes yet`,
    nextStep: `Make them first: massive-backfill aggregate --timeframes=${names}.`,
  });
}

/** The dates of a series whose coarser bars are not made from the present minutes. */
function unmadeDays(cache: Cache, key: SeriesKey, fromEpochDay: number, toEpochDay: number): number[] {
  const { symbolId, timeframeMinutes, session } = key;
  if (timeframeMinutes === ONE_MINUTE) return [];
  return staleDays(cache, { symbolId, fromEpochDay, toEpochDay }, timeframeMinutes, session);
}

/** The days of a series that the cache knows, from one date to another, both included; and how many are marked as not read. */
export function daysOf(
  cache: Cache,
  key: SeriesKey,
  fromEpochDay: number,
  toEpochDay: number,
): { readonly days: CachedDay[]; readonly unread: number } {
  const { symbolId, timeframeMinutes } = key;
  const minutes = batchesOf(cache, symbolId, ONE_MINUTE, fromEpochDay, toEpochDay);
  const readable = minutes.filter((batch) => batch.contentHash !== UNREAD_HASH);
  const unread = minutes.length - readable.length;
  if (timeframeMinutes === ONE_MINUTE) return { days: readable.map((batch) => cachedDay(batch)), unread };
  const unmade = new Set(unmadeDays(cache, key, fromEpochDay, toEpochDay));
  const kept = new Map(
    batchesOf(cache, symbolId, timeframeMinutes, fromEpochDay, toEpochDay).map((batch) => [
      batch.epochDay,
      batch,
    ]),
  );
  const days = readable.map(({ epochDay }) => {
    const batch = unmade.has(epochDay) ? undefined : kept.get(epochDay);
    return batch === undefined ? madeDay(cache, key, epochDay) : cachedDay(batch);
  });
  return { days, unread };
}

function cachedDay({
  epochDay,
  contentHash: hash,
  barCount,
}: {
  readonly epochDay: number;
  readonly contentHash: string;
  readonly barCount: number;
}): CachedDay {
  return { epochDay, contentHash: hash, bars: barCount, isMade: false };
}

/** A day as it will be in the cache once its bars are made: a file of it is not written again for that. */
function madeDay(cache: Cache, key: SeriesKey, epochDay: number): CachedDay {
  const bars = madeBars(cache, key.symbol.dataset, { ...key, epochDay }, key);
  return { epochDay, contentHash: contentHash(bars), bars: bars.length, isMade: true };
}
