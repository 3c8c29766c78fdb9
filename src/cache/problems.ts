import type { Dataset } from "../core/datasets.ts";
import { dateOfEpochDay, epochDayOf } from "../core/dates.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { Cache } from "./cache.ts";

/** Why the last run has not brought a day. */
export interface DayProblem {
  readonly dataset: Dataset;
  /** The ticker it concerns; empty for the whole dataset. */
  readonly ticker: string;
  readonly date: string;
  /** `denied` not in the plan · `failed` · `pending` not published yet. */
  readonly state: "denied" | "failed" | "pending";
  readonly step: "list" | "download" | "parse" | "api";
  readonly error: string;
  readonly hint: string;
  readonly seenAtMs: number;
}

/** Remembers why a day is not there. */
export async function noteProblem(cache: Cache, problem: DayProblem): Promise<void> {
  await noteProblems(cache, [problem]);
}

/** Remembers why days are not there, in one transaction. */
export async function noteProblems(cache: Cache, problems: readonly DayProblem[]): Promise<void> {
  const note = cache.db.query(
    `INSERT OR REPLACE INTO day_problems
       (dataset, ticker, timeframe_minutes, epoch_day, state, step, error, hint, seen_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  await cache.write(() => {
    for (const { dataset, ticker, date, state, step, error, hint, seenAtMs } of problems)
      note.run(dataset, ticker, ONE_MINUTE, epochDayOf(date), state, step, error, hint, seenAtMs);
  });
}

/** Forgets the problems of a day for the whole dataset and the given tickers. Call inside `cache.write`. */
export function clearProblems(cache: Cache, dataset: Dataset, date: string, tickers: Iterable<string>): void {
  const clear = cache.db.query(
    "DELETE FROM day_problems WHERE dataset = ? AND ticker = ? AND timeframe_minutes = ? AND epoch_day = ?",
  );
  const epochDay = epochDayOf(date);
  for (const ticker of ["", ...tickers]) clear.run(dataset, ticker, ONE_MINUTE, epochDay);
}

/** The problems of a dataset from one date to another (both included). */
export function problemsOf(cache: Cache, dataset: Dataset, from: string, to: string): DayProblem[] {
  const rows = cache.db
    .query<Omit<DayProblem, "date"> & { epochDay: number }, [string, number, number, number]>(
      `SELECT dataset, ticker, epoch_day AS epochDay, state, step, error, hint, seen_at_ms AS seenAtMs
       FROM day_problems WHERE dataset = ? AND timeframe_minutes = ? AND epoch_day BETWEEN ? AND ?
       ORDER BY epoch_day, ticker`,
    )
    .all(dataset, ONE_MINUTE, epochDayOf(from), epochDayOf(to));
  return rows.map(({ epochDay, ...problem }) => ({ ...problem, date: dateOfEpochDay(epochDay) }));
}
