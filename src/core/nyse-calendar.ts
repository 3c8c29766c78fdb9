import oneOff from "../../data/reference/nyse-calendar.json" with { type: "json" };
import { weekdayOf } from "./dates.ts";

/** When the New York Stock Exchange trades on one date: clock times in New York. */
export interface NyseHours {
  readonly open: string;
  readonly close: string;
}

const OPEN = "09:30";
const FULL_DAY: NyseHours = { open: OPEN, close: "16:00" };
const HALF_DAY: NyseHours = { open: OPEN, close: "13:00" };

const MONDAY = 1;
const THURSDAY = 4;
const SATURDAY = 6;
const SUNDAY = 7;

const FIRST_JUNETEENTH_YEAR = 2022;

const ONE_OFF_DAYS: ReadonlyMap<string, NyseHours | null> = new Map<string, NyseHours | null>([
  ...oneOff.closures.map(({ date }) => [date, null] as const),
  ...oneOff.earlyCloses.map(({ date, close }) => [date, { open: OPEN, close }] as const),
]);
/** What the rules say of the days of a year that are no full days: null for closed. */
const rulesByYear = new Map<number, ReadonlyMap<string, NyseHours | null>>();
let announcedDays: ReadonlyMap<string, NyseHours | null> = new Map();

/** A day on which the exchange was announced to close, or to close early. */
export interface AnnouncedDay {
  readonly date: string;
  /** What for: `National Day of Mourning`. */
  readonly name: string;
  /** When trading ends, a clock time in New York (`13:00`); null if it does not begin. */
  readonly close: string | null;
}

/** Lets the calendar of this process know of announced days, in place of those that it was told before. */
export function setAnnouncedDays(days: readonly AnnouncedDay[]): void {
  announcedDays = new Map(
    days.map(({ date, close }) => [date, close === null ? null : { open: OPEN, close }]),
  );
}

/**
 * The regular session of the New York Stock Exchange on `date`, or null if it is closed: what was announced for that
 * day, the one-off days of `data/reference/nyse-calendar.json`, where the sources are, and the rules of the exchange
 * (its Rule 7.2 and its yearly holiday releases). Right from 2003 on; for years that the exchange has not announced
 * yet it is what the rules give.
 */
export function nyseHours(date: string): NyseHours | null {
  const announced = announcedDays.get(date);
  return announced === undefined || weekdayOf(date) >= SATURDAY ? ruledHours(date) : announced;
}

/** The session of `date` without what was announced since. */
export function ruledHours(date: string): NyseHours | null {
  if (weekdayOf(date) >= SATURDAY) return null;
  const special = ONE_OFF_DAYS.get(date);
  if (special !== undefined) return special;
  const ruled = rulesOf(Number(date.slice(0, 4))).get(date);
  return ruled === undefined ? FULL_DAY : ruled;
}

function rulesOf(year: number): ReadonlyMap<string, NyseHours | null> {
  const known = rulesByYear.get(year);
  if (known !== undefined) return known;
  const days = new Map<string, NyseHours | null>();
  for (const day of halfDaysOf(year)) days.set(day.toString(), HALF_DAY);
  for (const day of holidaysOf(year)) days.set(day.toString(), null);
  rulesByYear.set(year, days);
  return days;
}

function holidaysOf(year: number): Temporal.PlainDate[] {
  const holidays = [
    nthWeekday(year, 1, MONDAY, 3),
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year).subtract({ days: 2 }),
    lastMondayOfMay(year),
    observed(year, 7, 4),
    nthWeekday(year, 9, MONDAY, 1),
    thanksgiving(year),
    observed(year, 12, 25),
  ];
  const newYear = calendarDate(year, 1, 1);
  // On a Saturday New Year's Day is not moved: Friday is the last day of an accounting year (Rule 7.2).
  if (newYear.dayOfWeek !== SATURDAY) holidays.push(observed(year, 1, 1));
  if (year >= FIRST_JUNETEENTH_YEAR) holidays.push(observed(year, 6, 19));
  return holidays;
}

/**
 * Trading ends at 13:00 on the day after Thanksgiving, and on July 3 and December 24 if they are Monday to
 * Thursday: on a Friday they are the observed holiday themselves, and the Friday before a Sunday or Monday
 * holiday is a full day.
 */
function halfDaysOf(year: number): Temporal.PlainDate[] {
  const eves = [calendarDate(year, 7, 3), calendarDate(year, 12, 24)];
  return [thanksgiving(year).add({ days: 1 }), ...eves.filter((day) => day.dayOfWeek <= THURSDAY)];
}

/** The weekday on which a holiday of a fixed date is kept: Sunday's on Monday, Saturday's on Friday. */
function observed(year: number, month: number, dayOfMonth: number): Temporal.PlainDate {
  const day = calendarDate(year, month, dayOfMonth);
  if (day.dayOfWeek === SUNDAY) return day.add({ days: 1 });
  return day.dayOfWeek === SATURDAY ? day.subtract({ days: 1 }) : day;
}

function thanksgiving(year: number): Temporal.PlainDate {
  return nthWeekday(year, 11, THURSDAY, 4);
}

function lastMondayOfMay(year: number): Temporal.PlainDate {
  const last = calendarDate(year, 5, 31);
  return last.subtract({ days: last.dayOfWeek - MONDAY });
}

/** The `nth` (1 to 4) `weekday` (ISO, 1 for Monday) of a month. */
function nthWeekday(year: number, month: number, weekday: number, nth: number): Temporal.PlainDate {
  const first = calendarDate(year, month, 1);
  const daysToFirst = (weekday - first.dayOfWeek + 7) % 7;
  return first.add({ days: daysToFirst + 7 * (nth - 1) });
}

/** Easter Sunday: the anonymous Gregorian algorithm (Nature, 20 April 1876), as in Meeus, Astronomical Algorithms. */
function easterSunday(year: number): Temporal.PlainDate {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const toSunday =
    (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const shift = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const dayCount = epact + toSunday - 7 * shift + 114;
  return calendarDate(year, Math.floor(dayCount / 31), (dayCount % 31) + 1);
}

function calendarDate(year: number, month: number, day: number): Temporal.PlainDate {
  return Temporal.PlainDate.from({ year, month, day });
}
