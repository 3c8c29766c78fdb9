import { statSync } from "node:fs";
import { hasCache, openCacheReadOnly, type Cache } from "../cache/cache.ts";
import { BackfillError } from "../core/errors.ts";
import { followAnnouncedDays } from "../workflows/calendar/announced.ts";

interface Opened {
  readonly cache: Cache;
  /** Which file it is. */
  readonly file: string;
}

/** The cache of a folder as it is now: one that was removed and made again is another file, and is opened anew. */
export class PresentCache {
  readonly #dataDir: string;
  #opened: Opened | null;

  /** @throws BackfillError (cache) if there is none, or it cannot be opened. */
  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#opened = opened(dataDir);
  }

  /**
   * The cache, to be looked at only.
   * @throws BackfillError (cache) while there is none, or if it cannot be opened.
   */
  get cache(): Cache {
    if (this.#opened !== null && fileMark(this.#opened.cache.path) === this.#opened.file)
      return this.#opened.cache;
    this.close();
    this.#opened = opened(this.#dataDir);
    return this.#opened.cache;
  }

  close(): void {
    this.#opened?.cache.close();
    this.#opened = null;
  }
}

function opened(dataDir: string): Opened {
  if (!hasCache(dataDir)) throw gone(dataDir);
  const cache = openCacheReadOnly(dataDir);
  followAnnouncedDays(cache);
  return { cache, file: fileMark(cache.path) };
}

/** What another file of the same name has otherwise; empty if there is no file. */
function fileMark(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false });
  return file === undefined ? "" : `${file.dev} ${file.ino} ${file.birthtimeMs}`;
}

function gone(dataDir: string): BackfillError {
  return new BackfillError({
    kind: "cache",
    operation: `look at ${dataDir}`,
    reason: "the cache is not there any more",
    nextStep: "Put it back, or bring bars again: massive-backfill hybrid. This page goes on by itself then.",
  });
}
