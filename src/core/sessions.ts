import { MINUTE_MS } from "./bar.ts";
import { DATASET_FACTS } from "./datasets.ts";
import type { Dataset, SessionCalendar } from "./datasets.ts";
import { addDays, NEW_YORK, weekdayOf, zonedTimeMs } from "./dates.ts";
import { nyseHours, setAnnouncedDays, type AnnouncedDay } from "./nyse-calendar.ts";

/** The regular trading session of a dataset on one date. */
export interface Session {
  readonly date: string;
  /** First minute of the session, UTC epoch milliseconds. */
  readonly openMs: number;
  /** End of the session (exclusive), UTC epoch milliseconds. */
  readonly closeMs: number;
  /** Length of the session in minutes: 390 for a full NYSE day, 210 on an early close at 13:00. */
  readonly minutes: number;
}

const MIDNIGHT = "00:00";
const FOREX_WEEK_EDGE = "17:00";

const DAY_MINUTES = 1440;

const FRIDAY = 5;
const SATURDAY = 6;
const SUNDAY = 7;

const sessionsByDate: Readonly<Record<SessionCalendar, Map<string, Session | null>>> = {
  nyse: new Map(),
  daily: new Map(),
  forex: new Map(),
};

const computeSession: Readonly<Record<SessionCalendar, (date: string) => Session | null>> = {
  nyse: nyseSession,
  daily: utcDaySession,
  forex: forexSession,
};

/**
 * The session of `dataset` on `date` (`YYYY-MM-DD`), or null if there is none that day. Stocks, options and
 * indices have the regular session of the New York Stock Exchange (some options trade on until 16:15), crypto
 * the whole UTC day, forex the part of New York's day between Sunday 17:00 and Friday 17:00.
 * Each date is worked out once, so a call costs one look-up.
 */
export function sessionOf(dataset: Dataset, date: string): Session | null {
  const calendar = DATASET_FACTS[dataset].sessionCalendar;
  const sessions = sessionsByDate[calendar];
  const known = sessions.get(date);
  if (known !== undefined) return known;
  const computed = computeSession[calendar](date);
  sessions.set(date, computed);
  return computed;
}

/** Minutes of the session of `dataset` on `date`, 0 if there is none: `sessionOf` without working out instants. */
export function sessionMinutes(dataset: Dataset, date: string): number {
  const calendar = DATASET_FACTS[dataset].sessionCalendar;
  if (calendar === "nyse") return nyseMinutes(date) ?? 0;
  if (calendar === "daily") return DAY_MINUTES;
  const weekday = weekdayOf(date);
  if (weekday === SATURDAY) return 0;
  // New York's clocks change early on Sundays, before the week begins.
  if (weekday === SUNDAY) return DAY_MINUTES - minuteOfClock(FOREX_WEEK_EDGE);
  return weekday === FRIDAY ? minuteOfClock(FOREX_WEEK_EDGE) : DAY_MINUTES;
}

/** The minutes of the regular session of the New York Stock Exchange on `date`; null if it is closed. */
export function nyseMinutes(date: string): number | null {
  const hours = nyseHours(date);
  return hours === null ? null : minuteOfClock(hours.close) - minuteOfClock(hours.open);
}

/** Lets the sessions of this process follow what was announced, in place of what they were told before. */
export function useAnnouncedDays(days: readonly AnnouncedDay[]): void {
  setAnnouncedDays(days);
  sessionsByDate.nyse.clear();
}

function minuteOfClock(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function utcDaySession(date: string): Session {
  return session(date, zonedTimeMs(date, MIDNIGHT, "UTC"), zonedTimeMs(addDays(date, 1), MIDNIGHT, "UTC"));
}

function nyseSession(date: string): Session | null {
  const hours = nyseHours(date);
  if (hours === null) return null;
  return session(date, zonedTimeMs(date, hours.open, NEW_YORK), zonedTimeMs(date, hours.close, NEW_YORK));
}

function forexSession(date: string): Session | null {
  const weekday = weekdayOf(date);
  if (weekday === SATURDAY) return null;
  const openMs = zonedTimeMs(date, weekday === SUNDAY ? FOREX_WEEK_EDGE : MIDNIGHT, NEW_YORK);
  const closeMs =
    weekday === FRIDAY
      ? zonedTimeMs(date, FOREX_WEEK_EDGE, NEW_YORK)
      : zonedTimeMs(addDays(date, 1), MIDNIGHT, NEW_YORK);
  return session(date, openMs, closeMs);
}

function session(date: string, openMs: number, closeMs: number): Session {
  return { date, openMs, closeMs, minutes: (closeMs - openMs) / MINUTE_MS };
}
