import type { Bar } from "../core/bar.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { BatchKey } from "./bars.ts";
import type { Cache } from "./cache.ts";

/** A batch that a target does not have at its present revision. */
export interface UnsyncedBatch extends BatchKey {
  readonly symbol: string;
  readonly revision: number;
  readonly barCount: number;
  readonly changedAtMs: number;
}

/** What a target lacks. */
export interface OutboxSummary {
  readonly batches: number;
  readonly bars: number;
  /** When the oldest unsynced change was made, epoch ms; null if all is synced. */
  readonly oldestMs: number | null;
}

const UNSYNCED = `FROM batches b JOIN symbols s ON s.id = b.symbol_id
  LEFT JOIN deliveries d ON d.target_id = ?1 AND d.symbol_id = b.symbol_id
    AND d.timeframe_minutes = b.timeframe_minutes AND d.epoch_day = b.epoch_day
  WHERE d.synced_revision IS NOT b.revision`;

/** The id of a target, by its name (host, port, database, schema, table); -1 if it never was one. */
export function findTarget(cache: Cache, name: string): number {
  return (
    cache.db.query<{ id: number }, [string]>("SELECT id FROM targets WHERE name = ?").get(name)?.id ?? -1
  );
}

/** The id of a target, remembered now if it is new: everything is unsynced for it. */
export async function openTarget(cache: Cache, name: string): Promise<number> {
  await cache.write(() => cache.db.query("INSERT OR IGNORE INTO targets (name) VALUES (?)").run(name));
  return findTarget(cache, name);
}

/** The name of the target that was written to last; null if there was none. */
export function lastTarget(cache: Cache): string | null {
  return (
    cache.db
      .query<{ name: string }, []>(
        `SELECT name FROM targets LEFT JOIN deliveries ON target_id = id
         GROUP BY id ORDER BY max(synced_at_ms) DESC, id DESC LIMIT 1`,
      )
      .get()?.name ?? null
  );
}

/** What `targetId` lacks, counted. */
export function outboxSummary(cache: Cache, targetId: number): OutboxSummary {
  const row = cache.db
    .query<OutboxSummary, [number]>(
      `SELECT count(*) AS batches, coalesce(sum(b.bar_count), 0) AS bars, min(b.changed_at_ms) AS oldestMs ${UNSYNCED}`,
    )
    .get(targetId);
  return row ?? { batches: 0, bars: 0, oldestMs: null };
}

/** What `targetId` lacks, in the order of the Postgres key, so that two writers take rows in one order. */
export function unsyncedBatches(cache: Cache, targetId: number): UnsyncedBatch[] {
  return cache.db
    .query<UnsyncedBatch, [number]>(
      `SELECT b.symbol_id AS symbolId, b.timeframe_minutes AS timeframeMinutes, b.epoch_day AS epochDay,
         s.symbol, b.revision, b.bar_count AS barCount, b.changed_at_ms AS changedAtMs
       ${UNSYNCED} ORDER BY s.symbol, b.timeframe_minutes, b.epoch_day`,
    )
    .all(targetId);
}

/** The keys (symbol id, date) of the 1-minute batches that `targetId` has at their present revision. */
export function syncedDays(cache: Cache, targetId: number, symbolId: number): Set<number> {
  const rows = cache.db
    .query<{ epochDay: number }, [number, number, number]>(
      `SELECT b.epoch_day AS epochDay FROM batches b JOIN deliveries d ON d.target_id = ?
         AND d.symbol_id = b.symbol_id AND d.timeframe_minutes = b.timeframe_minutes AND d.epoch_day = b.epoch_day
       WHERE b.symbol_id = ? AND b.timeframe_minutes = ? AND d.synced_revision = b.revision`,
    )
    .all(targetId, symbolId, ONE_MINUTE);
  return new Set(rows.map((row) => row.epochDay));
}

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
  const forget = cache.db.query(
    `DELETE FROM removed_bars AS r WHERE target_id = ? AND symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?
       AND EXISTS (SELECT 1 FROM batches b WHERE b.symbol_id = r.symbol_id
         AND b.timeframe_minutes = r.timeframe_minutes AND b.epoch_day = r.epoch_day AND b.revision = ?)`,
  );
  await cache.write(() => {
    for (const batch of batches) {
      const key = [targetId, batch.symbolId, batch.timeframeMinutes, batch.epochDay] as const;
      mark.run(batch.revision, nowMs, ...key);
      forget.run(...key, batch.revision);
    }
    cache.db.query("UPDATE targets SET last_error = NULL, last_error_ms = NULL WHERE id = ?").run(targetId);
  });
}

/** Forgets all that a target was sent: it has lost it. */
export async function forgetDeliveries(cache: Cache, targetId: number): Promise<void> {
  await cache.write(() => {
    for (const table of ["deliveries", "removed_bars"])
      cache.db.query(`DELETE FROM ${table} WHERE target_id = ?`).run(targetId);
  });
}

/** Notes why the last sync to a target failed. */
export async function markFailed(
  cache: Cache,
  targetId: number,
  error: string,
  nowMs: number,
): Promise<void> {
  await cache.write(() =>
    cache.db
      .query("UPDATE targets SET last_error = ?, last_error_ms = ? WHERE id = ?")
      .run(error, nowMs, targetId),
  );
}

/** Window starts (epoch ms) of bars the target was sent for this batch that are nowhere in the cache any more. */
export function removedBars(cache: Cache, targetId: number, key: BatchKey): number[] {
  return cache.db
    .query<{ windowStartMs: number }, [number, number, number, number]>(
      `SELECT r.window_start_ms AS windowStartMs FROM removed_bars r
       WHERE r.target_id = ? AND r.symbol_id = ? AND r.timeframe_minutes = ? AND r.epoch_day = ?
         AND NOT EXISTS (SELECT 1 FROM bars b WHERE b.symbol_id = r.symbol_id
           AND b.timeframe_minutes = r.timeframe_minutes AND b.window_start_ms = r.window_start_ms)
       ORDER BY r.window_start_ms`,
    )
    .all(targetId, key.symbolId, key.timeframeMinutes, key.epochDay)
    .map((row) => row.windowStartMs);
}

/** Remembers, for every target that was sent this batch, bars that have left it. Call inside `cache.write`. */
export function rememberRemovedBars(cache: Cache, key: BatchKey, windowStartsMs: readonly number[]): void {
  const remember = cache.db.query(
    `INSERT OR IGNORE INTO removed_bars (target_id, symbol_id, timeframe_minutes, epoch_day, window_start_ms)
     SELECT target_id, symbol_id, timeframe_minutes, epoch_day, ? FROM deliveries
     WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?`,
  );
  for (const windowStartMs of windowStartsMs)
    remember.run(windowStartMs, key.symbolId, key.timeframeMinutes, key.epochDay);
}

/** Forgets removals of bars that are back in the batch. Call inside `cache.write`. */
export function forgetRemovedBars(cache: Cache, key: BatchKey, bars: readonly Bar[]): void {
  const any = cache.db
    .query<{ one: number }, [number, number, number]>(
      "SELECT 1 AS one FROM removed_bars WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ? LIMIT 1",
    )
    .get(key.symbolId, key.timeframeMinutes, key.epochDay);
  if (!any) return;
  const forget = cache.db.query(
    `DELETE FROM removed_bars
     WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ? AND window_start_ms = ?`,
  );
  for (const bar of bars) forget.run(key.symbolId, key.timeframeMinutes, key.epochDay, bar.windowStartMs);
}
