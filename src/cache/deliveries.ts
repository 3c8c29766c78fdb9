import type { Cache } from "./cache.ts";
import { forgetMark, type UnsyncedBatch } from "./outbox.ts";
import { markDeleted } from "./removed-bars.ts";

/**
 * Notes that batches are about to be sent. From now on the target may have their bars, whatever the answer: bars
 * that leave the cache later have to be deleted there.
 */
export async function markSent(
  cache: Cache,
  targetId: number,
  batches: readonly UnsyncedBatch[],
): Promise<void> {
  const mark = cache.db.query(
    `INSERT INTO deliveries (target_id, symbol_id, timeframe_minutes, epoch_day, sent_revision) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET sent_revision = excluded.sent_revision`,
  );
  await cache.write(() => {
    for (const batch of batches)
      mark.run(targetId, batch.symbolId, batch.timeframeMinutes, batch.epochDay, batch.revision);
  });
}

/** A batch that has reached a target. */
export interface DeliveredBatch {
  readonly batch: UnsyncedBatch;
  /** The bars that the target has forgotten with it. */
  readonly deletes: readonly { readonly windowStartMs: number }[];
}

/** Notes that the target is known to have these batches: call only after its commit was confirmed. */
export async function markSynced(
  cache: Cache,
  targetId: number,
  delivered: readonly DeliveredBatch[],
  nowMs: number,
): Promise<void> {
  const mark = cache.db.query(
    `UPDATE deliveries SET synced_revision = ?, synced_at_ms = ?
     WHERE target_id = ? AND symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?`,
  );
  await cache.write(() => {
    for (const { batch, deletes } of delivered) {
      mark.run(batch.revision, nowMs, targetId, batch.symbolId, batch.timeframeMinutes, batch.epochDay);
      const windowStartsMs = deletes.map(({ windowStartMs }) => windowStartMs);
      markDeleted(cache, targetId, batch, windowStartsMs);
    }
    cache.db.query("UPDATE targets SET last_error = NULL, last_error_ms = NULL WHERE id = ?").run(targetId);
  });
}

/** Forgets all that a target was sent: it has lost it, and with it what it had to delete. */
export async function forgetDeliveries(cache: Cache, targetId: number): Promise<void> {
  await cache.write(() => {
    cache.db.query("DELETE FROM deliveries WHERE target_id = ?").run(targetId);
    forgetMark(cache, targetId);
    cache.db.query("UPDATE removed_bars SET is_deleted = 1 WHERE target_id = ?").run(targetId);
  });
}
