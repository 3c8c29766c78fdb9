import type { Dataset } from "../core/datasets.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { BatchKey } from "./bars.ts";
import type { Cache } from "./cache.ts";
import { datesByDataset } from "./kept-files.ts";
import { UNREAD_HASH } from "./mark-unread.ts";

/** A batch that a target does not have at its present revision. */
export interface UnsyncedBatch extends BatchKey {
  readonly symbol: string;
  readonly revision: number;
  /** The revision that the target is known to have; null if it is not known to have any. */
  readonly syncedRevision: number | null;
  readonly barCount: number;
}

/** What a target lacks. */
export interface OutboxSummary {
  readonly batches: number;
  readonly bars: number;
  /** When the oldest unsynced change was made, epoch ms; null if all is synced. */
  readonly oldestMs: number | null;
}

/** What a target lacks of one symbol. */
export interface UnsyncedSymbol {
  readonly symbolId: number;
  readonly symbol: string;
  readonly batches: number;
  readonly bars: number;
  readonly firstEpochDay: number;
  readonly lastEpochDay: number;
}

/** Which batches are meant: all dates and symbols where nothing is said. */
export interface BatchSelection {
  readonly symbolIds?: readonly number[];
  readonly fromEpochDay?: number;
  readonly toEpochDay?: number;
}

type SelectionValues = [symbolIds: string | null, fromEpochDay: number, toEpochDay: number];

/** A batch that is marked as not read waits for its bars: what is there is not to be sent. */
const UNSYNCED = `FROM batches b JOIN symbols s ON s.id = b.symbol_id
  LEFT JOIN deliveries d ON d.target_id = ?1 AND d.symbol_id = b.symbol_id
    AND d.timeframe_minutes = b.timeframe_minutes AND d.epoch_day = b.epoch_day
  WHERE d.synced_revision IS NOT b.revision AND b.content_hash <> '${UNREAD_HASH}'`;
const SINCE_MARK = `${UNSYNCED}
  AND b.change_number > (SELECT synced_to_change FROM targets WHERE id = ?1)`;

/**
 * The part of a query that picks what a target lacks. From the mark on the index of changes leads there; without one every
 * batch has to be looked at, which in the order of the table takes a tenth of the time.
 */
function unsyncedSql(cache: Cache, targetId: number): string {
  const mark = cache.db
    .query<{ mark: number }, [number]>("SELECT synced_to_change AS mark FROM targets WHERE id = ?")
    .get(targetId)?.mark;
  return mark === undefined || mark < 0 ? UNSYNCED : SINCE_MARK;
}

/** What `targetId` lacks, counted. */
export function outboxSummary(cache: Cache, targetId: number): OutboxSummary {
  const row = cache.db
    .query<OutboxSummary, [number]>(
      `SELECT count(*) AS batches, coalesce(sum(b.bar_count), 0) AS bars, min(b.changed_at_ms) AS oldestMs ${unsyncedSql(cache, targetId)}`,
    )
    .get(targetId);
  return row ?? { batches: 0, bars: 0, oldestMs: null };
}

/** What `targetId` lacks of the selected batches, by symbol, in the order of the Postgres key. */
export function unsyncedSymbols(
  cache: Cache,
  targetId: number,
  selection: BatchSelection = {},
): UnsyncedSymbol[] {
  return cache.db
    .query<UnsyncedSymbol, [number, ...SelectionValues]>(
      `SELECT s.id AS symbolId, s.symbol, count(*) AS batches, sum(b.bar_count) AS bars,
         min(b.epoch_day) AS firstEpochDay, max(b.epoch_day) AS lastEpochDay
       ${unsyncedSql(cache, targetId)} AND ${selected("b")} GROUP BY s.id ORDER BY s.symbol`,
    )
    .all(targetId, ...valuesOf(selection));
}

/**
 * What `targetId` lacks of the selected batches, in the order of the Postgres key, so that two writers take rows
 * in one order. One symbol at a time is held in memory.
 */
export function* unsyncedBatches(
  cache: Cache,
  targetId: number,
  selection: BatchSelection = {},
): Generator<UnsyncedBatch> {
  const [, from, to] = valuesOf(selection);
  for (const { symbolId } of unsyncedSymbols(cache, targetId, selection))
    yield* cache.db
      .query<UnsyncedBatch, [number, number, number, number]>(
        `SELECT b.symbol_id AS symbolId, b.timeframe_minutes AS timeframeMinutes, b.epoch_day AS epochDay,
           s.symbol, b.revision, d.synced_revision AS syncedRevision, b.bar_count AS barCount
         ${unsyncedSql(cache, targetId)} AND b.symbol_id = ?2 AND b.epoch_day BETWEEN ?3 AND ?4
         ORDER BY b.timeframe_minutes, b.epoch_day`,
      )
      .all(targetId, symbolId, from, to);
}

