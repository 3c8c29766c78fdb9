import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 1 << 20;

/** What the MD5 thread answers to a path. */
export type Md5Answer =
  | { readonly md5: string }
  /** Message and system code of the error. */
  | { readonly failure: string; readonly code: string | null };

/** MD5 of a file's bytes, hex. Blocks the thread, about 2 ms a megabyte. */
export function md5OfFile(path: string): string {
  const hash = createHash("md5");
  const chunk = new Uint8Array(CHUNK_BYTES);
  const file = openSync(path, "r");
  try {
    for (;;) {
      const bytesRead = readSync(file, chunk);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    closeSync(file);
  }
}
