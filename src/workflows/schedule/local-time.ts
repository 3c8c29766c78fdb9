import { addDays, NEW_YORK, newYorkDate, zonedTimeMs } from "../../core/dates.ts";
import { clockTime, minutesOf } from "./job.ts";

const MINUTES_A_DAY = 24 * 60;
const DAYS_A_YEAR = 366;

/** When a job of New York's clock runs by another clock. */
export interface LocalTime {
  /** `HH:MM` by the local clock. */
  readonly time: string;
  /** Days of the week by the local calendar, 1 for Monday to 7 for Sunday. */
  readonly weekdays: readonly number[];
  /** How much later than meant it runs at most while the two clocks are further or less far apart. */
  readonly laterMinutes: number;
}

/**
 * The time and the days by the clock of `timeZone` at which it is `time` in New York on one of `weekdays`. Where the
 * two clocks are not always equally far apart in the year after `nowMs`, it is the time that never comes too early.
 */
export function localTimeOf(
  time: string,
  weekdays: readonly number[],
  timeZone: string,
  nowMs: number,
): LocalTime {
  const today = newYorkDate(nowMs);
  const aheadMinutes = Array.from({ length: DAYS_A_YEAR }, (_, day) => {
    const instant = Temporal.Instant.fromEpochMilliseconds(zonedTimeMs(addDays(today, day), time, NEW_YORK));
    const offsets = [timeZone, NEW_YORK].map(
      (zone) => instant.toZonedDateTimeISO(zone).offsetNanoseconds / 60e9,
    );
    return (offsets[0] ?? 0) - (offsets[1] ?? 0);
  });
  const most = Math.max(...aheadMinutes);
  const minutes = minutesOf(time) + most;
  const dayShift = Math.floor(minutes / MINUTES_A_DAY);
  return {
    time: clockTime(minutes - dayShift * MINUTES_A_DAY),
    weekdays: weekdays.map((day) => ((day - 1 + dayShift + 7) % 7) + 1).toSorted((a, b) => a - b),
    laterMinutes: most - Math.min(...aheadMinutes),
  };
}
