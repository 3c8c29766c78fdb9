import { epochDayOf } from "../../core/dates.ts";
import type { CachedDay, CachedSeries } from "./inventory.ts";
import { plannedFile, seriesOf, type PlannedFile } from "./planned-file.ts";

/** Days, both included, in days since 1970-01-01. */
export interface EpochDays {
  readonly first: number;
  readonly last: number;
}

/** The days of a range; every day there can be for none. */
export function epochDays(range: { readonly from: string; readonly to: string } | null): EpochDays {
  return range === null
    ? { first: 0, last: 1_000_000 }
    : { first: epochDayOf(range.from), last: epochDayOf(range.to) };
}

/** Those of `days` that lie in a range. */
export function daysWithin(days: readonly CachedDay[], { first, last }: EpochDays): CachedDay[] {
  return days.filter(({ epochDay }) => epochDay >= first && epochDay <= last);
}

/** Those of `days` that have bars. */
export function withBars(days: readonly CachedDay[]): CachedDay[] {
  return days.filter(({ bars }) => bars > 0);
}

/** All series as one file, ordered by symbol, then timeframe; null if they have no bars in the range. */
export function oneFile(path: string, series: readonly CachedSeries[], range: EpochDays): PlannedFile | null {
  const filled = series
    .toSorted((one, other) => compareSeries(one, other))
    .map((each) => ({
      part: { ...keyOf(each), fromEpochDay: range.first, toEpochDay: range.last, lean: null },
      days: withBars(daysWithin(each.days, range)),
    }))
    .filter(({ days }) => days.length > 0);
  return filled.length === 0 ? null : plannedFile(path, filled, { days: [], series: [] });
}

/** As SQL orders text: by its characters. */
function compareSeries(one: CachedSeries, other: CachedSeries): number {
  const [a, b] = [seriesOf(one), seriesOf(other)];
  return compareText(a.symbol, b.symbol) || compareText(a.timeframe, b.timeframe);
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** A series without its days. */
export function keyOf({ symbol, symbolId, timeframeMinutes, session }: CachedSeries) {
  return { symbol, symbolId, timeframeMinutes, session };
}
