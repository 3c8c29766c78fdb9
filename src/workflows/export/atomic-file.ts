import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Sink } from "../../formats/bar-encoder.ts";
import { fileError, isMissing } from "./file-error.ts";

/**
 * Writes a file piece by piece under another name in the same folder, and gives it its own only when all of it is on the
 * disk: whatever happens, nobody sees half of it, and what was there before stays until then. Returns its size.
 * @throws BackfillError (cache) if the disk or the folder does not take it; whatever `write` throws.
 */
export async function writeFileInPieces(path: string, write: (sink: Sink) => Promise<void>): Promise<number> {
  makeFolder(dirname(path));
  const place = placeOf(path);
  const partial = partialPath(place);
  try {
    const file = openLike(place, partial);
    let sizeBytes = 0;
    try {
      await write((bytes) => {
        sizeBytes += writeAll(file, bytes);
      });
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, place);
    return sizeBytes;
  } catch (error) {
    removePartial(partial);
    throw fileError(error, "write", path);
  }
}

/** The same for a file that is there as a whole. */
export function writeFileWhole(path: string, bytes: Uint8Array): void {
  makeFolder(dirname(path));
  const place = placeOf(path);
  const partial = partialPath(place);
  try {
    const file = openLike(place, partial);
    try {
      writeAll(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, place);
  } catch (error) {
    removePartial(partial);
    throw fileError(error, "write", path);
  }
}

/** Where a file stands in truth: a link stays one, and what it leads to is written anew. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // There is none yet, or a link that leads nowhere, which a file takes the place of.
    return path;
  }
}

/** Opens a new file that whoever may read and write `place` may read and write, and nobody else. */
function openLike(place: string, partial: string): number {
  const file = openSync(partial, "w");
  const mode = statSync(place, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined) fchmodSync(file, mode & 0o777);
  return file;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileError(error, "make the folder", folder);
  }
}

/** Removes from a folder what exports that were killed have left half-written. Call it before anything is written there. */
export function removeAbandoned(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const [, pid] = /^\..+\.(\d+)\.partial$/.exec(name) ?? [];
      if (pid === undefined) continue;
      const path = join(folder, name);
      if (!isAtWork(Number(pid)) || isOld(path)) rmSync(path, { force: true });
    }
  } catch (error) {
    // Somebody else was faster, or the folder is not there, of which whoever makes it tells.
    if (isMissing(error)) return;
    throw fileError(error, "read", folder);
  }
}

/** Whether a process may be writing. One of our own number is an earlier one: we have not begun. */
function isAtWork(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, but somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** How long nothing has been written to a file that nobody will finish: its process's number is another's by now. */
const ABANDONED_MS = 3_600_000;

function isOld(path: string): boolean {
  return Date.now() - statSync(path).mtimeMs > ABANDONED_MS;
}

/** What a file is called until it has its own name, of which a part is enough: there is a longest that a disk takes. */
const NAME_LETTERS = 50;

/** Two exports at the same time write to files of their own. */
function partialPath(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, NAME_LETTERS)}.${process.pid}.partial`);
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
