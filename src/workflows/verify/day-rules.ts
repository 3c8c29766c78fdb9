import type { Dataset } from "../../core/datasets.ts";
import { addDays, NEW_YORK, weekdayOf, zonedTimeMs } from "../../core/dates.ts";
import { dayBounds, type DayBounds } from "../../core/day-bounds.ts";
import { MINUTE_MS } from "../../core/bar.ts";
import { sessionOf, type Session } from "../../core/sessions.ts";

/** What holds for every bar of a dataset on one date. */
export interface DayRules {
  readonly date: string;
  readonly bounds: DayBounds;
  /** When the dataset can trade at all within the bounds, epoch ms with the end exclusive. */
  readonly hours: DayBounds;
  /** The hours in words: `04:00 to 20:00`. */
  readonly hoursText: string;
  /** Whether there cannot be a bar at all. */
  readonly isClosed: boolean;
  readonly session: Session | null;
}

const FRIDAY = 5;

/**
 * The rules of a day. Hours as the vendor documents them and as people measured them: stocks from 04:00 to 19:59 New
 * York time, options from 09:30 to 16:15, forex from Sunday 17:00 to Friday 17:00; crypto always. Some indices follow
 * other markets: their files hold every weekday, holidays too, at any hour.
 */
export function dayRules(dataset: Dataset, date: string): DayRules {
  const bounds = dayBounds(date);
  const session = sessionOf(dataset, date);
  // An index may have bars on a holiday, but none has a file on a weekend.
  const isClosed = dataset === "indices" ? weekdayOf(date) > FRIDAY : session === null;
  return { date, bounds, session, isClosed, ...HOURS[dataset](date, bounds) };
}

type Hours = Pick<DayRules, "hours" | "hoursText">;

const HOURS: Readonly<Record<Dataset, (date: string, bounds: DayBounds) => Hours>> = {
  stocks: (date) => clockHours(date, "04:00", "20:00", 0),
  // The minute that begins at 16:15 holds what is reported late.
  options: (date) => clockHours(date, "09:30", "16:15", MINUTE_MS),
  indices: (_date, bounds) => ({ hours: bounds, hoursText: "any" }),
  crypto: (_date, bounds) => ({ hours: bounds, hoursText: "any" }),
  forex: (date, bounds) => ({ hours: forexHours(date, bounds), hoursText: "Sunday 17:00 to Friday 17:00" }),
};

function clockHours(date: string, from: string, to: string, longerMs: number): Hours {
  return {
    hours: { fromMs: zonedTimeMs(date, from, NEW_YORK), toMs: zonedTimeMs(date, to, NEW_YORK) + longerMs },
    hoursText: `${from} to ${to}`,
  };
}

/** The part of the day's bounds that lies in the forex week: Sunday is before it, Monday to Friday in it. */
function forexHours(date: string, bounds: DayBounds): DayBounds {
  const weekday = weekdayOf(date);
  const sunday = addDays(date, weekday === 7 ? 0 : -weekday);
  const openMs = zonedTimeMs(sunday, "17:00", NEW_YORK);
  const closeMs = zonedTimeMs(addDays(sunday, FRIDAY), "17:00", NEW_YORK);
  return { fromMs: Math.max(openMs, bounds.fromMs), toMs: Math.min(closeMs, bounds.toMs) };
}
