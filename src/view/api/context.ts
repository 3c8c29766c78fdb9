import type { Cache } from "../../cache/cache.ts";

/** What the answers are worked out from. */
export interface ViewContext {
  /** The cache as it is now. @throws BackfillError (cache) while there is none. */
  readonly cache: Cache;
  readonly dataDir: string;
  readonly version: string;
  /** Name of the database in the settings; null: the one that was written to last. */
  readonly target: string | null;
  /** Whether the bars are the demo's. */
  readonly synthetic: boolean;
  /** The moment to look from, epoch ms. */
  readonly nowMs: () => number;
}