/** Makes the selected batches unsynced for a target, and the deletions that it has made with them. */
export async function markUnsynced(
  cache: Cache,
  targetId: number,
  selection: BatchSelection = {},
): Promise<void> {
  const values = [targetId, ...valuesOf(selection)] as const;
  await cache.write(() => {
    cache.db
      .query(
        `UPDATE deliveries SET synced_revision = NULL WHERE target_id = ?1 AND ${selected("deliveries")}`,
      )
      .run(...values);
    cache.db
      .query(`UPDATE removed_bars SET is_deleted = 0 WHERE target_id = ?1 AND ${selected("removed_bars")}`)
      .run(...values);
    forgetMark(cache, targetId);
  });
}

/** Makes one batch unsynced for a target, and the deletions that it has made with it. Call inside `cache.write`. */
export function markBatchUnsynced(cache: Cache, targetId: number, key: BatchKey): void {
  const one = "target_id = ? AND symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?";
  const values = [targetId, key.symbolId, key.timeframeMinutes, key.epochDay] as const;
  cache.db.query(`UPDATE deliveries SET synced_revision = NULL WHERE ${one}`).run(...values);
  cache.db.query(`UPDATE removed_bars SET is_deleted = 0 WHERE ${one}`).run(...values);
  forgetMark(cache, targetId);
}

/** Lets every batch be looked at again: some that a target had are unsynced now. Call inside `cache.write`. */
export function forgetMark(cache: Cache, targetId: number): void {
  cache.db.query("UPDATE targets SET synced_to_change = -1 WHERE id = ?").run(targetId);
}

/** Notes up to which change a target has everything, so that the next look at what it lacks begins there. */
export async function advanceMark(cache: Cache, targetId: number): Promise<void> {
  await cache.write(() =>
    cache.db
      .query(
        `UPDATE targets SET synced_to_change = coalesce(
           (SELECT min(b.change_number) - 1 ${unsyncedSql(cache, targetId)}),
           (SELECT max(change_number) FROM batches), -1)
         WHERE id = ?1`,
      )
      .run(targetId),
  );
}

/** The dates (days since 1970-01-01) of the batches of a timeframe that a target lacks, by symbol id. */
export function unsyncedDays(
  cache: Cache,
  targetId: number,
  timeframeMinutes = ONE_MINUTE,
): Map<number, Set<number>> {
  const rows = cache.db
    .query<{ symbolId: number; epochDay: number }, [number, number]>(
      `SELECT b.symbol_id AS symbolId, b.epoch_day AS epochDay ${unsyncedSql(cache, targetId)} AND b.timeframe_minutes = ?2`,
    )
    .all(targetId, timeframeMinutes);
  const days = new Map<number, Set<number>>();
  for (const { symbolId, epochDay } of rows) {
    const ofSymbol = days.get(symbolId);
    if (ofSymbol === undefined) days.set(symbolId, new Set([epochDay]));
    else ofSymbol.add(epochDay);
  }
  return days;
}

/** The dates (days since 1970-01-01) of which a target lacks a 1-minute batch, by dataset. */
export function unsyncedDates(cache: Cache, targetId: number): Map<Dataset, Set<number>> {
  const rows = cache.db
    .query<{ dataset: Dataset; epochDay: number }, [number, number]>(
      `SELECT DISTINCT s.dataset, b.epoch_day AS epochDay ${unsyncedSql(cache, targetId)} AND b.timeframe_minutes = ?2`,
    )
    .all(targetId, ONE_MINUTE);
  return datesByDataset(rows);
}

/** Whether a row of `table` is of a selected batch, by the parameters `?2` to `?4` of `valuesOf`. */
function selected(table: string): string {
  return `(?2 IS NULL OR ${table}.symbol_id IN (SELECT value FROM json_each(?2)))
    AND ${table}.epoch_day BETWEEN ?3 AND ?4`;
}

const LAST_EPOCH_DAY = 1_000_000;

function valuesOf({ symbolIds, fromEpochDay, toEpochDay }: BatchSelection): SelectionValues {
  return [
    symbolIds === undefined ? null : JSON.stringify(symbolIds),
    fromEpochDay ?? 0,
    toEpochDay ?? LAST_EPOCH_DAY,
  ];
}
