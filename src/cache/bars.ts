import type { Bar } from "../core/bar.ts";
import type { Cache } from "./cache.ts";

/** The batch a bar belongs to: one symbol, timeframe and date. */
export interface BatchKey {
  readonly symbolId: number;
  readonly timeframeMinutes: number;
  /** The date, in days since 1970-01-01. */
  readonly epochDay: number;
}

const VALUE_COLUMNS = ["open", "high", "low", "close", "volume", "vwap", "transactions"];
const BAR_COLUMNS = `window_start_ms AS windowStartMs, ${VALUE_COLUMNS.join(", ")}`;

/** The bars of one batch, in time order. */
export function batchBars(cache: Cache, { symbolId, timeframeMinutes, epochDay }: BatchKey): Bar[] {
  const { fromMs, toMs } = around(epochDay);
  return cache.db
    .query<Bar, [number, number, number, number, number]>(
      `SELECT ${BAR_COLUMNS} FROM bars
       WHERE symbol_id = ? AND timeframe_minutes = ? AND window_start_ms BETWEEN ? AND ? AND epoch_day = ?
       ORDER BY window_start_ms`,
    )
    .all(symbolId, timeframeMinutes, fromMs, toMs, epochDay);
}

/**
 * A bar lies within two days of its date's midnight UTC whatever the time zone of the day's cut: the range keeps a search
 * inside the primary key.
 */
function around(epochDay: number): { readonly fromMs: number; readonly toMs: number } {
  const midnightMs = epochDay * 86_400_000;
  return { fromMs: midnightMs - 2 * 86_400_000, toMs: midnightMs + 3 * 86_400_000 };
}

/** The first and the last bar of a batch that has some, epoch ms. */
export function timesOfBatch(
  cache: Cache,
  { symbolId, timeframeMinutes, epochDay }: BatchKey,
): { readonly firstMs: number; readonly lastMs: number } {
  const { fromMs, toMs } = around(epochDay);
  const ofBatch =
    "symbol_id = ?1 AND timeframe_minutes = ?2 AND window_start_ms BETWEEN ?3 AND ?4 AND epoch_day = ?5";
  const one = (order: string) =>
    `(SELECT window_start_ms FROM bars WHERE ${ofBatch} ORDER BY window_start_ms ${order} LIMIT 1)`;
  const row = cache.db
    .query<{ firstMs: number | null; lastMs: number | null }, [number, number, number, number, number]>(
      `SELECT ${one("ASC")} AS firstMs, ${one("DESC")} AS lastMs`,
    )
    .get(symbolId, timeframeMinutes, fromMs, toMs, epochDay);
  return { firstMs: row?.firstMs ?? Number.NaN, lastMs: row?.lastMs ?? Number.NaN };
}

/** The bars of a symbol's batches from one date to another (both included, days since 1970-01-01), in time order. */
export function barsOfDays(
  cache: Cache,
  { symbolId, timeframeMinutes }: Omit<BatchKey, "epochDay">,
  fromEpochDay: number,
  toEpochDay: number,
): (Bar & { readonly epochDay: number })[] {
  return cache.db
    .query<Bar & { epochDay: number }, [number, number, number, number, number, number]>(
      `SELECT ${BAR_COLUMNS}, epoch_day AS epochDay FROM bars
       WHERE symbol_id = ? AND timeframe_minutes = ? AND window_start_ms BETWEEN ? AND ?
         AND epoch_day BETWEEN ? AND ? ORDER BY window_start_ms`,
    )
    .all(
      symbolId,
      timeframeMinutes,
      (fromEpochDay - 2) * 86_400_000,
      (toEpochDay + 3) * 86_400_000,
      fromEpochDay,
      toEpochDay,
    );
}

/** A bar of another batch that stands at a minute between two others. */
export interface ForeignBar {
  readonly windowStartMs: number;
  readonly epochDay: number;
}

/** Bars from `fromMs` to `toMs` (both included) that belong to other dates than the batch's own. */
export function barsOfOtherDays(cache: Cache, key: BatchKey, fromMs: number, toMs: number): ForeignBar[] {
  return cache.db
    .query<ForeignBar, [number, number, number, number, number]>(
      `SELECT window_start_ms AS windowStartMs, epoch_day AS epochDay FROM bars
       WHERE symbol_id = ? AND timeframe_minutes = ? AND window_start_ms BETWEEN ? AND ? AND epoch_day <> ?`,
    )
    .all(key.symbolId, key.timeframeMinutes, fromMs, toMs, key.epochDay);
}

const ASSIGNMENTS = VALUE_COLUMNS.map((name) => `${name} = excluded.${name}`).join(", ");

/** Rows that one statement writes: a long statement spares most of the cost of a short one, longer ones no more. */
const ROWS_OF_STATEMENTS = [32, 8, 1] as const;
const INSERTS = ROWS_OF_STATEMENTS.map((rows) => ({ rows, sql: insertOf(rows) }));

/**
 * Writes bars of a batch, over whatever it has at their minutes; those that are new to it came with `revision`. Call
 * inside `cache.write`.
 */
export function putBars(cache: Cache, key: BatchKey, bars: readonly Bar[], revision: number): void {
  let done = 0;
  for (const { rows, sql } of INSERTS) {
    if (bars.length - done < rows) continue;
    const insert = cache.db.query(sql);
    for (; done + rows <= bars.length; done += rows) {
      const values: (number | null)[] = [key.symbolId, key.timeframeMinutes, key.epochDay, revision];
      for (let at = done; at < done + rows; at++) pushFields(values, bars[at]);
      insert.run(...values);
    }
  }
}

function pushFields(values: (number | null)[], bar: Bar | undefined): void {
  if (bar === undefined) return;
  const { windowStartMs, open, high, low, close, volume, vwap, transactions } = bar;
  values.push(windowStartMs, open, high, low, close, volume, vwap, transactions);
}

/** Parameters: symbol, timeframe, date and revision of the batch, then eight fields for each row. */
function insertOf(rows: number): string {
  const values = Array.from({ length: rows }, (_, index) => rowOf(5 + index * 8)).join(", ");
  return `INSERT INTO bars (symbol_id, timeframe_minutes, window_start_ms, epoch_day, added_revision,
    ${VALUE_COLUMNS.join(", ")}) VALUES ${values} ON CONFLICT DO UPDATE SET ${ASSIGNMENTS}`;
}

/** One row, its own fields being the parameters from `first` on. */
function rowOf(first: number): string {
  const others = Array.from({ length: 7 }, (_, index) => `?${first + 1 + index}`);
  return `(?1, ?2, ?${first}, ?3, ?4, ${others.join(", ")})`;
}

/** Takes bars of a batch out of the cache. Call inside `cache.write`. */
export function removeBars(cache: Cache, key: BatchKey, windowStartsMs: readonly number[]): void {
  const remove = cache.db.query(
    "DELETE FROM bars WHERE symbol_id = ? AND timeframe_minutes = ? AND window_start_ms = ? AND epoch_day = ?",
  );
  for (const windowStartMs of windowStartsMs)
    remove.run(key.symbolId, key.timeframeMinutes, windowStartMs, key.epochDay);
}
