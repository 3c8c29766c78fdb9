import { dateOfEpochDay, epochDayOf } from "../core/dates.ts";
import type { SessionHole } from "../core/session-holes.ts";
import type { TrackedSymbol } from "../core/symbols.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { BatchKey } from "./bars.ts";
import type { Cache } from "./cache.ts";

/** Where the bars of a batch come from. */
export type BatchSource = "flatfile" | "api" | "derived";

/** The manifest's row of a batch. */
export interface Batch extends BatchKey {
  readonly source: BatchSource;
  /** The version of the flat file it was read from; null for other sources. */
  readonly flatFileId: number | null;
  /** 1 when first written, one more with every change of content. */
  readonly revision: number;
  readonly contentHash: string;
  readonly barCount: number;
  /** Bars inside the regular session. */
  readonly sessionBarCount: number;
  /** When the source was read, epoch ms: an API batch knows nothing later than this. */
  readonly readAtMs: number;
  /** When its content last changed, epoch ms. */
  readonly changedAtMs: number;
  /** 1 if the answer came from a plan whose data is 15 minutes late, else 0. */
  readonly isDelayed: number;
  /** Runs of minutes of the session without a bar, as JSON of `SessionHole[]`; null: none, or not known. */
  readonly sessionHoles: string | null;
}

const BATCH_COLUMNS = `symbol_id AS symbolId, timeframe_minutes AS timeframeMinutes, epoch_day AS epochDay, source,
  flat_file_id AS flatFileId, revision, content_hash AS contentHash, bar_count AS barCount,
  session_bar_count AS sessionBarCount, read_at_ms AS readAtMs, changed_at_ms AS changedAtMs,
  is_delayed AS isDelayed, session_holes AS sessionHoles`;

/** The batch of `key`, or null if nothing was ever read for it. */
export function findBatch(cache: Cache, key: BatchKey): Batch | null {
  return cache.db
    .query<Batch, [number, number, number]>(
      `SELECT ${BATCH_COLUMNS} FROM batches WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day = ?`,
    )
    .get(key.symbolId, key.timeframeMinutes, key.epochDay);
}

/** The batches of one symbol from one date to another (both included), in date order. */
export function batchesOf(
  cache: Cache,
  symbolId: number,
  timeframeMinutes: number,
  fromEpochDay: number,
  toEpochDay: number,
): Batch[] {
  return cache.db
    .query<Batch, [number, number, number, number]>(
      `SELECT ${BATCH_COLUMNS} FROM batches
       WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day BETWEEN ? AND ? ORDER BY epoch_day`,
    )
    .all(symbolId, timeframeMinutes, fromEpochDay, toEpochDay);
}

/** The number of the next change of content in the cache. */
const NEXT_CHANGE = "(SELECT coalesce(max(change_number), 0) + 1 FROM batches)";

/** Writes the manifest's row of a batch; a revision that it did not have counts as a change. Call inside `cache.write`. */
export function putBatch(cache: Cache, batch: Batch): void {
  cache.db
    .query(
      `INSERT INTO batches (symbol_id, timeframe_minutes, epoch_day, source, flat_file_id, revision, content_hash,
         bar_count, session_bar_count, read_at_ms, changed_at_ms, is_delayed, session_holes, change_number)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${NEXT_CHANGE})
       ON CONFLICT DO UPDATE SET source = excluded.source, flat_file_id = excluded.flat_file_id,
         revision = excluded.revision, content_hash = excluded.content_hash, bar_count = excluded.bar_count,
         session_bar_count = excluded.session_bar_count, read_at_ms = excluded.read_at_ms,
         changed_at_ms = excluded.changed_at_ms, is_delayed = excluded.is_delayed,
         session_holes = excluded.session_holes,
         change_number = CASE WHEN revision = excluded.revision THEN change_number ELSE excluded.change_number END`,
    )
    .run(
      batch.symbolId,
      batch.timeframeMinutes,
      batch.epochDay,
      batch.source,
      batch.flatFileId,
      batch.revision,
      batch.contentHash,
      batch.barCount,
      batch.sessionBarCount,
      batch.readAtMs,
      batch.changedAtMs,
      batch.isDelayed,
      batch.sessionHoles,
    );
}

/** The runs of minutes of its session that have no bar; null if the manifest does not say. */
export function batchHoles(cache: Cache, key: BatchKey): SessionHole[] | null {
  const json = findBatch(cache, key)?.sessionHoles ?? null;
  if (json === null) return null;
  const runs: unknown = JSON.parse(json);
  return Array.isArray(runs) ? runs.filter(isHole) : null;
}

