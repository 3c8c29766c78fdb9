import { MINUTE_MS } from "./bar.ts";
import { DATASET_FACTS, type Dataset } from "./datasets.ts";
import { addDays, CHICAGO, NEW_YORK, zonedTimeMs } from "./dates.ts";
import { sessionOf } from "./sessions.ts";
import { ONE_DAY } from "./timeframes.ts";

/** Which minutes of a day coarser bars are made from: those of the regular session, or all there are. */
export const SESSION_KINDS = ["regular", "all"] as const;

export type SessionKind = (typeof SESSION_KINDS)[number];

/** Whether `text` is one of the kinds of session. */
export function isSessionKind(text: string): text is SessionKind {
  return (SESSION_KINDS as readonly string[]).includes(text);
}

/** The windows into which the minutes of one day are gathered. Instants are UTC epoch ms. */
export interface DayWindows {
  /** The minutes that count, the end exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Where the grid of windows begins: the session's open. */
  readonly anchorMs: number;
  /** Instants, ascending, at which a window ends whatever the grid says. */
  readonly cutsMs: readonly number[];
}

/** Midnights at which the vendor may divide a day from the next where it does not say in which zone it does. */
const POSSIBLE_CUT_ZONES = ["UTC", NEW_YORK, CHICAGO];

const NYSE_OPEN = "09:30";
const MIDNIGHT = "00:00";

/**
 * The windows of `dataset` on `date`. Stocks, options and indices have a regular session, anchored at its open; `all`
 * adds the minutes before and after it on the same grid. A crypto or forex day is its own session and always whole.
 * Null if `regular` is asked for a day without one.
 *
 * Each minute belongs to one date, and a window ends at the midnight that divides two of them, or at each midnight that may
 * where that is not known (indices, forex): no two dates have bars of one window.
 */
export function dayWindows(dataset: Dataset, date: string, kind: SessionKind): DayWindows | null {
  const { sessionCalendar, dayTimeZone } = DATASET_FACTS[dataset];
  const session = sessionOf(dataset, date);
  const isExchange = sessionCalendar === "nyse";
  if (isExchange && kind === "regular")
    return session && { fromMs: session.openMs, toMs: session.closeMs, anchorMs: session.openMs, cutsMs: [] };
  const anchorMs =
    session?.openMs ??
    (isExchange ? zonedTimeMs(date, NYSE_OPEN, NEW_YORK) : zonedTimeMs(date, MIDNIGHT, dayTimeZone));
  const isCutKnown = dataset !== "indices" && dataset !== "forex";
  const cutZones = isCutKnown ? [dayTimeZone] : POSSIBLE_CUT_ZONES;
  const cutsMs = [date, addDays(date, 1)].flatMap((day) =>
    cutZones.map((zone) => zonedTimeMs(day, MIDNIGHT, zone)),
  );
  return {
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
    anchorMs,
    cutsMs: cutsMs.toSorted((one, other) => one - other),
  };
}

/**
 * The stamp of the one `1d` bar of a day, epoch ms: the open of the session it is made from; for `all` minutes of an
 * exchange's day the midnight before it, in New York.
 */
export function dayBarStartMs(dataset: Dataset, date: string, kind: SessionKind): number {
  const { sessionCalendar, dayTimeZone } = DATASET_FACTS[dataset];
  const session = sessionOf(dataset, date);
  if (session !== null && (kind === "regular" || sessionCalendar !== "nyse")) return session.openMs;
  return zonedTimeMs(date, MIDNIGHT, dayTimeZone);
}

/** The window of `timeframeMinutes` (below a day) that the minute at `minuteMs` belongs to: its start, epoch ms. */
export function windowStartMs(
  { anchorMs, cutsMs }: DayWindows,
  timeframeMinutes: number,
  minuteMs: number,
): number {
  const lengthMs = timeframeMinutes * MINUTE_MS;
  const onGridMs = anchorMs + Math.floor((minuteMs - anchorMs) / lengthMs) * lengthMs;
  let startMs = onGridMs;
  for (const cutMs of cutsMs) if (cutMs <= minuteMs && cutMs > startMs) startMs = cutMs;
  return startMs;
}

/** The end of the window that begins at `startMs`, epoch ms, exclusive. */
export function windowEndMs(windows: DayWindows, timeframeMinutes: number, startMs: number): number {
  const { anchorMs, cutsMs, toMs } = windows;
  const lengthMs = timeframeMinutes * MINUTE_MS;
  const onGridMs = anchorMs + (Math.floor((startMs - anchorMs) / lengthMs) + 1) * lengthMs;
  const cutMs = cutsMs.find((cut) => cut > startMs) ?? onGridMs;
  return Math.min(onGridMs, cutMs, toMs);
}

/** Whether bars of that timeframe stand for whole days. */
export function isDayTimeframe(timeframeMinutes: number): boolean {
  return timeframeMinutes === ONE_DAY;
}
