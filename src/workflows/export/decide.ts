import type { PlannedFile } from "./planned-file.ts";
import type { ExportedFile, ExportedFiles } from "./state.ts";

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
 * The files of earlier exports that have no bars any more, of those this export is about. One that is no longer as we left
 * it is somebody else's by now.
 */
export function filesToDelete(
  planned: readonly PlannedFile[],
  exported: ExportedFiles,
  {
    sizeOf,
    isInScope,
  }: { readonly sizeOf: SizeOf; readonly isInScope: (path: string, held: ExportedFile) => boolean },
): string[] {
  const kept = new Set(planned.map(({ path }) => path));
  return [...exported]
    .filter(([path, held]) => !kept.has(path) && isInScope(path, held) && sizeOf(path) === held.sizeBytes)
    .map(([path]) => path);
}
