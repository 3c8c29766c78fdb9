import type { Cache } from "./cache.ts";
import type { UnsyncedBatch } from "./outbox.ts";

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

/** Notes that the target is known to have these batches: call only after its commit was confirmed. */
export async function markSynced(
  cache: Cache,
  targetId: number,
  batches: readonly UnsyncedBatch[],
  nowMs: number,
): Promise<void> {
  const mark = cache.db.query(
    `UPDATE deliveries SET synced_revision = ?, synced_at_ms = ?
     WHERE target_id = ? AND symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?`,
  );
  // A batch that has changed since it was sent may have lost bars that were not deleted with it.
  const settle = cache.db.query(
    `UPDATE removed_bars AS r SET is_deleted = 1
     WHERE target_id = ? AND symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?
       AND EXISTS (SELECT 1 FROM batches b WHERE b.symbol_id = r.symbol_id
         AND b.timeframe_minutes = r.timeframe_minutes AND b.epoch_day = r.epoch_day AND b.revision = ?)`,
  );
  await cache.write(() => {
    for (const batch of batches) {
      const key = [targetId, batch.symbolId, batch.timeframeMinutes, batch.epochDay] as const;
      mark.run(batch.revision, nowMs, ...key);
      settle.run(...key, batch.revision);
    }
    cache.db.query("UPDATE targets SET last_error = NULL, last_error_ms = NULL WHERE id = ?").run(targetId);
  });
}

/** Forgets all that a target was sent: it has lost it, and with it what it had to delete. */
export async function forgetDeliveries(cache: Cache, targetId: number): Promise<void> {
  await cache.write(() => {
    cache.db.query("DELETE FROM deliveries WHERE target_id = ?").run(targetId);
    cache.db.query("UPDATE removed_bars SET is_deleted = 1 WHERE target_id = ?").run(targetId);
  });
}
