import type { DayProblem } from "../../cache/problems.ts";
import type { Dataset } from "../../core/datasets.ts";
import { isFinalAnswer, isLongOverdue } from "../../core/publication.ts";
import type { DayFacts } from "./day-facts.ts";

/**
 * What is known of one symbol on one date, the worst last.
 * `closed` no session · `complete` · `absent` source read whole, symbol has no bars · `provisional` from the API, a
 * flat file will replace it · `pending` not published yet · `denied` not in the plan · `partial` fewer bars than the
 * session has minutes · `missing` should be here and is not · `failed`.
 */
export const DAY_STATES = [
  "closed",
  "complete",
  "absent",
  "provisional",
  "pending",
  "denied",
  "partial",
  "missing",
  "failed",
] as const;

export type DayState = (typeof DAY_STATES)[number];

/** The place of each state in `DAY_STATES`. */
export const STATE_NUMBERS: Readonly<Record<DayState, number>> = {
  closed: 0,
  complete: 1,
  absent: 2,
  provisional: 3,
  pending: 4,
  denied: 5,
  partial: 6,
  missing: 7,
  failed: 8,
};

/** What the manifest says of one symbol on one date. */
export interface BatchFacts {
  readonly source: "flatfile" | "api" | "derived";
  readonly barCount: number;
  /** Bars inside the regular session. */
  readonly sessionBarCount: number;
  /** When the source was read, epoch ms. */
  readonly readAtMs: number;
}

/** What else is known of the days of a symbol. */
export interface SymbolFacts {
  readonly dataset: Dataset;
  /** Whether every ticker of the flat file of a date was read. */
  readonly allTickersRead: (date: string) => boolean;
  /** Why the last run has not brought a date; null if it did, or was not asked to. */
  readonly problem: (date: string) => DayProblem | null;
  readonly nowMs: number;
}

/** Works out the state of one symbol on one date; `batch` is null if nothing was ever read for it. */
export function dayState(day: DayFacts, batch: BatchFacts | null, facts: SymbolFacts): DayState {
  if (!day.canHaveBars && (batch === null || batch.barCount === 0)) return "closed";
  if (batch === null) return stateWithoutBatch(day, facts);
  const isPartial = day.expected !== null && batch.sessionBarCount < day.expected;
  if (batch.source !== "api") return batch.barCount === 0 ? "absent" : isPartial ? "partial" : "complete";
  const isFinal = isFinalAnswer(facts.dataset, day.date, batch);
  if (batch.barCount === 0) return isFinal ? "absent" : stateWithoutBatch(day, facts);
  if (isFinal) return isPartial ? "partial" : "provisional";
  // The rest of the day was due since; nobody came back for it.
  return day.isDue ? "partial" : "provisional";
}

function stateWithoutBatch({ date, isDue }: DayFacts, facts: SymbolFacts): DayState {
  if (facts.allTickersRead(date)) return "absent";
  const problem = facts.problem(date);
  if (problem?.state === "denied" || problem?.state === "failed") return problem.state;
  if (!isDue) return "pending";
  return problem?.state === "pending" && !isLongOverdue(date, facts.nowMs) ? "pending" : "missing";
}
