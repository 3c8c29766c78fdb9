import { dateOfEpochDay } from "../core/dates.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { BatchKey } from "./bars.ts";
import type { Cache } from "./cache.ts";

const MOST_LINES = 100;

/** What SQLite finds wrong in its file, a line each, at most 100; none if it is sound. Reads the whole file. */
export function integrityFaults({ db }: Cache): string[] {
  return db
    .query<{ integrity_check: string }, []>(`PRAGMA integrity_check(${MOST_LINES})`)
    .all()
    .map((row) => row.integrity_check)
    .filter((line) => line !== "ok");
}

/** Rows of a table that name a row of another one which is not there. */
export interface BrokenLinks {
  readonly table: string;
  readonly parent: string;
  readonly rows: number;
}

/** Links between tables that lead nowhere. */
export function brokenLinks({ db }: Cache): BrokenLinks[] {
  return db
    .query<BrokenLinks, []>(
      `SELECT "table", parent, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    .all();
}

/** Bars of one symbol that say they are of `date` and are in no batch of it. */
export interface OrphanBars {
  readonly date: string;
  readonly bars: number;
  readonly firstMs: number;
  /** Whether the manifest knows the day: then their stamps are nowhere near it. */
  readonly hasBatch: boolean;
}

/** How many 1-minute bars of a symbol are in the cache, whatever the manifest says. */
export function countBars({ db }: Cache, symbolId: number): number {
  const row = db
    .query<{ bars: number }, [number, number]>(
      "SELECT count(*) AS bars FROM bars WHERE symbol_id = ? AND timeframe_minutes = ?",
    )
    .get(symbolId, ONE_MINUTE);
  return row?.bars ?? 0;
}

/** The 1-minute bars of a symbol that `batchBars` gives for no batch, by date. */
export function orphanBars({ db }: Cache, symbolId: number): OrphanBars[] {
  // As far around its date's midnight as `batchBars` looks.
  const rows = db
    .query<{ epochDay: number; bars: number; firstMs: number; hasBatch: number }, [number, number]>(
      `SELECT b.epoch_day AS epochDay, count(*) AS bars, min(b.window_start_ms) AS firstMs,
         m.symbol_id IS NOT NULL AS hasBatch
       FROM bars b LEFT JOIN batches m ON m.symbol_id = b.symbol_id
         AND m.timeframe_minutes = b.timeframe_minutes AND m.epoch_day = b.epoch_day
       WHERE b.symbol_id = ? AND b.timeframe_minutes = ? AND (m.symbol_id IS NULL
         OR b.window_start_ms NOT BETWEEN (b.epoch_day - 2) * 86400000 AND (b.epoch_day + 3) * 86400000)
       GROUP BY b.epoch_day ORDER BY b.epoch_day`,
    )
    .all(symbolId, ONE_MINUTE);
  return rows.map(({ epochDay, bars, firstMs, hasBatch }) => ({
    date: dateOfEpochDay(epochDay),
    bars,
    firstMs,
    hasBatch: hasBatch === 1,
  }));
}

/**
 * Takes the 1-minute bars out of the cache that name a batch's day and stand nowhere near it; returns how many. Call
 * inside `cache.write`.
 */
export function removeStrayBars({ db }: Cache, { symbolId, epochDay }: BatchKey): number {
  return db
    .query(
      `DELETE FROM bars WHERE symbol_id = ?1 AND timeframe_minutes = ?2 AND epoch_day = ?3
         AND window_start_ms NOT BETWEEN (?3 - 2) * 86400000 AND (?3 + 3) * 86400000`,
    )
    .run(symbolId, ONE_MINUTE, epochDay).changes;
}
