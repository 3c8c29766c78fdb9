import { mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { BackfillError, errorText } from "../core/errors.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { bytesIn, joined, type ByteRange } from "./byte-ranges.ts";
import { codeOf } from "./network-errors.ts";
import { openPartJournal, readPartJournal, type PartJournal } from "./part-journal.ts";
import { writePieces } from "./write-pieces.ts";

/**
 * A file that is being written beside its final place, in any order: complete under its own name, or unfinished with
 * a journal of what it has, so that another run can go on with it. All failures are BackfillErrors (cache), with code
 * `disk-full` if that is it.
 */
export interface PartFile {
  readonly path: string;
  /** The ranges that were finished when it was opened or started over, none touching another. */
  readonly finished: readonly ByteRange[];
  /** Writes all of `pieces`, one after the other, from `offset` on. */
  write(pieces: readonly Uint8Array[], offset: number): Promise<void>;
  /** Notes that `range` is written. */
  finish(range: ByteRange): Promise<void>;
  /** Forgets all that is written. */
  startOver(): Promise<void>;
  /** Gives the file its final name; with `sync` it also outlives a power cut. */
  commit(sync: boolean): Promise<void>;
  /** Closes it. Nothing is left unless some range is finished; after `commit` there is nothing to do. */
  close(): Promise<void>;
}

/** Opens `${toPath}.part` to write `object` into it, goes on with it if it can; makes the folder if need be. */
export async function openPartFile(toPath: string, object: FlatFile): Promise<PartFile> {
  const { part, journal } = unfinishedPaths(toPath);
  return explained(part, async () => {
    await mkdir(dirname(toPath), { recursive: true });
    const finished = await finishedRanges(toPath, object);
    const resumes = finished.length > 0;
    const file = await open(part, resumes ? "r+" : "w+");
    try {
      const opened = await openPartJournal(journal, object, resumes);
      return new OpenPartFile(toPath, object, file, opened, finished);
    } catch (error) {
      await file.close();
      throw error;
    }
  });
}

/** Bytes of `object` that an unfinished download to `toPath` has brought already: they are not fetched again. */
export async function resumableBytes(object: FlatFile, toPath: string): Promise<number> {
  return bytesIn(await finishedRanges(toPath, object));
}

async function finishedRanges(toPath: string, object: FlatFile): Promise<ByteRange[]> {
  const { part, journal } = unfinishedPaths(toPath);
  const finished = joined(await readPartJournal(journal, object));
  return (finished.at(-1)?.end ?? 0) <= (await fileSize(part)) ? finished : [];
}

async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    // What keeps us from looking at it is explained when it is opened.
    if (codeOf(error) !== null) return 0;
    throw error;
  }
}

/** Where the bytes of an unfinished file are, and the journal of them. */
export function unfinishedPaths(toPath: string): { part: string; journal: string } {
  return { part: `${toPath}.part`, journal: `${toPath}.part.journal` };
}

class OpenPartFile implements PartFile {
  readonly path: string;
  finished: readonly ByteRange[];
  readonly #toPath: string;
  readonly #object: FlatFile;
  readonly #file: FileHandle;
  #journal: PartJournal;
  #leaves: boolean;
  #committed = false;

  constructor(
    toPath: string,
    object: FlatFile,
    file: FileHandle,
    journal: PartJournal,
    finished: readonly ByteRange[],
  ) {
    this.path = unfinishedPaths(toPath).part;
    this.finished = finished;
    this.#toPath = toPath;
    this.#object = object;
    this.#file = file;
    this.#journal = journal;
    this.#leaves = finished.length > 0;
  }

  write(pieces: readonly Uint8Array[], offset: number): Promise<void> {
    return explained(this.path, () => writePieces(this.#file, pieces, offset));
  }

  async finish(range: ByteRange): Promise<void> {
    await explained(this.path, () => this.#journal.add(range));
    this.#leaves = true;
  }

  async startOver(): Promise<void> {
    this.finished = [];
    this.#leaves = false;
    await explained(this.path, async () => {
      await this.#journal.close();
      this.#journal = await openPartJournal(unfinishedPaths(this.#toPath).journal, this.#object, false);
      await this.#file.truncate(0);
    });
  }

  async commit(sync: boolean): Promise<void> {
    await explained(this.path, async () => {
      if (sync) await this.#file.sync();
      await this.#closeBoth();
      await rename(this.path, this.#toPath);
      this.#committed = true;
      if (sync) await syncFolder(dirname(this.#toPath));
    });
    await this.#remove(unfinishedPaths(this.#toPath).journal);
  }

  async close(): Promise<void> {
    if (this.#committed) return;
    // The error that led here matters more.
    await this.#closeBoth().catch(() => undefined);
    if (this.#leaves) return;
    await this.#remove(this.path);
    await this.#remove(unfinishedPaths(this.#toPath).journal);
  }

  async #closeBoth(): Promise<void> {
    await Promise.all([this.#journal.close(), this.#file.close()]);
  }

  /** What cannot be removed, the next download overwrites; without its partner it means nothing. */
  async #remove(path: string): Promise<void> {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Makes the renaming itself durable. Windows has no such thing for folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(path, error);
  }
}

/** What keeps us from reading or writing a local file, in the user's words. */
export function fileError(path: string, error: unknown): BackfillError {
  const full = codeOf(error) === "ENOSPC";
  return new BackfillError({
    kind: "cache",
    ...(full ? { code: "disk-full" } : {}),
    operation: `write ${path}`,
    reason: full ? "the disk is full" : errorText(error),
    nextStep: full
      ? "Free some space and run the same command again; hybrid --no-keep deletes flat files once they are read."
      : "Check that the data directory exists and may be written to, then run again.",
    cause: error,
  });
}
