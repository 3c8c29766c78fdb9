import type { Bar } from "../core/bar.ts";
import { BackfillError } from "../core/errors.ts";
import type { LineRun } from "./line-run.ts";
import type { RejectReason } from "./row.ts";

/** A row that was left out, kept so that the user can look at it. */
export interface RejectedRow {
  readonly reason: RejectReason;
  /** Where it stands: so many lines after the line that begins at that byte of the file. */
  readonly runStartByte: number;
  readonly linesAfter: number;
  readonly text: string;
}

/** Rows that are kept to be looked at. */
export const MAX_REJECTED_SAMPLES = 100;
const MAX_TEXT_LENGTH = 500;
/** Of a file's wanted rows, the part that may be bad before the whole file is refused. */
const MAX_REJECTED_SHARE = 0.01;

/** The rows of a day, and those of them that are bad. */
export interface RejectionCount {
  readonly rows: number;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  readonly rejectedRows: number;
  readonly rejectedSamples: readonly { readonly text: string }[];
}

/**
 * Refuses a file of which more than 1 % of the wanted rows are bad.
 * @throws BackfillError (data, `bad-rows`).
 */
export function assertFewRejected(date: string, count: RejectionCount): void {
  const { rows, rejected, rejectedRows, rejectedSamples } = count;
  if (rejectedRows <= rows * MAX_REJECTED_SHARE) return;
  throw new BackfillError({
    kind: "data",
    code: "bad-rows",
    operation: `read the rows of ${date}`,
    reason: `${rejectedRows} of ${rows} wanted rows are bad (${reasonsText(rejected)}), first: ${rejectedSamples[0]?.text}`,
    nextStep: "Nothing of this file was kept. The vendor may publish the day again; run again then.",
  });
}

/**
 * Counts rows that were left out and keeps the first of them. A row is known by its number among the wanted rows;
 * where that is in the file is told by the runs of lines that were found.
 */
export class RejectedRows {
  readonly byReason: Partial<Record<RejectReason, number>> = {};
  count = 0;
  readonly samples: RejectedRow[] = [];
  /** The runs whose rows may still be rejected, each with the number of its first line. */
  #runs: { readonly start: number; readonly firstLine: number }[] = [];
  #lines = 0;

  /** Takes note of the runs that the next lines come from; returns the number of the first of these lines. */
  begin(runs: readonly LineRun[]): number {
    const first = this.#lines;
    for (const { start, lines } of runs) {
      this.#runs.push({ start, firstLine: this.#lines });
      this.#lines += lines;
    }
    return first;
  }

  /** Nothing before line number `line` will be rejected any more. */
  passed(line: number): void {
    const runs = this.#runs;
    let done = 0;
    while ((runs[done + 1]?.firstLine ?? Infinity) <= line) done++;
    if (done > 0) this.#runs = runs.slice(done);
  }

  /** Counts a row that is no bar; `sample` tells its number among the wanted lines and its text, if it is kept. */
  add(reason: RejectReason, sample: () => { readonly line: number; readonly text: string }): void {
    this.count++;
    this.byReason[reason] = (this.byReason[reason] ?? 0) + 1;
    if (this.samples.length >= MAX_REJECTED_SAMPLES) return;
    const { line, text } = sample();
    const run = this.#runs.findLast(({ firstLine }) => firstLine <= line) ?? { start: 0, firstLine: 0 };
    this.samples.push({
      reason,
      runStartByte: run.start,
      linesAfter: line - run.firstLine,
      text: text.slice(0, MAX_TEXT_LENGTH),
    });
  }
}

/** How many rows were left out for which reason: `2 × field count, 1 × not a stamp`. */
export function reasonsText(rejected: RejectionCount["rejected"]): string {
  return Object.entries(rejected)
    .map(([reason, count]) => `${count} × ${reason}`)
    .join(", ");
}

/** A bar that contradicts another, as text to look at. */
export function barText(ticker: string, bar: Bar): string {
  return `${ticker} ${JSON.stringify(bar)}`;
}
