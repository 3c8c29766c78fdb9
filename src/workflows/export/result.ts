import { timeframeName } from "../../core/timeframes.ts";
import type { ExportOptions, ExportResult } from "./options.ts";
import type { FileContents, PlannedFile } from "./planned-file.ts";
import type { ExportedFile } from "./state.ts";

/** What an export did. */
export interface ExportDone {
  /** The files it consists of, written or as they were. */
  readonly files: readonly PlannedFile[];
  readonly leftOut: readonly string[];
  readonly written: readonly ExportedFile[];
  readonly unchanged: number;
  readonly deleted: number;
}

/** What an export came to. */
export function resultOf(
  { format, out, timeframes }: ExportOptions,
  { files, leftOut, written, unchanged, deleted }: ExportDone,
): ExportResult {
  return {
    format,
    out,
    timeframes: timeframes.map(timeframeName),
    ...daysOf(written.length > 0 ? written : files),
    symbols: [...new Set(files.flatMap(({ parts }) => parts.map(({ symbol }) => symbol.symbol)))],
    leftOut,
    files: { written: written.length, unchanged, deleted },
    bars: written.reduce((sum, { bars }) => sum + bars, 0),
    bytes: written.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

/** First and last day of some files; null for none. */
function daysOf(files: readonly FileContents[]): Pick<ExportResult, "from" | "to"> {
  const days = files.flatMap(({ from, to }) => [from, to]).toSorted();
  return { from: days[0] ?? null, to: days.at(-1) ?? null };
}
