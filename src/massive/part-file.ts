import { createHash } from "node:crypto";
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { BackfillError, errorText } from "../core/errors.ts";
import { codeOf } from "./network-errors.ts";

const HASH_CHUNK_BYTES = 1 << 20;

/** A file that is being written beside its final place: complete under its own name, or not there at all. */
export interface PartFile {
  /** Writes all of `bytes` at `offset`. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** MD5 of what was written, hex. */
  md5(): Promise<string>;
  /** Gives the file its final name; with `sync` it also outlives a power cut. */
  commit(sync: boolean): Promise<void>;
  /** Closes and removes what there is; does nothing after `commit`. */
  discard(): Promise<void>;
}

/**
 * Opens `${toPath}.part`, empty; makes the folder if need be. All failures are BackfillErrors (cache), with code
 * `disk-full` if that is it.
 */
export async function openPartFile(toPath: string): Promise<PartFile> {
  const partPath = `${toPath}.part`;
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw fileError(partPath, error);
    }
  };
  const file = await explained(async () => {
    await mkdir(dirname(toPath), { recursive: true });
    return open(partPath, "w+");
  });
  let committed = false;
  return {
    write: (bytes, offset) => explained(() => writeAll(file, bytes, offset)),
    md5: () => explained(() => hashOf(file)),
    async commit(sync) {
      await explained(async () => {
        if (sync) await file.sync();
        await file.close();
        await rename(partPath, toPath);
        committed = true;
        if (sync) await syncFolder(dirname(toPath));
      });
    },
    async discard() {
      if (committed) return;
      // The error that led here matters more; what cannot be removed, the next download overwrites.
      await file.close().catch(() => undefined);
      await rm(partPath, { force: true }).catch(() => undefined);
    },
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash("md5");
  const chunk = new Uint8Array(HASH_CHUNK_BYTES);
  for (let offset = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, offset);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(chunk.subarray(0, bytesRead));
    offset += bytesRead;
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

function fileError(path: string, error: unknown): BackfillError {
  const full = codeOf(error) === "ENOSPC";
  return new BackfillError({
    kind: "cache",
    ...(full ? { code: "disk-full" } : {}),
    operation: `write ${path}`,
    reason: full ? "the disk is full" : errorText(error),
    nextStep: full
      ? "Make room (`massive-backfill prune` deletes flat files that are parsed), then run again."
      : "Check that the data directory exists and may be written to, then run again.",
    cause: error,
  });
}
