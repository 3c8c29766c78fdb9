import type { SyncPlan } from "../../workflows/sync-plan.ts";
import type { SyncResult } from "../../workflows/sync.ts";
import { formatCount, formatDuration, plural } from "../../core/format.ts";
import { databaseSection } from "./run-summary.ts";

const MAX_SYMBOLS_SHOWN = 40;

/** What a sync came to, as text. */
export function syncText(result: SyncResult, durationMs: number, isNarrowed: boolean): string {
  const what = isNarrowed ? "all of what was chosen" : "it all";
  const verdict = result.batches === 0 ? `Nothing to sync: Postgres has ${what}.\n` : "";
  return `${verdict}${databaseSection(result)}  in ${formatDuration(durationMs)}\n`;
}

/** What a sync did before it failed. */
export function sentText({ bars, batches }: Pick<SyncResult, "bars" | "batches">): string {
  return `${formatCount(bars)} bars in ${plural(batches, "batch")} were synced before that`;
}

/** What a sync would send, as text: a line for each symbol, the first ones of many. */
export function syncPlanText({ target, batches, bars, symbols }: SyncPlan): string {
  if (batches === 0) return `Nothing to sync to ${target}.\n`;
  const shown = symbols.slice(0, MAX_SYMBOLS_SHOWN);
  const width = Math.max(...shown.map(({ symbol }) => symbol.length));
  const lines = shown.map(
    (one) =>
      `  ${one.symbol.padEnd(width)}  ${one.from} to ${one.to}  ${plural(one.batches, "batch").padStart(14)}  ${formatCount(one.bars).padStart(12)} bars\n`,
  );
  const more = symbols.length - shown.length;
  if (more > 0) lines.push(`  … and ${plural(more, "more symbol")} (all with --json)\n`);
  return `To sync (nothing was done): ${plural(batches, "batch")}, ${formatCount(bars)} bars, to ${target}\n${lines.join("")}`;
}
