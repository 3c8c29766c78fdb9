import type { Chart, ChartBar } from "./answers.ts";
import { plural } from "./words.ts";
import { clockSecondsIn, zoneOf } from "./zone-time.ts";

/** What lacks in or beside a bar. */
export interface ChartMark {
  /** Start of the bar's window, epoch ms. */
  readonly timestamp: number;
  /** Minutes without a bar that lie in its window, or between it and the one before it. */
  readonly minutes: number;
  /** Whole days before it; after it, if it is the last. */
  readonly days: number;
}

/** Marks drawn at once: more of them cover the bars, and take the chart longer than a frame. */
export const MOST_MARKS = 400;
const MINUTE_MS = 60_000;
const MINUTES_OF_DAY = 1440;
const MINUTES_OF_UNIT: Readonly<Record<string, number>> = { m: 1, h: 60, d: MINUTES_OF_DAY };

/** The bars of a chart in or beside which minutes or whole days lack, ascending. */
export function chartMarks({ dataset, timeframe, bars, holes, days }: Chart): ChartMark[] {
  const marks = new Map<number, { minutes: number; days: number }>();
  const add = (bar: ChartBar | undefined, minutes: number, wholeDays: number) => {
    if (bar === undefined) return;
    const known = marks.get(bar.timestamp) ?? { minutes: 0, days: 0 };
    marks.set(bar.timestamp, { minutes: known.minutes + minutes, days: known.days + wholeDays });
  };
  const windowMs = Number.parseInt(timeframe, 10) * (MINUTES_OF_UNIT[timeframe.slice(-1)] ?? 1) * MINUTE_MS;
  for (const hole of holes) add(barOf(hole, bars, windowMs), hole.minutes, 0);
  const clockSeconds = clockSecondsIn(zoneOf(dataset));
  for (const { date, state } of days) {
    if (state !== "missing" && state !== "failed") continue;
    const midnight = Date.parse(date) / 1000;
    const after = firstWhere(bars, ({ timestamp }) => clockSeconds(timestamp) > midnight);
    add(bars[after] ?? bars.at(-1), 0, 1);
  }
  return [...marks]
    .map(([timestamp, lacking]) => ({ timestamp, ...lacking }))
    .toSorted((one, other) => one.timestamp - other.timestamp);
}

/**
 * Of the marks from one instant to another (epoch ms, both included) those that are drawn, ascending. Of many it is one of
 * each few that follow each other, where most lacks.
 */
export function marksInSight(marks: readonly ChartMark[], fromMs: number, toMs: number): ChartMark[] {
  const inSight = marks.filter(({ timestamp }) => timestamp >= fromMs && timestamp <= toMs);
  const few = Math.ceil(inSight.length / MOST_MARKS);
  const drawn: ChartMark[] = [];
  for (const [index, mark] of inSight.entries()) {
    const kept = drawn.at(-1);
    if (index % few === 0 || kept === undefined) drawn.push(mark);
    else if (weightOf(mark) > weightOf(kept)) drawn[drawn.length - 1] = mark;
  }
  return drawn;
}

function weightOf({ minutes, days }: ChartMark): number {
  return days * MINUTES_OF_DAY + minutes;
}

/** `−2 days −13`: what lacks, minutes without a word. */
export function markText({ minutes, days }: ChartMark): string {
  const parts = [days === 0 ? "" : `−${plural(days, "day")}`, minutes === 0 ? "" : `−${minutes}`];
  return parts.join(" ").trim();
}

/** The bar in whose window a hole begins; else the one after it, unless that is farther away: a hole at the close. */
function barOf(
  { from, to }: Chart["holes"][number],
  bars: readonly ChartBar[],
  windowMs: number,
): ChartBar | undefined {
  const next = firstWhere(bars, ({ timestamp }) => timestamp > from);
  const [before, after] = [bars[next - 1], bars[next]];
  if (before === undefined || after === undefined) return before ?? after;
  const sinceMs = from - (before.timestamp + windowMs);
  return sinceMs < 0 || sinceMs < after.timestamp - to ? before : after;
}

/** The index of the first of ascending bars for which `isThere`; their number if there is none. */
function firstWhere(bars: readonly ChartBar[], isThere: (bar: ChartBar) => boolean): number {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const bar = bars[middle];
    if (bar !== undefined && isThere(bar)) high = middle;
    else low = middle + 1;
  }
  return low;
}
