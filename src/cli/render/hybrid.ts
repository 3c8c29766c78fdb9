import type { HybridResult } from "../../workflows/hybrid.ts";
import { datasetsOf } from "../../core/symbols.ts";
import { entitlementsText } from "./entitlements.ts";
import { cheaperWayText } from "./cheaper-way.ts";
import type { Again } from "./invocation.ts";
import {
  box,
  cacheSection,
  databaseSection,
  failuresSection,
  nextSteps,
  performanceSection,
  sections,
  sourcesSection,
} from "./run-summary.ts";

/** What the main job is printed with besides its result. */
export interface HybridView {
  readonly dataDir: string;
  readonly durationMs: number;
  /** How to call this program for this data directory: `massive-backfill` with what has to be repeated. */
  readonly again: Again;
}

/** The summary of the main job as text. */
export function hybridText(result: HybridResult, view: HybridView): string {
  const { symbols, wholeDatasets } = result.selection;
  const names = [
    ...symbols.map((symbol) => symbol.symbol),
    ...wholeDatasets.map((dataset) => `every ticker of ${dataset}`),
  ];
  const shownNames =
    names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
  return sections([
    box(titleOf(result)),
    `📊 Summary:\n  Symbols: ${shownNames}\n  Days: ${result.from} to ${result.to}\n${datasetsLine(result)}`,
    sourcesSection(result),
    cacheSection(result, view.dataDir),
    databaseSection(result.sync),
    performanceSection(result.bars.cached, result.files.bytes, view.durationMs),
    failuresSection(result.failures),
    entitlementsText(result.refusals),
    nextSteps(stepsOf(result, view)),
  ]);
}

function datasetsLine({ selection }: HybridResult): string {
  const datasets = datasetsOf(selection);
  if (datasets.length < 2) return "";
  return `  Datasets: ${datasets.join(", ")} (each date counts once for each of them)\n`;
}

/** Whether a run had nothing to do at all. */
function nothingDone({ days, sync }: HybridResult): boolean {
  return days.flatfile + days.api + days.failed + days.denied === 0 && (sync?.batches ?? 0) === 0;
}

/** Whether everything that was asked for is there. */
function isComplete({ days, failures, sync }: HybridResult): boolean {
  return days.failed + days.denied === 0 && failures.length === 0 && (sync === null || sync.error === null);
}

function titleOf(result: HybridResult): string {
  if (!isComplete(result)) return "HYBRID BACKFILL INCOMPLETE";
  return nothingDone(result) ? "ALREADY UP TO DATE: NOTHING WAS FETCHED" : "HYBRID BACKFILL COMPLETE";
}

function stepsOf(result: HybridResult, { again }: HybridView): string[] {
  const steps: string[] = [];
  if (result.symbolsWithoutBars.length > 0)
    steps.push(`No bars at all for ${result.symbolsWithoutBars.join(", ")}: is the ticker right?`);
  if (result.days.failed > 0)
    steps.push(`Run it again for the failed days: ${again("hybrid", "same scope")}`);
  if (result.sync !== null && result.sync.pending > 0)
    steps.push(`${result.sync.hint ?? "The bars are safe in the cache."} Then: ${again("sync")}`);
  if (result.days.pending > 0) steps.push(`Files not published yet: run ${again("hybrid")} again tomorrow.`);
  if (result.days.denied > 0)
    steps.push(`Has your plan changed since? ${again("hybrid", "same scope")} --recheck-entitlements`);
  if (result.cheaper !== null) steps.push(cheaperWayText(result.cheaper));
  steps.push(`Look at the coverage: ${again("status")}`, `Look at charts, in the browser: ${again("view")}`);
  return steps;
}
