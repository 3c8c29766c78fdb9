import { openCache } from "../../src/cache/cache.ts";

/** The first day of `manyBars`, in days since 1970-01-01: 2010-01-01. */
const FIRST_EPOCH_DAY = 14_610;
const MINUTES = 1000;

/**
 * Makes a cache of `days` days of 1,000 minutes of each ticker (stocks), written by SQL alone, since nobody would wait
 * for millions of bars to be brought in the usual way. Returns how many bars there are.
 */
export function manyBars(dataDir: string, tickers: readonly string[], days: number): number {
  const cache = openCache(dataDir);
  const { db } = cache;
  db.run("PRAGMA synchronous = OFF");
  db.run("CREATE TEMP TABLE numbers (value INTEGER PRIMARY KEY)");
  db.query(
    `WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < ?)
     INSERT INTO numbers SELECT value FROM n`,
  ).run(Math.max(days, MINUTES));
  db.transaction(() => {
    for (const [index, ticker] of tickers.entries()) {
      const id = index + 1;
      db.query("INSERT INTO symbols (id, dataset, ticker, symbol) VALUES (?, 'stocks', ?, ?)").run(
        id,
        ticker,
        ticker,
      );
      db.query(
        `INSERT INTO batches (symbol_id, timeframe_minutes, epoch_day, source, revision, content_hash, bar_count,
           session_bar_count, read_at_ms, changed_at_ms, is_delayed, change_number)
         SELECT ?1, 1, ?2 + value, 'api', 1, 'day ' || value, ${MINUTES}, 390, 0, 0, 0, ?1 * 100000 + value
         FROM numbers WHERE value < ?3`,
      ).run(id, FIRST_EPOCH_DAY, days);
      // A price that walks by cents, a fractional volume, no vwap: as the files have them.
      db.query(
        `INSERT INTO bars (symbol_id, timeframe_minutes, window_start_ms, epoch_day, added_revision, open, high, low, close,
           volume, vwap, transactions)
         SELECT ?1, 1, (?2 + d.value) * 86400000 + m.value * 60000, ?2 + d.value, 1,
           100 + (d.value * 7 + m.value * 13 + ?1) % 997 / 100.0, 111, 99, 100 + (d.value * 11 + m.value * 3) % 991 / 100.0,
           (d.value * 31 + m.value * 17) % 50021 / 4.0, NULL, (d.value + m.value) % 407
         FROM numbers d CROSS JOIN numbers m WHERE d.value < ?3 AND m.value < ${MINUTES}`,
      ).run(id, FIRST_EPOCH_DAY, days);
    }
  })();
  cache.close();
  return tickers.length * days * MINUTES;
}
