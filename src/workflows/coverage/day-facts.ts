import { DATASET_FACTS, type Dataset } from "../../core/datasets.ts";
import { datesBetween, epochDayOf } from "../../core/dates.ts";
import { expectedBars, lastDueDate } from "../../core/publication.ts";
import { canHaveBars } from "../../core/session-dates.ts";
import { sessionMinutes } from "../../core/sessions.ts";

/** What a date is for every symbol of a dataset. */
export interface DayFacts {
  readonly date: string;
  readonly epochDay: number;
  /** Whether the vendor can have bars: a session, and not before its history. */
  readonly canHaveBars: boolean;
  /** Length of the session in minutes; 0 without one. */
  readonly sessionMinutes: number;
  /** Bars of a whole session where every minute has one (indices); null where bars come with trades. */
  readonly expected: number | null;
  /** Whether the day's flat file is due. */
  readonly isDue: boolean;
}

/** The dates from `from` to `to` (both included), worked out once for all symbols of `dataset`. */
export function dayFacts(dataset: Dataset, from: string, to: string, nowMs: number): DayFacts[] {
  const lastDue = lastDueDate(nowMs);
  const firstDay = epochDayOf(from);
  const { barsEveryMinute } = DATASET_FACTS[dataset];
  return datesBetween(from, to).map((date, index) => ({
    date,
    epochDay: firstDay + index,
    canHaveBars: canHaveBars(dataset, date),
    sessionMinutes: sessionMinutes(dataset, date),
    expected: barsEveryMinute ? expectedBars(dataset, date) : null,
    isDue: date <= lastDue,
  }));
}
