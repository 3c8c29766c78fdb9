import { formatBytes, formatEstimate, plural } from "../../core/format.ts";
import { EVERY_TICKER } from "../../core/symbols.ts";
import type { CostedPlan } from "../../workflows/plan-run.ts";
import type { PlannedDay } from "../../workflows/planning/plan.ts";
import { cheaperWayText } from "./cheaper-way.ts";

/**
 * A plan as JSON: every symbol and date with its action and reason, and the totals. `resumedBytes` of the files to
 * download are here from an earlier run; `judgedBy` says what the estimate of the time rests on.
 */
export function planJson({ plan, cost, isMeasured, cheaper }: CostedPlan): object {
  const { seconds, ...totals } = cost;
  return {
    totals,
    estimate: { seconds: Math.ceil(seconds), judgedBy: isMeasured ? "earlier runs" : "usual speeds" },
    cheaper,
    days: plan.days,
  };
}

/** A plan as text: one line for each run of days that are treated alike, and the totals. */
export function planText({ plan, cost, isMeasured, cheaper }: CostedPlan): string {
  const runs = runsOf(plan.days);
  const width = runs.reduce((most, { day }) => Math.max(most, nameOf(day).length), 8);
  const lines = runs.map(({ day, to, count }) => {
    const dates = day.date === to ? day.date.padEnd(24) : `${day.date} to ${to}`;
    return `  ${nameOf(day).padEnd(width)}  ${dates}  ${plural(count, "day").padEnd(9)} ${day.action}: ${day.reason}${saidText(day)}\n`;
  });
  const { files, reused, requests, seconds, ...bytes } = cost;
  const totals = `${plural(files, "file")} to download (${bytesToFetch(bytes)}), ${plural(reused, "file")} to reuse, ${plural(requests, "API request")}`;
  const judgedBy = isMeasured ? "judging by earlier runs" : "at usual speeds: no earlier run to judge by";
  const time =
    files + reused + requests === 0
      ? "Nothing has to be fetched or read."
      : `About ${formatEstimate(seconds)}, ${judgedBy}.`;
  const advice = cheaper === null ? "" : `  ${cheaperWayText(cheaper)}\n`;
  return `Plan (nothing was done):\n${lines.join("")}\n  ${totals}\n  ${time}\n${advice}`;
}

/** What has to be fetched, and what an earlier run has fetched of it already. */
export function bytesToFetch({
  bytes,
  resumedBytes,
}: {
  readonly bytes: number;
  readonly resumedBytes: number;
}): string {
  if (resumedBytes === 0) return formatBytes(bytes);
  return `${formatBytes(bytes)}; ${formatBytes(resumedBytes)} are here from an earlier run`;
}

function saidText({ action, sentence }: PlannedDay): string {
  if (sentence === undefined) return "";
  if (action === "denied") return ` (the vendor says: ${sentence})`;
  return action === "wait" ? ` (the API refuses it: ${sentence})` : ` (${sentence})`;
}

function nameOf({ ticker, dataset }: PlannedDay): string {
  return ticker === EVERY_TICKER ? `${dataset} ${ticker}` : ticker;
}

interface Run {
  readonly day: PlannedDay;
  to: string;
  count: number;
}

/** Days of one symbol that follow each other with the same reason; closed days do not interrupt a run. */
function runsOf(days: readonly PlannedDay[]): Run[] {
  const runs: Run[] = [];
  for (const day of days) {
    if (day.reason === "closed") continue;
    const run = runs.at(-1);
    if (
      run?.day.ticker === day.ticker &&
      run.day.dataset === day.dataset &&
      run.day.reason === day.reason &&
      run.day.sentence === day.sentence
    ) {
      run.to = day.date;
      run.count++;
    } else runs.push({ day, to: day.date, count: 1 });
  }
  return runs;
}
