import { openCache, type Cache } from "../../src/cache/cache.ts";
import { tempDir } from "./temp-dir.ts";

export interface TempCache extends Disposable {
  readonly dataDir: string;
  readonly cache: Cache;
}

/** A new empty cache in a folder of its own; `using` closes and removes it at the end of the block. */
export function tempCache(): TempCache {
  const dir = tempDir();
  const cache = openCache(dir.path);
  return {
    dataDir: dir.path,
    cache,
    [Symbol.dispose]() {
      cache.close();
      dir[Symbol.dispose]();
    },
  };
}
