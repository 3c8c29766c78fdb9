import type { Chart, Coverage, Outbox, Overview, Runs } from "./answers.ts";

/** A question that the program could not answer, and what to do about it. */
export class Refusal extends Error {
  readonly hint: string;

  constructor(error: string, hint: string) {
    super(error);
    this.hint = hint;
  }
}

/** What the program answers. Page and data come from the same binary: what an answer has tells which one it is. */
export const api = {
  overview: () => answer("/api/overview", {}, isOverview),
  coverage: (symbol: string) => answer("/api/status", { symbol }, isCoverage),
  bars: (question: Readonly<Record<string, string>>) => answer("/api/bars", question, isChart),
  outbox: () => answer("/api/outbox", {}, isOutbox),
  runs: () => answer("/api/runs", {}, isRuns),
};

async function answer<T>(
  path: string,
  query: Readonly<Record<string, string>>,
  isAnswer: (value: unknown) => value is T,
): Promise<T> {
  const asked = new URLSearchParams(query).toString();
  const response = await fetch(asked === "" ? path : `${path}?${asked}`).catch(() => null);
  if (response === null)
    throw new Refusal("the program does not answer", "Is `massive-backfill view` still running?");
  const value: unknown = await response.json().catch(() => null);
  if (isAnswer(value)) return value;
  if (isFailure(value)) throw new Refusal(value.error, value.hint);
  throw new Refusal(
    `something else answers in place of the program (${response.status})`,
    "Open the address that `massive-backfill view` prints now.",
  );
}

function has(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && name in value;
}

function isOverview(value: unknown): value is Overview {
  return has(value, "symbols") && has(value, "today");
}

function isCoverage(value: unknown): value is Coverage {
  return has(value, "symbols") && has(value, "sync");
}

function isChart(value: unknown): value is Chart {
  return has(value, "bars") && has(value, "holes");
}

function isOutbox(value: unknown): value is Outbox {
  return has(value, "targets");
}

function isRuns(value: unknown): value is Runs {
  return has(value, "runs");
}

function isFailure(value: unknown): value is { readonly error: string; readonly hint: string } {
  return has(value, "error") && has(value, "hint");
}
