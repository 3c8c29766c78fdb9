import { batchesOf, type Batch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import { epochDayOf } from "../../core/dates.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE } from "../../core/timeframes.ts";

/** Which bars are checked: symbols that the cache knows, and days. */
export interface VerifyScope {
  readonly symbols: readonly TrackedSymbol[];
  /** First and last day, both included; null for every day that is cached. */
  readonly range: { readonly from: string; readonly to: string } | null;
}

/** How the checks are made. */
export interface VerifyOptions {
  /** Largest step from one bar to the next, in percent; null for what is usual for the dataset, 0 for any. */
  readonly jumpPercent: number | null;
  /** By how much, in percent, a day's prices may differ from the vendor's own day bar. */
  readonly tolerancePercent: number;
  /**
   * Whether batches that the database does not have as they are become unsynced, and days whose bars are not as they
   * were read become unread.
   */
  readonly repair: boolean;
  /** What the plan allows for each asset class; null: as fast as it goes. */
  readonly requestsPerMinute: number | null;
}

const LAST_EPOCH_DAY = 1_000_000;

/** The id of a symbol in the cache and its batches in the scope's days, in date order; null if it has none at all. */
export function batchesInScope(
  cache: Cache,
  symbol: TrackedSymbol,
  { range }: VerifyScope,
  timeframeMinutes = ONE_MINUTE,
): { readonly symbolId: number; readonly batches: readonly Batch[] } | null {
  const symbolId = knownSymbolId(cache, symbol);
  if (symbolId === null) return null;
  const [from, to] = range === null ? [0, LAST_EPOCH_DAY] : [epochDayOf(range.from), epochDayOf(range.to)];
  return { symbolId, batches: batchesOf(cache, symbolId, timeframeMinutes, from, to) };
}
