import { MINUTE_MS } from "../../core/bar.ts";
import { addDays, CHICAGO, NEW_YORK, weekdayOf, zonedTimeMs } from "../../core/dates.ts";
import type { Dataset } from "../../core/datasets.ts";
import { sessionOf } from "../../core/sessions.ts";

/** How busy the minutes of a segment are; in `spare` minutes only a republished file has bars. */
export type Activity = "session" | "extended" | "spare";

interface Segment {
  readonly activity: Activity;
  readonly minutes: number;
}

/** The minutes of one day in which a ticker may have bars: segments one after the other from `startMs` on. */
export interface TradingHours {
  readonly startMs: number;
  readonly segments: readonly Segment[];
}

const SPARE_MINUTES = 5;
const OPTIONS_LATE_MINUTES = 15;
const PRE_MARKET_OPEN = "04:00";
const AFTER_HOURS_MINUTES = 240;

/** Longest day in minutes: 25 hours, when clocks are set back. */
export const MAX_DAY_MINUTES = 1500;

/**
 * When a ticker of `dataset` trades on `date`, or null if it does not. Source: the vendor's documentation, as
 * collected by people who measured it: stocks 04:00 to 19:59 New York time, options 09:30 to 16:15.
 * An `overnight` index has the whole day of Chicago, where the vendor's index day begins.
 */
export function tradingHours(dataset: Dataset, date: string, overnight: boolean): TradingHours | null {
  if (overnight) return weekdayOf(date) > 5 ? null : chicagoDay(date);
  const session = sessionOf(dataset, date);
  if (session === null) return null;
  const regular: Segment = { activity: "session", minutes: session.minutes };
  if (dataset === "stocks") return stockHours(date, session.openMs, regular);
  if (dataset === "options")
    return hours(session.openMs, regular, { activity: "extended", minutes: OPTIONS_LATE_MINUTES });
  if (dataset === "indices")
    return hours(session.openMs, regular, { activity: "spare", minutes: SPARE_MINUTES });
  return hours(session.openMs, regular);
}

function hours(startMs: number, ...segments: Segment[]): TradingHours {
  return { startMs, segments };
}

function stockHours(date: string, openMs: number, regular: Segment): TradingHours {
  const startMs = zonedTimeMs(date, PRE_MARKET_OPEN, NEW_YORK);
  return hours(startMs, { activity: "extended", minutes: (openMs - startMs) / MINUTE_MS }, regular, {
    activity: "extended",
    minutes: AFTER_HOURS_MINUTES,
  });
}

function chicagoDay(date: string): TradingHours {
  const startMs = zonedTimeMs(date, "00:00", CHICAGO);
  const minutes = (zonedTimeMs(addDays(date, 1), "00:00", CHICAGO) - startMs) / MINUTE_MS;
  return hours(startMs, { activity: "session", minutes });
}
