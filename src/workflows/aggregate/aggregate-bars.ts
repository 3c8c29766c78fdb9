import type { Bar } from "../../core/bar.ts";
import { decimalSum } from "../../core/sum.ts";
import { isDayTimeframe, windowStartMs, type DayWindows } from "../../core/windows.ts";

/**
 * Bars of `timeframeMinutes` made from the minutes of one day (in time order): first open, highest high, lowest low, last
 * close, volume and trades summed, vwap weighted by volume. Minutes outside of `windows` do not count. A bar of a day is
 * stamped `dayStartMs`.
 */
export function aggregateBars(
  minutes: readonly Bar[],
  timeframeMinutes: number,
  windows: DayWindows,
  dayStartMs: number,
): Bar[] {
  const counted = minutes.filter(
    (minute) => minute.windowStartMs >= windows.fromMs && minute.windowStartMs < windows.toMs,
  );
  const gathered = Map.groupBy(counted, (minute) =>
    isDayTimeframe(timeframeMinutes)
      ? dayStartMs
      : windowStartMs(windows, timeframeMinutes, minute.windowStartMs),
  );
  return [...gathered].map(([startMs, ofWindow]) => barOf(startMs, ofWindow));
}

/** The bar of the minutes of one window, in time order. */
function barOf(startMs: number, minutes: readonly Bar[]): Bar {
  let [high, low] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const minute of minutes) {
    high = Math.max(high, minute.high);
    low = Math.min(low, minute.low);
  }
  return {
    windowStartMs: startMs,
    open: minutes[0]?.open ?? Number.NaN,
    high,
    low,
    close: minutes.at(-1)?.close ?? Number.NaN,
    volume: sumOfKnown(minutes.map(({ volume }) => volume)),
    vwap: vwapOf(minutes),
    transactions: sumOfKnown(minutes.map(({ transactions }) => transactions)),
  };
}

/** Null if no minute says it. */
function sumOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : decimalSum(known);
}

/** A double's worth of digits that are the same on every machine and in every order of adding. */
const VWAP_DIGITS = 12;

/** The mean of the minutes' vwap weighted by volume; null if nothing was traded, or a minute with volume has none. */
function vwapOf(minutes: readonly Bar[]): number | null {
  let [traded, volumes] = [0, 0];
  for (const { vwap, volume } of minutes) {
    if (volume === null || volume === 0) continue;
    if (vwap === null) return null;
    traded += vwap * volume;
    volumes += volume;
  }
  return vwapOfSums(traded, volumes);
}

/** The mean price of what was traded, by the sum of price times volume and the sum of volumes; null if nothing was. */
export function vwapOfSums(traded: number, volume: number): number | null {
  return volume === 0 ? null : Number((traded / volume).toPrecision(VWAP_DIGITS));
}
