import { BackfillError, type ErrorKind } from "../../../core/errors.ts";
import type { HelpTopic } from "../../../core/help-topics.ts";
import type { TrackedSymbol } from "../../../core/symbols.ts";
import type { Chart } from "../../../workflows/chart/chart.ts";
import type { DayState } from "../../../workflows/coverage/day-state.ts";
import { shellWord, type Again } from "../invocation.ts";

/** What there is to know of a day that nothing was read of. */
interface Lack {
  readonly state: DayState;
  readonly kind: ErrorKind;
  readonly help: HelpTopic;
  readonly reason: string;
}

const UNREAD: Lack = { state: "missing", kind: "usage", help: "gaps", reason: "not in the cache" };

/** The worst first. */
const LACKING: readonly Lack[] = [
  { state: "failed", kind: "source", help: "gaps", reason: "not be fetched by the last run" },
  { state: "denied", kind: "settings", help: "plan", reason: "not in your plan" },
  UNREAD,
  { state: "pending", kind: "usage", help: "gaps", reason: "not published yet, and not in the cache" },
];

/** How the user gets the bars of a chart that has none. */
export interface WayToBars {
  readonly again: Again;
  /** Whether the cache is the demo's, which has no other days than its own. */
  readonly isSynthetic: boolean;
  /** Flag that says the dataset, after a blank, where the user gave it. */
  readonly datasetFlag: string;
}

/** The error for a symbol that the cache knows, and of which it has no bar on any day. */
export function nothingCached(
  { symbol, ticker }: TrackedSymbol,
  { again, datasetFlag }: WayToBars,
): BackfillError {
  return new BackfillError({
    kind: "usage",
    help: "gaps",
    operation: `show ${symbol}`,
    reason: "the cache has no bars of it, on any day that it was asked for",
    nextStep: `See why with: ${again("status", ` --symbols=${shellWord(ticker)}${datasetFlag}`)}`,
  });
}

/** The error for a chart without bars of which days are not cached: which, and how to get them. */
export function notCached(
  { symbol, ticker, from, to, days }: Chart,
  { again, isSynthetic, datasetFlag }: WayToBars,
): BackfillError {
  const worst = LACKING.find(({ state }) => days.some((day) => day.state === state));
  const { kind, help, reason } = worst ?? UNREAD;
  const nextStep = isSynthetic
    ? `The demo has only days of its own; see them with: ${again("status")}`
    : kind === "usage"
      ? `Fetch it with: ${again("hybrid", ` --symbols=${shellWord(ticker)}${datasetFlag} --from=${from} --to=${to}`)}`
      : `See why with: ${again("status", " --gaps")}`;
  const [one, several] = kind === "source" ? ["could", "could"] : ["is", "are"];
  const range = from === to ? from : `${from} to ${to}`;
  return new BackfillError({
    kind,
    help,
    operation: `show ${symbol} ${range}`,
    reason: from === to ? `the day ${one} ${reason}` : `of its days without bars some ${several} ${reason}`,
    nextStep,
  });
}
