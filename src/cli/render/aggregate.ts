import { formatCount, formatDuration, plural } from "../../core/format.ts";
import type { AggregateResult } from "../../workflows/aggregate/aggregate.ts";
import type { Again } from "./invocation.ts";

/** What making coarser bars is printed with besides its result. */
export interface AggregateView {
  readonly dataDir: string;
  readonly durationMs: number;
  readonly again: Again;
}

/** What making coarser bars came to, as text. */
export function aggregateText(
  result: AggregateResult,
  { dataDir, durationMs, again }: AggregateView,
): string {
  if (result.timeframes.length === 0) return "No timeframe to make: 1m is what others are made from.\n";
  const lines = [derivedLine(result)];
  if (result.incomplete > 0)
    lines.push(
      `${plural(result.incomplete, "bar")} ${result.incomplete === 1 ? "lacks" : "lack"} minutes: made again when those come`,
    );
  lines.push(`Cache: ${dataDir}, in ${formatDuration(durationMs)}`);
  if (result.batches > 0) lines.push(`To Postgres: ${again("sync")}`);
  return `${lines.join("\n")}\n`;
}

/** What became of the coarser bars, in a line. */
export function derivedLine({
  timeframes,
  days,
  batches,
  bars,
  added,
  changed,
  removed,
}: AggregateResult): string {
  const names = timeframes
    .map(({ timeframe, session }) => (session === "all" ? `${timeframe} (all minutes)` : timeframe))
    .join(", ");
  if (batches === 0) return `${names} bars: up to date`;
  const differences = `${formatCount(added)} new, ${formatCount(changed)} changed, ${formatCount(removed)} removed`;
  return `${names} bars: ${formatCount(bars)} made from ${plural(days, "day")} (${differences})`;
}

/** The same as a line of a summary; empty if no coarser bars are kept. */
export function derivedText(derived: AggregateResult | null): string {
  return derived === null ? "" : `${derivedLine(derived)}\n`;
}

/** The coarser bars that a run would make, as a line of its plan; empty if none. */
export function derivedPlanText(timeframes: readonly string[]): string {
  return timeframes.length === 0 ? "" : `  Then ${timeframes.join(", ")} bars are made from the minutes.\n`;
}
