import type { EmptyFile, FileContents, KnownContents, PlannedFile } from "./planned-file.ts";
import type { ExportedFiles } from "./state.ts";

/** Why a file is written. */
type WriteReason = "new" | "changed" | "gone" | "altered" | "asked for";

export interface Decision {
  readonly file: PlannedFile;
  readonly reason: WriteReason;
}

/** The size of the file at a path below the export's folder; null if there is none. */
export type SizeOf = (path: string) => number | null;

/** Which files an export writes, and how many it leaves as they are. */
export function filesToWrite(
  planned: readonly PlannedFile[],
  exported: ExportedFiles,
  { sizeOf, incremental }: { readonly sizeOf: SizeOf; readonly incremental: boolean },
): { readonly write: Decision[]; readonly unchanged: number } {
  const write: Decision[] = [];
  for (const file of planned) {
    const reason = incremental ? reasonToWrite(file, exported, sizeOf) : "asked for";
    if (reason !== null) write.push({ file, reason });
  }
  return { write, unchanged: planned.length - write.length };
}

function reasonToWrite(
  { path, fingerprint }: PlannedFile,
  exported: ExportedFiles,
  sizeOf: SizeOf,
): WriteReason | null {
  const before = exported.get(path);
  if (before === undefined) return "new";
  if (before.fingerprint !== fingerprint) return "changed";
  const sizeBytes = sizeOf(path);
  if (sizeBytes === null) return "gone";
  return sizeBytes === before.sizeBytes ? null : "altered";
}

/**
 * The files of earlier exports that would have no bars any more: the cache knows of days that they hold that there are none.
 * One of whose days it knows nothing stays as it is; one that is no longer as we left it is somebody else's by now.
 */
export function filesToDelete(
  empty: readonly EmptyFile[],
  exported: ExportedFiles,
  sizeOf: SizeOf,
): EmptyFile[] {
  return empty.filter(({ path, known }) => {
    const held = exported.get(path);
    return (
      held !== undefined &&
      held.days.some((day) => known.days.includes(day)) &&
      sizeOf(path) === held.sizeBytes
    );
  });
}

/** What a file holds of which the cache knows nothing. */
export interface Lost {
  readonly days: readonly number[];
  readonly series: readonly number[];
}

/** What would be lost if a file were made of what the cache knows; null if nothing. */
export function lostOf(held: FileContents, known: KnownContents): Lost | null {
  const [days, series] = [without(held.days, known.days), without(held.series, known.series)];
  return days.length + series.length === 0 ? null : { days, series };
}

function without(numbers: readonly number[], others: readonly number[]): number[] {
  const known = new Set(others);
  return numbers.filter((number) => !known.has(number));
}
