import { MINUTE_MS } from "../../../core/bar.ts";
import { DATASET_FACTS, type Dataset } from "../../../core/datasets.ts";
import { dateInZone, zonedTimeMs } from "../../../core/dates.ts";
import { sessionOf } from "../../../core/sessions.ts";
import { ONE_DAY, timeframeName, timeframesNamed } from "../../../core/timeframes.ts";
import type { Chart } from "../../../workflows/chart/chart.ts";
import type { ChartBar } from "../../../workflows/chart/chart-bars.ts";

/** The bars of one candle. */
interface CandleGroup {
  /** Start of the candle, epoch ms: at or before its first bar. */
  readonly startMs: number;
  readonly bars: readonly ChartBar[];
}

/** Bars as candles, and what one of them stands for: `15m`, `1d`, `4 trading days`. */
interface CandleGroups {
  readonly groups: readonly CandleGroup[];
  readonly candle: string;
}

/** Lengths of candles that people can read off an axis, in minutes. */
const CANDLE_MINUTES = [2, 3, 5, 10, 15, 20, 30, 60, 90, 120, 180, 240, 360, 480, 720];

/**
 * Puts bars together so that there are at most `room` candles: one for each bar if that fits, else of the least length
 * that does, counted from the open of each day; where whole days do not fit either, several days in one.
 */
export function candleGroups(
  { dataset, timeframe, bars }: Pick<Chart, "dataset" | "timeframe" | "bars">,
  room: number,
): CandleGroups {
  if (bars.length <= room)
    return { groups: bars.map((bar) => ({ startMs: bar.timestamp, bars: [bar] })), candle: timeframe };
  const [barMinutes = ONE_DAY] = timeframesNamed([timeframe], "timeframe");
  const days = daysOf(dataset, bars);
  for (const minutes of CANDLE_MINUTES) {
    if (minutes <= barMinutes || minutes % barMinutes !== 0 || days.length > room) continue;
    const groups = days.flatMap((day) => windowsOf(day, minutes * MINUTE_MS));
    if (groups.length <= room && groups.length > days.length)
      return { groups, candle: timeframeName(minutes) };
  }
  const inOne = Math.ceil(days.length / room);
  const groups: CandleGroup[] = [];
  for (let at = 0; at < days.length; at += inOne) {
    const together = days.slice(at, at + inOne).flatMap((day) => day.bars);
    groups.push({ startMs: together[0]?.timestamp ?? 0, bars: together });
  }
  return { groups, candle: inOne === 1 ? timeframeName(ONE_DAY) : `${inOne} trading days` };
}

interface Day {
  readonly openMs: number;
  readonly bars: readonly ChartBar[];
}

function daysOf(dataset: Dataset, bars: readonly ChartBar[]): Day[] {
  const { dayTimeZone } = DATASET_FACTS[dataset];
  const byDate = Map.groupBy(bars, ({ timestamp }) => dateInZone(timestamp, dayTimeZone));
  return [...byDate].map(([date, of]) => ({
    openMs: sessionOf(dataset, date)?.openMs ?? zonedTimeMs(date, "00:00", dayTimeZone),
    bars: of,
  }));
}

function windowsOf({ openMs, bars }: Day, lengthMs: number): CandleGroup[] {
  const byStart = Map.groupBy(
    bars,
    ({ timestamp }) => openMs + Math.floor((timestamp - openMs) / lengthMs) * lengthMs,
  );
  return [...byStart].map(([startMs, of]) => ({ startMs, bars: of }));
}
