import type { DayProblem } from "../cache/problems.ts";
import type { Dataset } from "../core/datasets.ts";

/** What `status` is to say of a day that the plan does not include; `sentence` in the vendor's words. */
export function deniedDay(dataset: Dataset, date: string, sentence: string, seenAtMs: number): DayProblem {
  return {
    dataset,
    ticker: "",
    date,
    state: "denied",
    step: "download",
    error: `your subscription does not include this day${sentence === "" ? "" : `; the vendor says: ${sentence}`}`,
    hint: "See your plan in the Massive dashboard, or set MASSIVE_API_KEY to ask the REST API.",
    seenAtMs,
  };
}
