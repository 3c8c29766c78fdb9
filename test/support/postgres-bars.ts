import postgres from "postgres";
import { barLine } from "./bar-lines.ts";
import type { TestPostgres } from "./postgres.ts";

interface StoredBar {
  readonly symbol: string;
  readonly timeframe: string;
  readonly timestamp: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string | null;
  readonly vwap: string | null;
  readonly trades: number | null;
}

/** Runs `work` with a connection of its own. */
export async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Makes an empty database on the server; returns its connection string. */
export async function newDatabase(server: TestPostgres, name: string): Promise<string> {
  await withSql(server.url, (sql) => sql.unsafe(`CREATE DATABASE ${name}`));
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** Every bar of a table as a line (`barLine`); numbers as Postgres writes them, without trailing zeros. */
export async function storedBars(url: string, table = "historical_bars"): Promise<string[]> {
  const rows = await withSql(url, (sql) =>
    sql.unsafe<StoredBar[]>(
      `SELECT symbol, timeframe, timestamp, trim_scale(open) AS open, trim_scale(high) AS high,
         trim_scale(low) AS low, trim_scale(close) AS close, trim_scale(volume) AS volume,
         trim_scale(vwap) AS vwap, trades
       FROM ${table} ORDER BY symbol COLLATE "C", timeframe, timestamp`,
    ),
  );
  return rows.map(storedLine);
}

// The texts of the numbers are compared, so a value that Postgres holds in another way is seen.
function storedLine(row: StoredBar): string {
  const line = barLine(row.symbol, row.timeframe, {
    windowStartMs: Number(row.timestamp),
    open: Number(row.open),
    high: Number(row.high),
    low: Number(row.low),
    close: Number(row.close),
    volume: row.volume === null ? null : Number(row.volume),
    vwap: row.vwap === null ? null : Number(row.vwap),
    transactions: row.trades,
  });
  const texts = [row.open, row.high, row.low, row.close, row.volume, row.vwap, row.trades];
  const written = texts.map((text) => text ?? "-").join(" ");
  return line.endsWith(` ${written}`) ? line : `${line} written as ${written}`;
}

/** Where each row of a table lies and which transaction wrote it: any write to a row changes its line. */
export async function physicalRows(url: string, table = "historical_bars"): Promise<string[]> {
  const rows = await withSql(url, (sql) =>
    sql.unsafe<{ line: string }[]>(
      `SELECT concat_ws(' ', symbol, timeframe, timestamp, ctid, xmin, created_at) AS line
       FROM ${table} ORDER BY symbol COLLATE "C", timeframe, timestamp`,
    ),
  );
  return rows.map(({ line }) => line);
}