function isHole(run: unknown): run is SessionHole {
  return Array.isArray(run) && run.length === 2 && run.every((minute) => typeof minute === "number");
}

/** The first date that the cache knows something of, be it why the day is not there; null for an empty cache. */
export function earliestDay(cache: Cache): string | null {
  // A look into the key for each symbol, which a minimum over the table would not take.
  const row = cache.db
    .query<{ day: number | null }, [number]>(
      `SELECT min(day) AS day FROM (
         SELECT (SELECT min(epoch_day) FROM batches WHERE symbol_id = s.id AND timeframe_minutes = ?) AS day
         FROM symbols s
         UNION ALL SELECT min(epoch_day) FROM day_problems)`,
    )
    .get(ONE_MINUTE);
  return row?.day == null ? null : dateOfEpochDay(row.day);
}

/** The first date that the cache knows something of one symbol, be it why the day is not there; null if nothing. */
export function earliestDayOf(cache: Cache, { dataset, ticker }: TrackedSymbol): string | null {
  const row = cache.db
    .query<{ day: number | null }, [string, string, number]>(
      `SELECT min(day) AS day FROM (
         SELECT min(b.epoch_day) AS day FROM batches b
           WHERE b.symbol_id = (SELECT id FROM symbols WHERE dataset = ?1 AND ticker = ?2) AND b.timeframe_minutes = ?3
         UNION ALL SELECT min(epoch_day) FROM day_problems WHERE dataset = ?1 AND ticker = ?2)`,
    )
    .get(dataset, ticker, ONE_MINUTE);
  return row?.day == null ? null : dateOfEpochDay(row.day);
}

/** The first date after `after` whose bars of a symbol are the API's; null if there is none. */
export function earliestApiDay(cache: Cache, symbolId: number, after: string | null): string | null {
  const row = cache.db
    .query<{ day: number | null }, [number, number, number]>(
      `SELECT min(epoch_day) AS day FROM batches
       WHERE symbol_id = ? AND timeframe_minutes = ? AND epoch_day > ? AND source = 'api'`,
    )
    .get(symbolId, ONE_MINUTE, after === null ? 0 : epochDayOf(after));
  return row?.day == null ? null : dateOfEpochDay(row.day);
}

/** The last date on which a symbol has 1-minute bars; null if it has none. */
export function lastDayWithBars(cache: Cache, symbol: TrackedSymbol): string | null {
  const row = cache.db
    .query<{ day: number | null }, [string, string, number]>(
      `SELECT max(b.epoch_day) AS day FROM batches b JOIN symbols s ON s.id = b.symbol_id
       WHERE s.dataset = ? AND s.ticker = ? AND b.timeframe_minutes = ? AND b.bar_count > 0`,
    )
    .get(symbol.dataset, symbol.ticker, ONE_MINUTE);
  return row?.day == null ? null : dateOfEpochDay(row.day);
}

/** The date up to which everything that is tracked was brought; null if nothing was yet. */
export function coveredUntil(cache: Cache): string | null {
  const row = cache.db
    .query<{ day: number | null }, []>(
      `SELECT min(last) AS day FROM (
         SELECT max(b.epoch_day) AS last FROM tracked t
           JOIN symbols s ON s.dataset = t.dataset AND s.ticker = t.ticker
           JOIN batches b ON b.symbol_id = s.id GROUP BY s.id
         UNION ALL
         SELECT max(f.epoch_day) FROM tracked t JOIN flat_files f ON f.dataset = t.dataset
           WHERE t.ticker = '*' AND f.all_tickers_read = 1 GROUP BY t.dataset)`,
    )
    .get();
  return row?.day == null ? null : dateOfEpochDay(row.day);
}

/** How many 1-minute bars a symbol has from one date to another (both included), by the manifest. */
export function barsBetween(cache: Cache, symbol: TrackedSymbol, from: string, to: string): number {
  const row = cache.db
    .query<{ bars: number }, [string, string, number, number, number]>(
      `SELECT coalesce(sum(b.bar_count), 0) AS bars FROM batches b JOIN symbols s ON s.id = b.symbol_id
       WHERE s.dataset = ? AND s.ticker = ? AND b.timeframe_minutes = ? AND b.epoch_day BETWEEN ? AND ?`,
    )
    .get(symbol.dataset, symbol.ticker, ONE_MINUTE, epochDayOf(from), epochDayOf(to));
  return row?.bars ?? 0;
}
