import { EVERY_TICKER } from "../../core/symbols.ts";
import type { Plan, PlannedDay } from "../../workflows/plan.ts";
import { formatBytes, plural } from "../../core/format.ts";

/**
 * A plan as JSON: every symbol and date with its action and reason, and the totals. `resumedBytes` of the files to
 * download are here from an earlier run.
 */
export function planJson(plan: Plan, resumedBytes = 0): object {
  return { totals: totalsOf(plan, resumedBytes), days: plan.days };
}

/** A plan as text: one line for each run of days that are treated alike, and the totals. */
export function planText(plan: Plan, resumedBytes = 0): string {
  const runs = runsOf(plan.days);
  const width = runs.reduce((most, { day }) => Math.max(most, nameOf(day).length), 8);
  const lines = runs.map(({ day, to, count }) => {
    const dates = day.date === to ? day.date.padEnd(24) : `${day.date} to ${to}`;
    return `  ${nameOf(day).padEnd(width)}  ${dates}  ${plural(count, "day").padEnd(9)} ${day.action}: ${day.reason}`;
  });
  const { files, reused, requests, ...bytes } = totalsOf(plan, resumedBytes);
  return `Plan (nothing was done):\n${lines.join("\n")}\n\n  ${plural(files, "file")} to download (${bytesToFetch(bytes)}), ${plural(reused, "file")} to reuse, ${plural(requests, "API request")} at least\n`;
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

function nameOf({ ticker, dataset }: PlannedDay): string {
  return ticker === EVERY_TICKER ? `${dataset} ${ticker}` : ticker;
}

function totalsOf(plan: Plan, resumedBytes: number) {
  const downloads = plan.files.filter(({ file }) => !file.local);
  return {
    files: downloads.length,
    bytes: downloads.reduce((sum, { file }) => sum + file.sizeBytes, -resumedBytes),
    resumedBytes,
    reused: plan.files.length - downloads.length,
    requests: plan.requests.length,
  };
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
    if (day.reason === "no session") continue;
    const run = runs.at(-1);
    if (run?.day.ticker === day.ticker && run.day.dataset === day.dataset && run.day.reason === day.reason) {
      run.to = day.date;
      run.count++;
    } else runs.push({ day, to: day.date, count: 1 });
  }
  return runs;
}
