import { noteProblems, type DayProblem } from "../cache/problems.ts";
import type { RunContext } from "./context.ts";
import { deniedDay } from "./denied-day.ts";
import type { PlannedDay } from "./planning/plan.ts";

/** Remembers for `status` why planned days are not there: not published yet, not in the plan, or nobody could tell. */
export async function noteWaiting({ cache, nowMs }: RunContext, days: readonly PlannedDay[]): Promise<void> {
  const problems = new Map<string, DayProblem>();
  for (const { action, dataset, ticker, date, sentence } of days)
    if (action === "denied")
      problems.set(`${dataset} ${date}`, deniedDay(dataset, date, sentence ?? "", nowMs));
    else if (action === "miss" && sentence !== undefined)
      problems.set(`${dataset} ${date}`, {
        dataset,
        ticker: "",
        date,
        state: "failed",
        step: "list",
        error: sentence,
        hint: "Run hybrid again for these days.",
        seenAtMs: nowMs,
      });
    else if (action === "miss")
      problems.set(`${dataset} ${date}`, {
        dataset,
        ticker: "",
        date,
        state: "pending",
        step: "list",
        error: "the vendor has published no flat file of it",
        hint: "Run hybrid for the day again, or with --source=api.",
        seenAtMs: nowMs,
      });
    else if (action === "wait") {
      // What the API refuses, it refuses ticker by ticker; whether a file is there is the same for all.
      const whose = sentence === undefined ? "" : ticker;
      const more = sentence === undefined ? "" : `, and the API refuses it: ${sentence}`;
      problems.set(`${dataset} ${date} ${whose}`, {
        dataset,
        ticker: whose,
        date,
        state: "pending",
        step: "list",
        error: `the flat file is not published yet${more}`,
        hint: "Run hybrid again after 11:00 New York time; with an API key whose plan has it, recent days come sooner.",
        seenAtMs: nowMs,
      });
    }
  await noteProblems(cache, [...problems.values()]);
}
