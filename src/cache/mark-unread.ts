import type { BatchKey } from "./bars.ts";
import { findBatch, putBatch } from "./batches.ts";
import type { Cache } from "./cache.ts";

/** The content hash of a batch whose bars are not to be trusted: no bars have it. */
export const UNREAD_HASH = "";

/**
 * Marks a day of a symbol as not read, without touching its bars: the next run that can read it, from the kept flat
 * file, a fetched one or the API, replaces them, and what that changes becomes unsynced. A day that the manifest has
 * lost gets its row back. Call inside `cache.write`.
 */
export function markUnread(cache: Cache, key: BatchKey): void {
  const known = findBatch(cache, key);
  putBatch(cache, {
    ...key,
    // A flat file's day would be kept as long as its file is the same; one of an API answer that came before the day
    // was over is asked for again, and replaced by any flat file.
    source: "api",
    flatFileId: null,
    revision: known?.revision ?? Math.max(1, lastSentRevision(cache, key)),
    contentHash: UNREAD_HASH,
    barCount: known?.barCount ?? 0,
    sessionBarCount: known?.sessionBarCount ?? 0,
    readAtMs: 0,
    changedAtMs: known?.changedAtMs ?? 0,
    isDelayed: 0,
    sessionHoles: null,
  });
  // That every ticker of the day's file was read is true no more.
  cache.db
    .query(
      `UPDATE flat_files SET all_tickers_read = 0 WHERE timeframe_minutes = ? AND epoch_day = ?
         AND dataset = (SELECT dataset FROM symbols WHERE id = ?)`,
    )
    .run(key.timeframeMinutes, key.epochDay, key.symbolId);
}

/** What targets were sent of a batch whose row is gone: its next revision has to be another one. */
function lastSentRevision(cache: Cache, key: BatchKey): number {
  const row = cache.db
    .query<{ revision: number | null }, [number, number, number]>(
      `SELECT max(sent_revision) AS revision FROM deliveries
       WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?`,
    )
    .get(key.symbolId, key.timeframeMinutes, key.epochDay);
  return row?.revision ?? 0;
}
