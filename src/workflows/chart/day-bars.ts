import type { Batch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { UNREAD_HASH } from "../../cache/mark-unread.ts";
import { minuteSums, type MinuteSums } from "../../cache/minute-sums.ts";
import type { Bar } from "../../core/bar.ts";
import type { Dataset } from "../../core/datasets.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { dayBounds } from "../../core/day-bounds.ts";
import { dayBarStartMs, dayWindows, type SessionKind } from "../../core/windows.ts";
import { vwapOfSums } from "../aggregate/aggregate-bars.ts";

/** Digits of a double that say what adding the texts of its summands would. */
const DECIMAL_DIGITS = 15;

/** Some 30 MB: the days of 60 symbols over ten years. */
const MOST_REMEMBERED = 150_000;

/**
 * Bars that were made before, by the minutes they are made of, for whoever asks again: a page does, at every step through
 * the years. Equal minutes make equal bars, so that nothing is ever out of date.
 */
const remembered = new Map<string, Bar | null>();

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
  const toMs = Math.min(windows.toMs, bounds.toMs);
  const startMs = dayBarStartMs(dataset, date, session);
  const minutes = `${batch.contentHash} ${fromMs} ${toMs} ${startMs}`;
  const known = batch.contentHash === UNREAD_HASH ? undefined : remembered.get(minutes);
  if (known !== undefined) return known;
  const sums = minuteSums(cache, batch, fromMs, toMs);
  const bar = sums === null ? null : barOf(startMs, sums);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  if (batch.contentHash !== UNREAD_HASH) remembered.set(minutes, bar);
  return bar;
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
