import type { SyncRun } from "../../workflows/recorded-sync.ts";
import type { SyncPlan } from "../../workflows/sync-plan.ts";
import type { SyncResult } from "../../workflows/sync.ts";
import { formatCount, formatDuration, plural } from "../../core/format.ts";
import { derivedText } from "./aggregate.ts";
import { databaseSection } from "./run-summary.ts";

const MAX_SYMBOLS_SHOWN = 40;

/** What a sync came to, as text. */
export function syncText({ derived, sync }: SyncRun, durationMs: number, isNarrowed: boolean): string {
  const what = isNarrowed ? "all of what was chosen" : "it all";
  const verdict = sync.batches === 0 ? `Nothing to sync: Postgres has ${what}.\n` : "";
  const made = derived !== null && derived.batches > 0 ? derivedText(derived) : "";
  return `${made}${verdict}${databaseSection(sync)}  in ${formatDuration(durationMs)}\n`;
}

/** What a sync did before it failed. */
export function sentText({ bars, batches }: Pick<SyncResult, "bars" | "batches">): string {
  return `${formatCount(bars)} bars in ${plural(batches, "batch")} were synced before that`;
}

/** What a sync would do. */
interface SyncView extends SyncPlan {
  /** Days of symbols whose coarser bars wait to be made from their minutes. */
  readonly waitingDays: number;
}

/** What a sync would send, as text: a line for each symbol, the first ones of many. */
export function syncPlanText({ target, batches, bars, symbols, waitingDays }: SyncView): string {
  const first =
    waitingDays > 0 ? `First coarser bars of ${plural(waitingDays, "day")} are made from the minutes.\n` : "";
  if (batches === 0) return `${first}Nothing ${first === "" ? "" : "else "}to sync to ${target}.\n`;
  const shown = symbols.slice(0, MAX_SYMBOLS_SHOWN);
  const width = Math.max(...shown.map(({ symbol }) => symbol.length));
  const lines = shown.map(
    (one) =>
      `  ${one.symbol.padEnd(width)}  ${one.from} to ${one.to}  ${plural(one.batches, "batch").padStart(14)}  ${formatCount(one.bars).padStart(12)} bars\n`,
  );
  const more = symbols.length - shown.length;
  if (more > 0) lines.push(`  … and ${plural(more, "more symbol")} (all with --json)\n`);
  return `${first}To sync (nothing was done): ${plural(batches, "batch")}, ${formatCount(bars)} bars, to ${target}\n${lines.join("")}`;
}
