import { DATASET_FACTS, type Dataset } from "./datasets.ts";
import { datesBetween } from "./dates.ts";
import { sessionMinutes } from "./sessions.ts";

/** Whether the vendor can have bars of `dataset` on `date`: a session, and not before its history. */
export function canHaveBars(dataset: Dataset, date: string): boolean {
  return date >= DATASET_FACTS[dataset].historyStart && sessionMinutes(dataset, date) > 0;
}

/** The dates from `from` to `to` (both included) on which the vendor can have bars, `today` at the latest. */
export function sessionDates(dataset: Dataset, from: string, to: string, today: string): string[] {
  return datesBetween(from, to < today ? to : today).filter((date) => canHaveBars(dataset, date));
}
