import oneOff from "../../data/reference/nyse-calendar.json" with { type: "json" };

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

const oneOffClosures = new Set(oneOff.closures.map((closure) => closure.date));
const oneOffCloses = new Map(oneOff.earlyCloses.map((early) => [early.date, early.close]));
const closuresByYear = new Map<number, ReadonlySet<string>>();

/**
 * The regular session of the New York Stock Exchange on `date`, or null if it is closed: the rules of the
 * exchange (its Rule 7.2 and its yearly holiday releases) and the one-off days of
 * `data/reference/nyse-calendar.json`, where the sources are. Right from 2003 on; for years that the exchange
 * has not announced yet it is what the rules give.
 */
export function nyseHours(date: string): NyseHours | null {
  const day = Temporal.PlainDate.from(date);
  if (day.dayOfWeek >= SATURDAY || oneOffClosures.has(date)) return null;
  if (closuresOf(day.year).has(date)) return null;
  const oneOffClose = oneOffCloses.get(date);
  if (oneOffClose !== undefined) return { open: OPEN, close: oneOffClose };
  return isHalfDay(day) ? HALF_DAY : FULL_DAY;
}

function closuresOf(year: number): ReadonlySet<string> {
  const known = closuresByYear.get(year);
  if (known !== undefined) return known;
  const closures = new Set(holidaysOf(year).map((day) => day.toString()));
  closuresByYear.set(year, closures);
  return closures;
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
function isHalfDay(day: Temporal.PlainDate): boolean {
  if (day.month === 11) return day.equals(thanksgiving(day.year).add({ days: 1 }));
  const isHolidayEve = (day.month === 7 && day.day === 3) || (day.month === 12 && day.day === 24);
  return isHolidayEve && day.dayOfWeek <= THURSDAY;
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
