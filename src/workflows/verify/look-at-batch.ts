import { batchBars, type BatchKey } from "../../cache/bars.ts";
import { findBatch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { isFlatFileKnown } from "../../cache/flat-files.ts";
import type { HeldBatch } from "./judge-batch.ts";

/**
 * The manifest's row of a batch and its bars as they are at one moment, so that a run at work beside us never looks
 * like a fault; null if the batch is gone.
 */
export function lookAtBatch(cache: Cache, key: BatchKey): HeldBatch | null {
  return cache.db.transaction(() => {
    const batch = findBatch(cache, key);
    if (batch === null) return null;
    const isFileKnown = batch.flatFileId === null || isFlatFileKnown(cache, batch.flatFileId);
    return { batch, isFileKnown, bars: batchBars(cache, key) };
  })();
}
