import { addDays, CHICAGO, zonedTimeMs } from "./dates.ts";

/** The instants (UTC epoch ms, end exclusive) that bars of one date may carry. */
export interface DayBounds {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The bounds of `date`: from its midnight in UTC to the end of the day in US Central time. The vendor does not
 * say in which zone an index day is cut, so a bar passes whose date is `date` in UTC, New York or Chicago.
 */
export function dayBounds(date: string): DayBounds {
  return {
    fromMs: zonedTimeMs(date, "00:00", "UTC"),
    toMs: zonedTimeMs(addDays(date, 1), "00:00", CHICAGO),
  };
}
