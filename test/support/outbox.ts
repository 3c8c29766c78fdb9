import type { Cache } from "../../src/cache/cache.ts";
import { markSent, markSynced } from "../../src/cache/deliveries.ts";
import { removedBars } from "../../src/cache/removed-bars.ts";
import { unsyncedBatches, type UnsyncedBatch } from "../../src/cache/outbox.ts";

/** Everything that a target lacks. */
export function unsynced(cache: Cache, targetId: number): UnsyncedBatch[] {
  return Array.from(unsyncedBatches(cache, targetId));
}

/** Plays a sync that succeeds: everything that a target lacks is sent and confirmed. Returns what that was. */
export async function syncAll(cache: Cache, targetId: number, nowMs = 5000): Promise<UnsyncedBatch[]> {
  const batches = unsynced(cache, targetId);
  await markSent(cache, targetId, batches);
  await confirm(cache, targetId, batches, nowMs);
  return batches;
}

/** Plays the confirmation of batches, and of the deletions that went with them. */
export async function confirm(
  cache: Cache,
  targetId: number,
  batches: readonly UnsyncedBatch[],
  nowMs = 5000,
): Promise<void> {
  const delivered = batches.map((batch) => ({
    batch,
    deletes: removedBars(cache, targetId, batch).map((windowStartMs) => ({ windowStartMs })),
  }));
  await markSynced(cache, targetId, delivered, nowMs);
}
