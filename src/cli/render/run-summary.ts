import type { Failure } from "../../workflows/failures.ts";
import type { SyncResult } from "../../workflows/sync.ts";
import type { FillResult, ReplacedDays } from "../../workflows/tally.ts";
import type { AggregateResult } from "../../workflows/aggregate/aggregate.ts";
import { derivedLine } from "./aggregate.ts";
import { helpCall } from "./invocation.ts";
import { formatBytes, formatCount, formatDuration, plural } from "../../core/format.ts";

const BOX_COLUMNS = 56;
const MAX_FAILURES_SHOWN = 10;

/** A heading in a box. */
export function box(title: string): string {
  return `╔${"═".repeat(BOX_COLUMNS)}╗\n║  ${title.padEnd(BOX_COLUMNS - 2)}║\n╚${"═".repeat(BOX_COLUMNS)}╝\n`;
}

/** The part of a summary that says where the days came from. */
export function sourcesSection(result: FillResult): string {
  const { days, files } = result;
  const rows = [
    `Flat files (historical): ${plural(days.flatfile, "day")}${filesNote(files)}`,
    `API (recent): ${plural(days.api, "day")}${result.requests > 0 ? `, ${plural(result.requests, "request")}` : ""}`,
    `Already in the cache: ${plural(days.skipped, "day")}`,
  ];
  if (days.pending > 0) rows.push(`Not published yet: ${plural(days.pending, "day")}`);
  if (days.denied > 0) rows.push(`Not in your plan: ${plural(days.denied, "day")}`);
  if (days.failed > 0) rows.push(`Failed: ${plural(days.failed, "day")}`);
  return `📥 Data sources:\n${tree(rows)}`;
}

/** The part of a summary that says what reached the cache. */
export function cacheSection(
  result: FillResult & { readonly derived: AggregateResult | null },
  dataDir: string,
): string {
  const { bars } = result;
  const rows = [`Bars cached: ${formatCount(bars.cached)} (${formatCount(bars.changed)} new or changed)`];
  rows.push(...replacedRows(result.replaced));
  if (bars.rejected > 0)
    rows.push(`Bad rows left out: ${formatCount(bars.rejected)} (see rejected_rows in the cache)`);
  if (result.derived !== null) rows.push(derivedLine(result.derived));
  rows.push(`Folder: ${dataDir}`);
  return `💾 Cache:\n${tree(rows)}`;
}

function replacedRows({ provisional, republished }: FillResult["replaced"]): string[] {
  return [
    ...replacedRow("API bars replaced by their flat file", provisional),
    ...replacedRow("Published anew and read again", republished),
  ];
}

function replacedRow(words: string, { days, added, changed, removed }: ReplacedDays): string[] {
  if (days === 0) return [];
  const differences = `${formatCount(added)} bars added, ${formatCount(changed)} changed, ${formatCount(removed)} removed`;
  return [`${words}: ${plural(days, "day")} (${differences})`];
}

/** The part of a summary that says what reached Postgres; empty without a database. */
export function databaseSection(sync: SyncResult | null): string {
  if (sync === null) return "";
  const rows = [
    `Target: ${sync.target}`,
    `Synced: ${formatCount(sync.bars)} bars in ${plural(sync.batches, "batch")} (${deedsOf(sync)})`,
    ...sync.notes,
  ];
  if (sync.pending > 0) rows.push(`Not synced yet: ${plural(sync.pending, "batch")}`);
  if (sync.error !== null) rows.push(`Why: ${sync.error}`);
  if (sync.help !== null) rows.push(`More: ${helpCall(sync.help)}`);
  return `🐘 Postgres:\n${tree(rows)}`;
}

function deedsOf({ inserted, updated, deleted, unchanged }: SyncResult): string {
  const deeds = [
    `${formatCount(inserted)} inserted`,
    `${formatCount(updated)} updated`,
    `${formatCount(deleted)} deleted`,
  ];
  if (unchanged > 0) deeds.push(`${formatCount(unchanged)} there already`);
  return deeds.join(", ");
}

/** The part of a summary that says how long it took. */
export function performanceSection(bars: number, bytes: number, durationMs: number): string {
  const seconds = Math.max(durationMs, 1) / 1000;
  const rows = [`Duration: ${formatDuration(durationMs)}`, `Rate: ${formatCount(bars / seconds)} bars/s`];
  if (bytes > 0) rows.push(`Download: ${formatBytes(bytes)} (${formatBytes(Math.round(bytes / seconds))}/s)`);
  return `⏱  Performance:\n${tree(rows)}`;
}

/** The failures of a run, the first ones in full; days of a dataset that failed alike are told together. */
export function failuresSection(failures: readonly Failure[]): string {
  if (failures.length === 0) return "";
  const alike = [
    ...Map.groupBy(failures, ({ dataset, step, error }) => `${dataset} ${step} ${error}`).values(),
  ];
  const told = alike.slice(0, MAX_FAILURES_SHOWN);
  const shown = told.flatMap((group) => {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) return [];
    const days = new Set(group.map(({ date }) => date)).size;
    const dates = days === 1 ? first.date : `${first.date} to ${last.date}, ${plural(days, "day")}`;
    return `  ${first.dataset} ${dates} (${first.step}): ${first.error}\n    → ${first.hint}`;
  });
  const more = failures.length - told.flat().length;
  const pages = [...new Set(failures.map(({ help }) => help))].map(helpCall);
  return `✖ Failures:\n${shown.join("\n")}\n${more > 0 ? `  … and ${more} more (all with --json)\n` : ""}  More: ${pages.join(", ")}\n`;
}

/** A list of what to do next. */
export function nextSteps(steps: readonly string[]): string {
  if (steps.length === 0) return "";
  return `➜ Next steps:\n${steps.map((step, index) => `  ${index + 1}. ${step}`).join("\n")}\n`;
}

/** Puts the parts of a summary together, one blank line between them. */
export function sections(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

function filesNote({ downloaded, reused, bytes }: FillResult["files"]): string {
  const notes: string[] = [];
  if (downloaded > 0) notes.push(`${plural(downloaded, "file")} downloaded, ${formatBytes(bytes)}`);
  if (reused > 0) notes.push(`${plural(reused, "file")} reused`);
  return notes.length > 0 ? ` (${notes.join("; ")})` : "";
}

/** Rows as the branches of a small tree. */
function tree(rows: readonly string[]): string {
  return rows.map((row, index) => `  ${index === rows.length - 1 ? "└─" : "├─"} ${row}\n`).join("");
}
