import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TempDir } from "../../support/temp-dir.ts";

/** A new empty folder inside `parent`; `using` removes it at the end of the block. */
export function workDir(parent: string): TempDir {
  const path = mkdtempSync(join(parent, "run-"));
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
