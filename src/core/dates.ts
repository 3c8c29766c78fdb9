/**
 * Calendar dates are plain `YYYY-MM-DD` strings, which sort and compare as dates do; instants are UTC epoch
 * milliseconds. Time zones are left to Temporal, the platform's own date library.
 */

export const NEW_YORK = "America/New_York";
export const CHICAGO = "America/Chicago";

/** Whether `text` is a real calendar date in the form `YYYY-MM-DD` (so not `2024-02-30`). */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }).toString() === text;
  } catch {
    return false;
  }
}

/** The date `days` calendar days after `date` (before it, if negative). */
export function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Day of the week of `date`, 1 for Monday to 7 for Sunday (ISO 8601). */
export function weekdayOf(date: string): number {
  // 1970-01-01 was a Thursday. Arithmetic, since the coverage of years asks this thousands of times.
  return ((((epochDayOf(date) + 3) % 7) + 7) % 7) + 1;
}

/** Every date from `from` to `to`, both included; empty if `from` is after `to`. */
export function datesBetween(from: string, to: string): string[] {
  const dates: string[] = [];
  const lastDay = epochDayOf(to);
  for (let day = epochDayOf(from); day <= lastDay; day++) dates.push(dateOfEpochDay(day));
  return dates;
}

/** The instant (epoch ms) at which a clock in `timeZone` shows `time` (`HH:MM`) on `date`. */
export function zonedTimeMs(date: string, time: string, timeZone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds;
}

/** The calendar date that a clock in `timeZone` shows at `epochMs`. */
export function dateInZone(epochMs: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(epochMs)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/** What a clock in `timeZone` shows at `epochMs`, as `HH:MM`. */
export function timeInZone(epochMs: number, timeZone: string): string {
  const time = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone).toPlainTime();
  return time.toString({ smallestUnit: "minute" });
}

/** The date in New York at `epochMs`: what this program calls "today" when `epochMs` is now. */
export function newYorkDate(epochMs: number): string {
  return dateInZone(epochMs, NEW_YORK);
}

const DAY_MS = 86_400_000;

/** Days from 1970-01-01 to `date`: how the cache stores dates. */
export function epochDayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** The date that is `epochDay` days after 1970-01-01. */
export function dateOfEpochDay(epochDay: number): string {
  return new Date(epochDay * DAY_MS).toISOString().slice(0, 10);
}
