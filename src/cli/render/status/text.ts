import { formatCount, plural } from "../../../core/format.ts";
import type { Gap } from "../../../workflows/coverage/gaps.ts";
import type { Status } from "../../../workflows/coverage/status.ts";
import { entitlementsText } from "../entitlements.ts";
import type { Again } from "../invocation.ts";
import { gapLines } from "./gaps.ts";
import { gridRows, overviewGrid, symbolGrids } from "./grid.ts";
import { legend, sizesText, totalsTable } from "./totals.ts";

/** What the coverage is printed with besides its data. */
export interface StatusView {
  readonly dataDir: string;
  readonly cacheBytes: number;
  readonly colour: boolean;
  readonly columns: number;
  readonly again: Again;
}

const MAX_GAPS_SHOWN = 5;
/** More rows than anybody reads: several symbols share one calendar then. */
const MAX_GRID_ROWS = 150;

/** The coverage as text: a row for each symbol and month, a cell for each day; then totals, gaps and the outbox. */
export function statusText(result: Status, gaps: readonly Gap[], view: StatusView): string {
  if (result.symbols.length === 0) return nothingText(result, view);
  return [
    `Coverage of ${view.dataDir}, ${result.from} to ${result.to}, ${result.timeframe} bars\n`,
    gridsText(result, view),
    legend(result.symbols, view),
    totalsTable(result),
    sizesText(result, view.cacheBytes),
    gapsText(result, gaps, view),
    entitlementsText(result.entitlements),
    syncText(result, view),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** `status --gaps` as text. */
export function gapsReport(result: Status, gaps: readonly Gap[], view: StatusView): string {
  if (result.symbols.length === 0) return nothingText(result, view);
  const range = `${result.from} to ${result.to}`;
  if (gaps.length === 0) return `No gaps in ${view.dataDir}, ${range}.\n`;
  const isDeniedOnly = gaps.every(({ kind }) => kind === "denied");
  const counts = isDeniedOnly ? "No gaps, but days that are not in your plan," : countsText(result);
  return `${counts} in ${view.dataDir}, ${range}:\n${gapLines(gaps, view.again, gaps.length)}`;
}

function nothingText(result: Status, { dataDir, again }: StatusView): string {
  return [
    `Nothing is cached in ${dataDir} yet. Begin with: ${again("hybrid")} --symbols=SPX,NDX --days=90\n`,
    entitlementsText(result.entitlements),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function gridsText({ symbols }: Status, view: StatusView): string {
  if (symbols.length === 1 || gridRows(symbols) <= MAX_GRID_ROWS) return symbolGrids(symbols, view);
  return `All ${plural(symbols.length, "symbol")} in one calendar, the worst of each day (single ones: --symbols, --from):\n${overviewGrid(symbols, view)}`;
}

function gapsText(result: Status, gaps: readonly Gap[], { again }: StatusView): string {
  const listed = gaps.filter(({ kind }) => kind !== "denied");
  if (listed.length === 0) return "No gaps.\n";
  return `${countsText(result)}:\n${gapLines(listed, again, MAX_GAPS_SHOWN)}${fillText(result, listed, again)}`;
}

/** One command for all gaps, if there are several. */
function fillText({ gaps }: Status, listed: readonly Gap[], again: Again): string {
  const fillable = listed.filter(({ kind }) => kind !== "suspicious");
  if (gaps === 0 || fillable.length < 2) return "";
  const from = fillable.reduce(
    (first, gap) => (gap.from < first ? gap.from : first),
    fillable[0]?.from ?? "",
  );
  const to = fillable.reduce((last, gap) => (gap.to > last ? gap.to : last), "");
  return `  → ${again("hybrid", ` --from=${from} --to=${to}`)} fills what can be filled.\n`;
}

function countsText({ gaps, suspicious }: Status): string {
  const counted = gaps === 0 ? "No gaps" : plural(gaps, "gap");
  return suspicious === 0
    ? counted
    : `${counted}, ${plural(suspicious, "day")} with far fewer bars than usual`;
}

function syncText({ sync }: Status, { again }: StatusView): string {
  if (sync.target === null) return "Postgres: none set; all bars are in the cache.\n";
  if (sync.unsyncedBatches === 0) return `Postgres: all synced to ${sync.target}.\n`;
  return `Postgres: ${plural(sync.unsyncedBatches, "batch")} (${formatCount(sync.unsyncedBars)} bars) not synced to ${sync.target}${sinceText(sync)}\n${failureText(sync)}  → ${again("sync")}\n`;
}

function sinceText({ oldestUnsyncedAt }: Status["sync"]): string {
  return oldestUnsyncedAt === null ? "" : `, the oldest since ${minuteOf(oldestUnsyncedAt)}`;
}

function failureText({ lastError }: Status["sync"]): string {
  return lastError === null ? "" : `  The last sync failed (${minuteOf(lastError.at)}): ${lastError.error}\n`;
}

/** An ISO time to the minute: `2024-11-22 21:00 UTC`. */
function minuteOf(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")} UTC`;
}
