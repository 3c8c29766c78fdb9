import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";

const CHUNK_BYTES = 1 << 20;

/** Somebody else's file that takes what is free on a disk. */
export interface DiskFiller {
  /** Takes all but so many bytes. */
  fill(leaveBytes?: number): void;
  /** Gives it back. */
  empty(): void;
}

/** A file in `folder` that can take its disk. */
export function diskFiller(folder: string): DiskFiller {
  const path = join(folder, "somebody-elses-file");
  return {
    fill(leaveBytes = 0) {
      const file = openSync(path, "a");
      try {
        for (;;) {
          const { bavail, bsize } = statfsSync(folder);
          const free = bavail * bsize - leaveBytes;
          if (free <= 0) return;
          writeSync(file, new Uint8Array(Math.min(free, CHUNK_BYTES)));
        }
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(path, { force: true }),
  };
}
