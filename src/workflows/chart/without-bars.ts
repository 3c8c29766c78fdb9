import { DATASET_FACTS, type Dataset } from "../../core/datasets.ts";
import { weekdayOf } from "../../core/dates.ts";
import type { DayState } from "../coverage/day-state.ts";

/**
 * Why a chart has no bars. Nothing lacks: `weekend` `holiday` `closed` (days of both kinds) no session ·
 * `before-history` the vendor has nothing so early · `no-bars` the source was read and has none of the symbol ·
 * `outside-session` it has minutes, none of which coarser bars are made from. And `not-cached`: nothing was read yet of
 * some day, or could not be.
 */
export type WithoutBars =
  | "weekend"
  | "holiday"
  | "closed"
  | "before-history"
  | "no-bars"
  | "outside-session"
  | "not-cached";

/** What tells why a day has no bars. */
interface EmptyDay {
  readonly date: string;
  readonly state: DayState;
  /** Minutes that it has. */
  readonly bars: number;
}

const SATURDAY = 6;

/** Why there is no bar on `days`. */
export function withoutBars(dataset: Dataset, days: readonly EmptyDay[]): WithoutBars {
  if (days.some(({ bars }) => bars > 0)) return "outside-session";
  if (days.some(({ state }) => state !== "closed" && state !== "absent")) return "not-cached";
  if (days.some(({ state }) => state === "absent")) return "no-bars";
  if (days.every(({ date }) => date < DATASET_FACTS[dataset].historyStart)) return "before-history";
  const weekends = days.filter(({ date }) => weekdayOf(date) >= SATURDAY).length;
  if (weekends === days.length) return "weekend";
  return weekends === 0 ? "holiday" : "closed";
}
