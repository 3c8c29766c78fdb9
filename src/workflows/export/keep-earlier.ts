import { BackfillError } from "../../core/errors.ts";
import { formatCount, plural } from "../../core/format.ts";
import type { SizeOf } from "./decide.ts";
import { endingOf, EXPORT_FORMATS, type ExportOptions } from "./options.ts";
import type { FileContents, PlannedFile } from "./planned-file.ts";
import type { ExportedFiles } from "./state.ts";

/** What a folder has of earlier exports, and what is asked for. */
export interface Earlier {
  readonly exported: ExportedFiles;
  readonly sizeOf: SizeOf;
  /** Whether the cache has symbols that are not asked for. */
  readonly hasOtherSymbols: boolean;
}

/**
 * Makes sure that no file of a folder is written over by one that is about less: fewer days, or fewer contracts of an
 * underlying.
 * @throws BackfillError (usage) that names the first that would be.
 */
export function assertNothingCut(
  options: Pick<ExportOptions, "out" | "range">,
  planned: readonly PlannedFile[],
  { exported, sizeOf, hasOtherSymbols }: Earlier,
): void {
  for (const file of planned) {
    const { path } = file;
    const held = exported.get(path);
    const hasOtherDays = held === undefined ? file.isCut : !isWithin(held, options.range);
    const hasOthers = held !== undefined && hasOtherSymbols && held.series > file.series;
    if ((!hasOtherDays && !hasOthers) || sizeOf(path) === null) continue;
    if (held === undefined)
      throw refusal(options, `it is not known what ${path} holds, which would hold ${daysText(file)}`, WIDER);
    throw hasOtherDays
      ? refusal(options, `${path} holds ${daysText(held)}, and would hold ${daysText(file)}`, WIDER)
      : refusal(
          options,
          `${path} holds ${formatCount(held.series)} contracts (${plural(held.bars, "bar")}), and would hold ${formatCount(file.series)} (${plural(file.bars, "bar")})`,
          "Name the other symbols too",
        );
  }
}

/**
 * Makes sure that no files of another format stand in a folder, where whoever reads it would have all bars twice.
 * @throws BackfillError (usage) that names one.
 */
export function assertSameFormat(
  { out, format }: Pick<ExportOptions, "out" | "format">,
  others: ExportedFiles,
): void {
  const [path] = others.keys();
  if (path === undefined) return;
  const theirs = EXPORT_FORMATS.find((each) => path.endsWith(endingOf(each))) ?? "other";
  throw new BackfillError({
    kind: "usage",
    operation: `export to ${out}`,
    reason: `there are ${plural(others.size, `${theirs} file`)} of an earlier export, such as ${path}: beside them, ${format} would double the bars`,
    nextStep: `Choose another --out or --format=${theirs}, or add --replace if you want ${format} instead of them.`,
  });
}

/** Whether all that a file holds is of the days asked for. */
export function isWithin({ from, to }: FileContents, range: ExportOptions["range"]): boolean {
  return range === null || (from >= range.from && to <= range.to);
}

const WIDER = "Ask for a wider range";

function refusal({ out }: Pick<ExportOptions, "out">, reason: string, wayOut: string): BackfillError {
  return new BackfillError({
    kind: "usage",
    operation: `export to ${out}`,
    reason,
    nextStep: `${wayOut}, choose another --out, or add --replace if you want it without the others.`,
  });
}

function daysText({ from, to, bars }: FileContents): string {
  return `${from === to ? from : `${from} to ${to}`} (${plural(bars, "bar")})`;
}
