import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";

const PIECE = Buffer.alloc(1 << 16);

/**
 * Writes a file into the disk on `path`, as another program might, until so many bytes are free; the end of the block
 * makes room again.
 */
export function fillDisk(path: string, leaveBytes = 0): Disposable {
  const filler = join(path, "of-another-program");
  const file = openSync(filler, "w");
  try {
    let left = freeBytes(path) - leaveBytes;
    while (left > 0) left -= writeSync(file, PIECE, 0, Math.min(left, PIECE.length));
  } catch (error) {
    // A program that writes at the same time may take the last bytes.
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(file);
  }
  return { [Symbol.dispose]: () => rmSync(filler, { force: true }) };
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
