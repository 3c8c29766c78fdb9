import { epochDayOf } from "../core/dates.ts";
import type { Dataset } from "../core/datasets.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { Cache } from "./cache.ts";

/** The tickers whose bars were read from a version of a flat file. */
export function tickersOfFile({ db }: Cache, flatFileId: number, epochDay: number): string[] {
  return db
    .query<{ ticker: string }, [number, number, number]>(
      `SELECT s.ticker FROM symbols s JOIN batches b ON b.symbol_id = s.id
       WHERE b.timeframe_minutes = ? AND b.epoch_day = ? AND b.flat_file_id = ? ORDER BY s.ticker`,
    )
    .all(ONE_MINUTE, epochDay, flatFileId)
    .map(({ ticker }) => ticker);
}

/** How many days of symbols were read from a version that is not in the data directory, from one date to another. */
export function daysWithoutFile(
  { db }: Cache,
  dataset: Dataset,
  tickers: readonly string[],
  { from, to }: { readonly from: string; readonly to: string },
): number {
  const row = db
    .query<{ days: number }, [string, string, number, number, number]>(
      `SELECT count(*) AS days FROM json_each(?1) t JOIN symbols s ON s.dataset = ?2 AND s.ticker = t.value
       JOIN batches b ON b.symbol_id = s.id LEFT JOIN flat_files f ON f.id = b.flat_file_id
       WHERE b.timeframe_minutes = ?3 AND b.epoch_day BETWEEN ?4 AND ?5 AND b.source = 'flatfile'
         AND f.downloaded_at_ms IS NULL`,
    )
    .get(JSON.stringify(tickers), dataset, ONE_MINUTE, epochDayOf(from), epochDayOf(to));
  return row?.days ?? 0;
}
