import type { Batch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { minuteSums, type MinuteSums } from "../../cache/minute-sums.ts";
import type { Bar } from "../../core/bar.ts";
import type { Dataset } from "../../core/datasets.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { dayBounds } from "../../core/day-bounds.ts";
import { dayBarStartMs, dayWindows, type SessionKind } from "../../core/windows.ts";
import { vwapOfSums } from "../aggregate/aggregate-bars.ts";

/** Digits of a double that say what adding the texts of its summands would. */
const DECIMAL_DIGITS = 15;

/**
 * The bar of a whole day, as `aggregate` makes it, without reading its minutes into memory: years of them are summed in a
 * moment. Null for a day without a minute of the session.
 */
export function dayBar(cache: Cache, dataset: Dataset, batch: Batch, session: SessionKind): Bar | null {
  const date = dateOfEpochDay(batch.epochDay);
  const windows = dayWindows(dataset, date, session);
  if (windows === null) return null;
  // The windows of coins and pairs have no end, and without one each day would search the years of the symbol.
  const bounds = dayBounds(date);
  const fromMs = Math.max(windows.fromMs, bounds.fromMs);
  const sums = minuteSums(cache, batch, fromMs, Math.min(windows.toMs, bounds.toMs));
  return sums === null ? null : barOf(dayBarStartMs(dataset, date, session), sums);
}

function barOf(windowStartMs: number, sums: MinuteSums): Bar {
  const { open, high, low, close, volume, transactions, unpricedVolume, traded } = sums;
  return {
    windowStartMs,
    open,
    high,
    low,
    close,
    volume: volume === null ? null : Number(volume.toPrecision(DECIMAL_DIGITS)),
    vwap: volume === null || unpricedVolume > 0 ? null : vwapOfSums(traded, volume),
    transactions,
  };
}
