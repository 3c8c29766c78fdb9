import { dateOfEpochDay } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { formatCount, plural } from "../../core/format.ts";
import { lostOf, type SizeOf } from "./decide.ts";
import { endingOf, EXPORT_FORMATS, type ExportOptions } from "./options.ts";
import type { ExportPlan } from "./plan-export.ts";
import type { EmptyFile, FileContents, PlannedFile } from "./planned-file.ts";
import type { ExportedFiles } from "./state.ts";

/** What a folder has of earlier exports, and what is asked for. */
export interface Earlier {
  readonly exported: ExportedFiles;
  readonly sizeOf: SizeOf;
  /** Why nothing is known of earlier exports though there is an account of them; null if that is not so. */
  readonly unusable: string | null;
  /** Whether the cache has symbols that are not asked for. */
  readonly hasOtherSymbols: boolean;
}

/**
 * Makes sure that no file of a folder is deleted or written over by one that is about less (fewer days, or fewer contracts
 * of an underlying), be it that less is asked for or that the cache has less; nor one that is not known.
 * @throws BackfillError (usage) that names the first that would be.
 */
export function assertNothingLost(
  options: Pick<ExportOptions, "out" | "range">,
  planned: readonly (PlannedFile | EmptyFile)[],
  { exported, sizeOf, unusable, hasOtherSymbols }: Earlier,
): void {
  for (const file of planned) {
    const { path } = file;
    if (sizeOf(path) === null) continue;
    const held = exported.get(path);
    if (held === undefined)
      throw refusal(
        options,
        `${path} is there, and it is not known what it holds: ${unusable ?? "no export into this folder wrote it"}`,
        "Choose another --out, or add --replace to write over it.",
      );
    const lost = lostOf(held, file.known);
    if (lost === null) continue;
    const [day] = lost.days;
    if (day === undefined && !path.startsWith(LEAN_OPTIONS))
      throw refusal(
        options,
        `${path} holds bars of another symbol (${plural(held.bars, "bar")}), whose name is the same there`,
        "Choose another --out, or add --replace to write over it.",
      );
    if (day === undefined)
      throw refusal(
        options,
        `${path} holds ${plural(held.series.length, "contract")} (${plural(held.bars, "bar")}), and would hold ${contractsText(file)}, without ${formatCount(lost.series.length)} of those`,
        hasOtherSymbols ? `Name the other symbols too${OTHERWISE}` : RIGHT_CACHE,
      );
    if (!isWithin(day, options.range))
      throw refusal(
        options,
        `${path} holds ${daysText(held)}, and would hold ${"bars" in file ? daysText(file) : "none"}`,
        `Ask for a wider range${OTHERWISE}`,
      );
    throw refusal(
      options,
      `${path} holds ${daysText(held)}, of which ${plural(lost.days.length, "day")} ${lost.days.length === 1 ? "is" : "are"} not in the cache, or marked as not read there, such as ${dateOfEpochDay(day)}`,
      RIGHT_CACHE,
    );
  }
}

/**
 * Makes sure that no files of another format stay in a folder, where whoever reads it would have all bars twice. With
 * --replace those go in whose place there is one now.
 * @throws BackfillError (usage) that names one which would stay.
 */
export function assertSameFormat(
  { out, format, replace }: Pick<ExportOptions, "out" | "format" | "replace">,
  others: ExportedFiles,
  { files, empty }: Pick<ExportPlan, "files" | "empty">,
): void {
  const places = new Set([...files, ...empty].map(({ path }) => placeOf(path)));
  const paths = [...others.keys()];
  const beside = paths.filter((path) => !places.has(placeOf(path)));
  const [path] = replace ? beside : paths;
  if (path === undefined) return;
  const theirs = EXPORT_FORMATS.find((each) => path.endsWith(endingOf(each))) ?? "other";
  const operation = `export to ${out}`;
  const another = `Choose another --out or --format=${theirs}`;
  if (beside.length > 0)
    throw new BackfillError({
      kind: "usage",
      operation,
      reason: `there are ${plural(beside.length, `${theirs} file`)} of an earlier export that this one would not replace, such as ${beside[0]}: a folder has one format`,
      nextStep: `${another}.`,
    });
  throw new BackfillError({
    kind: "usage",
    operation,
    reason: `there are ${plural(others.size, `${theirs} file`)} of an earlier export, such as ${path}: beside them, ${format} would double the bars`,
    nextStep: `${another}, or add --replace: that removes them, and writes ${format} in their place.`,
  });
}

/** A path without what the format makes of it. */
function placeOf(path: string): string {
  return path.replace(/\.[a-z]+$/, "");
}

function isWithin(epochDay: number, range: ExportOptions["range"]): boolean {
  const date = dateOfEpochDay(epochDay);
  return range === null || (date >= range.from && date <= range.to);
}

/** Where Lean keeps the only files that have several symbols: the contracts of an underlying. */
const LEAN_OPTIONS = "option/";
const OTHERWISE = ", choose another --out, or add --replace if you want it without the others.";
const RIGHT_CACHE =
  "Look whether it is the right --data-dir, have hybrid bring what lacks, choose another --out, or add --replace if you want it without that.";

function refusal({ out }: Pick<ExportOptions, "out">, reason: string, nextStep: string): BackfillError {
  return new BackfillError({ kind: "usage", operation: `export to ${out}`, reason, nextStep });
}

function contractsText(file: PlannedFile | EmptyFile): string {
  return "bars" in file ? `${formatCount(file.series.length)} (${plural(file.bars, "bar")})` : "none";
}

function daysText({ from, to, bars }: FileContents): string {
  return `${from === to ? from : `${from} to ${to}`} (${plural(bars, "bar")})`;
}
