import { barsOfDays, type BatchKey } from "../../cache/bars.ts";
import { batchesOf, type Batch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { incompleteBarsOf, staleDays, type DaySpan } from "../../cache/derivations.ts";
import { keptTimeframes } from "../../cache/timeframes.ts";
import type { Bar } from "../../core/bar.ts";
import { DATASET_FACTS, type Dataset } from "../../core/datasets.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { formatCount } from "../../core/format.ts";
import { sessionOf } from "../../core/sessions.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE, timeframeName } from "../../core/timeframes.ts";
import { dayBarStartMs, dayWindows, isDayTimeframe, type SessionKind } from "../../core/windows.ts";
import { aggregateBars } from "../aggregate/aggregate-bars.ts";
import { incompleteBars, isDayCut } from "../aggregate/incomplete-bars.ts";
import { dayBar } from "./day-bars.ts";

/** A bar of a chart, with the names of `historical_bars`, and whether it lacks minutes. */
export interface ChartBar {
  /** Start of its window, epoch ms. */
  readonly timestamp: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number | null;
  readonly vwap: number | null;
  readonly trades: number | null;
  readonly incomplete: boolean;
}

/** Bars of one timeframe, and where they are from. */
export interface ChartBars {
  readonly bars: readonly ChartBar[];
  /** The minutes that coarser bars are made from. */
  readonly session: SessionKind;
  /** `cached`: as the cache keeps them · `now`: made from the minutes for this look. */
  readonly made: "cached" | "now";
}

/** Minutes that are gathered for one look, and bars that one chart shows: more takes longer than anybody waits. */
const MOST_MINUTES = 600_000;
const MOST_BARS = 50_000;

/**
 * The bars of a symbol on the days of `span`, of any timeframe: from the cache if it keeps them up to date, else made from
 * the minutes.
 * @throws BackfillError (usage) for more bars than a chart can show, or more minutes than can be gathered in a moment.
 */
export function chartBars(
  cache: Cache,
  symbol: TrackedSymbol,
  span: DaySpan,
  timeframeMinutes: number,
): ChartBars {
  const { symbolId, fromEpochDay, toEpochDay } = span;
  const session =
    keptTimeframes(cache).find((kept) => kept.timeframeMinutes === timeframeMinutes)?.session ?? "regular";
  const isMinutes = timeframeMinutes === ONE_MINUTE;
  const batches = batchesOf(cache, symbolId, timeframeMinutes, fromEpochDay, toEpochDay);
  const isCached =
    isMinutes || (batches.length > 0 && staleDays(cache, span, timeframeMinutes, session).length === 0);
  if (!isCached) return madeNow(cache, symbol, span, timeframeMinutes, session);
  refuseTooMany(barsIn(batches), MOST_BARS, timeframeMinutes);
  const incomplete = incompleteBarsOf(cache, span, timeframeMinutes);
  const bars = barsOfDays(cache, { symbolId, timeframeMinutes }, fromEpochDay, toEpochDay);
  return {
    bars: bars.map((bar) => chartBar(bar, incomplete)),
    session,
    made: "cached",
  };
}

function madeNow(
  cache: Cache,
  { dataset }: TrackedSymbol,
  { symbolId, fromEpochDay, toEpochDay }: DaySpan,
  timeframeMinutes: number,
  session: SessionKind,
): ChartBars {
  const batches = batchesOf(cache, symbolId, ONE_MINUTE, fromEpochDay, toEpochDay);
  if (isDayTimeframe(timeframeMinutes)) return dayBarsNow(cache, dataset, batches, session);
  refuseTooMany(barsIn(batches), MOST_MINUTES, timeframeMinutes);
  const key: Omit<BatchKey, "epochDay"> = { symbolId, timeframeMinutes: ONE_MINUTE };
  const byDay = Map.groupBy(barsOfDays(cache, key, fromEpochDay, toEpochDay), ({ epochDay }) => epochDay);
  const bars = batches.flatMap((batch): ChartBar[] => {
    const date = dateOfEpochDay(batch.epochDay);
    const windows = dayWindows(dataset, date, session);
    if (windows === null) return [];
    const minutes = byDay.get(batch.epochDay) ?? [];
    const made = aggregateBars(minutes, timeframeMinutes, windows, dayBarStartMs(dataset, date, session));
    const incomplete = new Set(
      incompleteBars(made, timeframeMinutes, windows, { dataset, date, minutes, batch }),
    );
    return made.map((bar) => chartBar(bar, incomplete));
  });
  return { bars: bars.toSorted((one, other) => one.timestamp - other.timestamp), session, made: "now" };
}

/** Bars of whole days are summed by the database: there may be years of them. */
function dayBarsNow(
  cache: Cache,
  dataset: Dataset,
  batches: readonly Batch[],
  session: SessionKind,
): ChartBars {
  const bars = batches.flatMap((batch): ChartBar[] => {
    const bar = dayBar(cache, dataset, batch, session);
    if (bar === null) return [];
    const lacks = isDayLacking(dataset, batch, session);
    return [chartBar(bar, new Set(lacks ? [bar.windowStartMs] : []))];
  });
  return { bars, session, made: "now" };
}

/** Whether a day has holes in its session, or was asked for before it was over. */
function isDayLacking(dataset: Dataset, batch: Batch, session: SessionKind): boolean {
  const date = dateOfEpochDay(batch.epochDay);
  const expected = DATASET_FACTS[dataset].barsEveryMinute ? (sessionOf(dataset, date)?.minutes ?? 0) : 0;
  const windows = dayWindows(dataset, date, session);
  return (
    batch.sessionBarCount < expected || (windows !== null && isDayCut(windows, { dataset, date, batch }))
  );
}

function chartBar(bar: Bar, incomplete: ReadonlySet<number>): ChartBar {
  const { windowStartMs, open, high, low, close, volume, vwap, transactions } = bar;
  const values = { open, high, low, close, volume, vwap, trades: transactions };
  return { timestamp: windowStartMs, ...values, incomplete: incomplete.has(windowStartMs) };
}

function barsIn(batches: readonly Batch[]): number {
  return batches.reduce((sum, { barCount }) => sum + barCount, 0);
}

function refuseTooMany(bars: number, most: number, timeframeMinutes: number): void {
  if (bars <= most) return;
  const name = timeframeName(timeframeMinutes);
  throw new BackfillError({
    kind: "usage",
    code: "too-many-bars",
    operation: `show ${name} bars`,
    reason: `there are ${formatCount(bars)} of the days asked for, more than ${formatCount(most)}`,
    nextStep:
      timeframeMinutes === ONE_MINUTE
        ? "Ask for fewer days, or for coarser bars."
        : `Ask for fewer days, or keep such bars in the cache: massive-backfill aggregate --timeframes=${name}`,
  });
}
