import type { DayProblem } from "../cache/problems.ts";
import type { Dataset } from "../core/datasets.ts";
import { expectedBars, flatFileDueMs, isFinalAnswer, isLongOverdue } from "../core/publication.ts";
import { canHaveBars } from "../core/session-dates.ts";
import type { KnownBatch } from "./planning/facts.ts";

/**
 * What is known of one symbol on one date.
 * `complete` · `partial` fewer bars than the session has minutes · `provisional` from the API, a flat file will
 * replace it · `pending` not published yet · `missing` should be here and is not · `closed` no session · `absent`
 * source read whole, symbol has no bars · `denied` not in the plan · `failed`.
 */
export type DayState =
  | "complete"
  | "partial"
  | "provisional"
  | "pending"
  | "missing"
  | "closed"
  | "absent"
  | "denied"
  | "failed";

/** The states that make a day a gap. */
export const GAP_STATES: ReadonlySet<DayState> = new Set(["missing", "partial", "failed"]);

/** One cell of the coverage grid. */
export interface CoverageDay {
  readonly date: string;
  readonly state: DayState;
  readonly source: "flatfile" | "api" | null;
  readonly bars: number;
  /** Minutes of the session where every minute has a bar (indices); null where bars come with trades. */
  readonly expected: number | null;
  readonly synced: boolean;
  /** Whether the bars are those of a plan whose data is 15 minutes late. */
  readonly delayed: boolean;
  /** Why the day is as it is, where there is more to say than its state. */
  readonly note: string | null;
}

/** What the cache knows of the day. */
export interface CoverageFacts {
  readonly dataset: Dataset;
  readonly date: string;
  readonly nowMs: number;
  /** `isDelayed` is 1 if the answer came from a plan whose data is 15 minutes late, else 0. */
  readonly batch: (KnownBatch & { readonly isDelayed: number }) | null;
  /** Whether every ticker of the day's file was read. */
  readonly allTickersRead: boolean;
  readonly problem: DayProblem | null;
  readonly synced: boolean;
}

/** Works out the cell of one symbol and date. */
export function coverageDay(facts: CoverageFacts): CoverageDay {
  const { dataset, date, batch } = facts;
  const expected = expectedBars(dataset, date);
  return {
    date,
    state: stateOf(facts, expected),
    source: batch === null || batch.source === "derived" ? null : batch.source,
    bars: batch?.barCount ?? 0,
    expected,
    synced: facts.synced,
    delayed: batch?.isDelayed === 1,
    note: noteOn(facts, expected),
  };
}

function noteOn({ dataset, date, batch, problem }: CoverageFacts, expected: number | null): string | null {
  if (batch === null) return problem?.error ?? null;
  const notes: string[] = [];
  if (expected !== null && batch.barCount > 0 && batch.sessionBarCount < expected)
    notes.push(`${batch.sessionBarCount} of ${expected} minutes`);
  if (batch.isDelayed === 1 && !isFinalAnswer(dataset, date, batch))
    notes.push("your plan's data is 15 minutes late");
  return notes.length === 0 ? null : notes.join("; ");
}

function stateOf(facts: CoverageFacts, expected: number | null): DayState {
  const { dataset, date, batch, nowMs } = facts;
  if (!canHaveBars(dataset, date) && (batch === null || batch.barCount === 0)) return "closed";
  if (batch === null) return stateWithoutBatch(facts);
  const partial = expected !== null && batch.sessionBarCount < expected;
  if (batch.source !== "api") return batch.barCount === 0 ? "absent" : partial ? "partial" : "complete";
  const final = isFinalAnswer(dataset, date, batch);
  if (batch.barCount === 0) return final ? "absent" : stateWithoutBatch(facts);
  if (final) return partial ? "partial" : "provisional";
  // The rest of the day was due since; nobody came back for it.
  return nowMs < flatFileDueMs(date) ? "provisional" : "partial";
}

function stateWithoutBatch({ date, nowMs, problem, allTickersRead }: CoverageFacts): DayState {
  if (allTickersRead) return "absent";
  if (problem?.state === "denied" || problem?.state === "failed") return problem.state;
  const dueMs = flatFileDueMs(date);
  if (nowMs < dueMs) return "pending";
  return problem?.state === "pending" && !isLongOverdue(date, nowMs) ? "pending" : "missing";
}
