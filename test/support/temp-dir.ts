import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempDir extends Disposable {
  readonly path: string;
}

/** A new empty folder; `using dir = tempDir()` removes it at the end of the block. */
export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), "massive-backfill-"));
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
