import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { explanationOf } from "../../cache/explanations.ts";
import { BackfillError, errorText } from "../../core/errors.ts";
import type { Sink } from "../../formats/bar-encoder.ts";

/**
 * Writes a file piece by piece under another name in the same folder, and gives it its own only when all of it is on the
 * disk: whatever happens, nobody sees half of it, and what was there before stays until then. Returns its size.
 * @throws BackfillError (cache) if the disk or the folder does not take it; whatever `write` throws.
 */
export async function writeFileInPieces(path: string, write: (sink: Sink) => Promise<void>): Promise<number> {
  const partial = partialPath(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(partial, "w");
    let sizeBytes = 0;
    try {
      await write((bytes) => {
        sizeBytes += writeAll(file, bytes);
      });
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
    return sizeBytes;
  } catch (error) {
    removePartial(partial);
    throw explained(error, path);
  }
}

/** The same for a file that is there as a whole. */
export function writeFileWhole(path: string, bytes: Uint8Array): void {
  const partial = partialPath(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(partial, "w");
    try {
      writeAll(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    removePartial(partial);
    throw explained(error, path);
  }
}

/** How long nothing has been written to a file that nobody will finish: a process was killed, or the machine stopped. */
const ABANDONED_MS = 3_600_000;

/** Removes from a folder what exports that were killed have left half-written. */
export function removeAbandoned(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      if (!/^\..+\.\d+\.partial$/.test(name)) continue;
      const path = join(folder, name);
      const { mtimeMs } = statSync(path);
      if (Date.now() - mtimeMs > ABANDONED_MS) rmSync(path, { force: true });
    }
  } catch (error) {
    // The folder is not there (yet), of which whoever writes to it tells, or somebody else was faster.
    if (error instanceof Error && "code" in error && /^ENO(ENT|TDIR)$/.test(String(error.code))) return;
    throw explained(error, folder);
  }
}

/** Two exports at the same time write to files of their own. */
function partialPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
}

function removePartial(partial: string): void {
  try {
    rmSync(partial, { force: true });
  } catch {
    // What kept it from being written keeps it from being there, or from being removed: of that the user is told.
  }
}

function writeAll(file: number, bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  return bytes.length;
}

/** An error of the file system at `path` in words; any other as it is. */
export function explained(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  const named = "path" in error && typeof error.path === "string" ? error.path : path;
  const known = explanationOf(String(error.code), named);
  const nextStep = known?.isFull === true ? known.nextStep : "Check the path, or choose another --out.";
  return new BackfillError({
    kind: "cache",
    help: "disk",
    operation: `write ${path}`,
    reason: known === null ? errorText(error) : `${known.reason} (${errorText(error)})`,
    nextStep,
    cause: error,
  });
}
