import type { BatchKey } from "./bars.ts";
import type { Cache } from "./cache.ts";

/**
 * Remembers bars that are about to leave a batch, for every target that was sent them: those that came with a
 * revision up to the one it was sent. Call inside `cache.write`, before they are gone.
 */
export function rememberRemovedBars(cache: Cache, key: BatchKey, windowStartsMs: readonly number[]): void {
  const remember = cache.db.query(
    `INSERT INTO removed_bars (target_id, symbol_id, timeframe_minutes, epoch_day, window_start_ms)
     SELECT d.target_id, b.symbol_id, b.timeframe_minutes, b.epoch_day, b.window_start_ms
     FROM bars b JOIN deliveries d ON d.symbol_id = b.symbol_id AND d.timeframe_minutes = b.timeframe_minutes
       AND d.epoch_day = b.epoch_day AND d.sent_revision >= b.added_revision
     WHERE b.symbol_id = ? AND b.timeframe_minutes = ? AND b.epoch_day = ? AND b.window_start_ms = ?
     ON CONFLICT DO UPDATE SET is_deleted = 0`,
  );
  for (const windowStartMs of windowStartsMs)
    remember.run(key.symbolId, key.timeframeMinutes, key.epochDay, windowStartMs);
}

/** A minute may belong to one date's batch first and to its neighbour's later. */
const NEIGHBOUR_DAYS = 1;

/**
 * Window starts (epoch ms) of bars that the target was sent for this batch or one of the dates beside it, has not
 * forgotten yet, and that are nowhere in the cache any more.
 */
export function removedBars(cache: Cache, targetId: number, key: BatchKey): number[] {
  return cache.db
    .query<{ windowStartMs: number }, [number, number, number, number]>(
      `SELECT DISTINCT r.window_start_ms AS windowStartMs FROM removed_bars r
       WHERE r.target_id = ?1 AND r.symbol_id = ?2 AND r.timeframe_minutes = ?3
         AND r.epoch_day BETWEEN ?4 - ${NEIGHBOUR_DAYS} AND ?4 + ${NEIGHBOUR_DAYS} AND r.is_deleted = 0
         AND NOT EXISTS (SELECT 1 FROM bars b WHERE b.symbol_id = r.symbol_id
           AND b.timeframe_minutes = r.timeframe_minutes AND b.window_start_ms = r.window_start_ms)
       ORDER BY r.window_start_ms`,
    )
    .all(targetId, key.symbolId, key.timeframeMinutes, key.epochDay)
    .map((row) => row.windowStartMs);
}

/** Window starts (epoch ms) of bars that the target has forgotten with this batch, and that are nowhere in the cache. */
export function forgottenBars(cache: Cache, targetId: number, key: BatchKey): number[] {
  return cache.db
    .query<{ windowStartMs: number }, [number, number, number, number]>(
      `SELECT r.window_start_ms AS windowStartMs FROM removed_bars r
       WHERE r.target_id = ?1 AND r.symbol_id = ?2 AND r.timeframe_minutes = ?3 AND r.epoch_day = ?4
         AND NOT EXISTS (SELECT 1 FROM bars b WHERE b.symbol_id = r.symbol_id
           AND b.timeframe_minutes = r.timeframe_minutes AND b.window_start_ms = r.window_start_ms)
       ORDER BY r.window_start_ms`,
    )
    .all(targetId, key.symbolId, key.timeframeMinutes, key.epochDay)
    .map((row) => row.windowStartMs);
}

/** Notes that the target has forgotten bars that `removedBars` listed for this batch. Call inside `cache.write`. */
export function markDeleted(
  cache: Cache,
  targetId: number,
  key: BatchKey,
  windowStartsMs: readonly number[],
): void {
  const mark = cache.db.query(
    `UPDATE removed_bars SET is_deleted = 1
     WHERE target_id = ?1 AND symbol_id = ?2 AND timeframe_minutes = ?3
       AND epoch_day BETWEEN ?4 - ${NEIGHBOUR_DAYS} AND ?4 + ${NEIGHBOUR_DAYS} AND window_start_ms = ?5`,
  );
  for (const windowStartMs of windowStartsMs)
    mark.run(targetId, key.symbolId, key.timeframeMinutes, key.epochDay, windowStartMs);
}
