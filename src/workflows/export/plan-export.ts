import { basename } from "node:path";
import { BackfillError } from "../../core/errors.ts";
import { timeframeName } from "../../core/timeframes.ts";
import { hiveFiles, hiveFolder } from "./hive-files.ts";
import type { CachedSeries } from "./inventory.ts";
import { leanFiles, leanPlaces } from "./lean-files.ts";
import { epochDays, oneFile, type EpochDays } from "./one-file.ts";
import { someNames } from "./left-out.ts";
import type { ExportOptions } from "./options.ts";
import type { PlannedFile } from "./planned-file.ts";

/** The files an export consists of. */
export interface ExportPlan {
  readonly files: readonly PlannedFile[];
  /** Whether a file of an earlier export is one that this export is about. */
  readonly isInScope: (path: string) => boolean;
  /** Symbols that the format has no name for: they are left out. */
  readonly leftOut: readonly string[];
}

/** Works out the files of an export of `series`, those without bars left out. */
export function planExport(options: ExportOptions, series: readonly CachedSeries[]): ExportPlan {
  const range = epochDays(options.range);
  if (!options.isFolder) {
    const file = oneFile(basename(options.out), series, range);
    return { files: file === null ? [] : [file], isInScope: () => false, leftOut: [] };
  }
  return options.format === "lean"
    ? leanPlan(options, series, range)
    : hivePlan(options, series, range, `bars.${options.format}`);
}

function hivePlan(
  { symbols, timeframes }: ExportOptions,
  series: readonly CachedSeries[],
  range: EpochDays,
  fileName: string,
): ExportPlan {
  const folders = new Set(
    symbols.flatMap((symbol) =>
      timeframes.map((timeframeMinutes) => hiveFolder({ symbol, timeframeMinutes })),
    ),
  );
  const [firstYear, lastYear] = [yearOf(range.first), yearOf(range.last)];
  const isInScope = (path: string) => {
    const [, folder, year] = /^(.+)\/year=(\d{4})\/[^/]+$/.exec(path) ?? [];
    return (
      folder !== undefined && folders.has(folder) && Number(year) >= firstYear && Number(year) <= lastYear
    );
  };
  return { files: hiveFiles(fileName, series, range), isInScope, leftOut: [] };
}

function leanPlan(
  { leanMarket }: ExportOptions,
  series: readonly CachedSeries[],
  range: EpochDays,
): ExportPlan {
  const { placed, nameless } = leanPlaces(series, leanMarket);
  // An underlying's zip may hold contracts of an earlier export that this one is not about.
  const own = placed.filter(({ series: { symbol } }) => symbol.dataset !== "options");
  const folders = new Set(own.map(({ place }) => place.folder));
  const isInScope = (path: string) => {
    const [, folder, year, month, day] = /^(.+)\/(\d{4})(\d\d)(\d\d)_[^/]+$/.exec(path) ?? [];
    const epochDay = Date.parse(`${year}-${month}-${day}T00:00:00Z`) / 86_400_000;
    return folder !== undefined && folders.has(folder) && epochDay >= range.first && epochDay <= range.last;
  };
  return { files: leanFiles(placed, range), isInScope, leftOut: nameless.map(({ symbol }) => symbol) };
}

function yearOf(epochDay: number): number {
  return new Date(epochDay * 86_400_000).getUTCFullYear();
}

/**
 * Makes sure that there is something of each timeframe.
 * @throws BackfillError (usage) that says how such bars come to be.
 */
export function assertTimeframes({ timeframes }: ExportOptions, series: readonly CachedSeries[]): void {
  for (const minutes of timeframes) {
    if (series.some(({ timeframeMinutes }) => timeframeMinutes === minutes)) continue;
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
  deleted: readonly string[],
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
