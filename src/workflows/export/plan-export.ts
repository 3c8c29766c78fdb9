import { basename } from "node:path";
import type { Cache } from "../../cache/cache.ts";
import { BackfillError } from "../../core/errors.ts";
import { timeframeName } from "../../core/timeframes.ts";
import { hiveFiles } from "./hive-files.ts";
import type { CachedSeries } from "./inventory.ts";
import { leanFiles, leanPlaces } from "./lean-files.ts";
import { epochDays, oneFile, withBars } from "./one-file.ts";
import { someNames } from "./left-out.ts";
import type { ExportOptions } from "./options.ts";
import type { EmptyFile, PlannedFile } from "./planned-file.ts";

/** The files an export consists of. */
export interface ExportPlan {
  readonly files: readonly PlannedFile[];
  /** Those that have no bars any more, and are to be gone. */
  readonly empty: readonly EmptyFile[];
  /** Symbols that the format has no name for: they are left out. */
  readonly leftOut: readonly string[];
}

/** Works out the files of an export of `series`. */
export function planExport(
  cache: Cache,
  options: ExportOptions,
  series: readonly CachedSeries[],
): ExportPlan {
  const range = epochDays(options.range);
  if (!options.isFolder) {
    const file = oneFile(basename(options.out), series, range);
    return { files: file === null ? [] : [file], empty: [], leftOut: [] };
  }
  if (options.format !== "lean")
    return { ...hiveFiles(`bars.${options.format}`, series, range), leftOut: [] };
  const { placed, nameless } = leanPlaces(series, options.leanMarket);
  return { ...leanFiles(cache, placed, range), leftOut: nameless.map(({ symbol }) => symbol) };
}

/**
 * Makes sure that there is something of each timeframe.
 * @throws BackfillError (usage) that says how such bars come to be.
 */
export function assertTimeframes({ timeframes }: ExportOptions, series: readonly CachedSeries[]): void {
  for (const minutes of timeframes) {
    if (
      series.some(({ timeframeMinutes, days }) => timeframeMinutes === minutes && withBars(days).length > 0)
    )
      continue;
    const name = timeframeName(minutes);
    throw new BackfillError({
      kind: "usage",
      operation: "read --timeframe",
      reason: `the cache has no ${name} bars of these symbols`,
      nextStep:
        minutes === 1
          ? "See what is cached with massive-backfill status, or bring some bars first: massive-backfill hybrid."
          : `Make them first: massive-backfill aggregate --timeframes=${name}.`,
    });
  }
}

/**
 * Makes sure that there is something to export, or a file to delete because there is nothing any more.
 * @throws BackfillError (usage) if not.
 */
export function assertSomething(
  { range, out }: ExportOptions,
  { files, leftOut }: Pick<ExportPlan, "files" | "leftOut">,
  deleted: readonly EmptyFile[],
): void {
  if (files.length > 0 || deleted.length > 0) return;
  if (leftOut.length > 0)
    throw new BackfillError({
      kind: "usage",
      operation: `export to ${out}`,
      reason: `Lean has no name for any of these symbols: ${someNames(leftOut)}`,
      nextStep: "Name others with --symbols, or choose another --format.",
    });
  const when = range === null ? "" : ` from ${range.from} to ${range.to}`;
  throw new BackfillError({
    kind: "usage",
    operation: `export to ${out}`,
    reason: `the cache has no bars of these symbols${when}`,
    nextStep: "See what is cached with massive-backfill status.",
  });
}
