import { Database } from "bun:sqlite";
import { join } from "node:path";
import { barLine } from "./bar-lines.ts";

interface CachedBar {
  readonly symbol: string;
  readonly timeframe: string;
  readonly timestamp: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number | null;
  readonly vwap: number | null;
  readonly trades: number | null;
}

/** Opens the cache of a data directory as its users do: the file, with SQLite, for reading. */
export function openCacheFile(dataDir: string): Database {
  return new Database(join(dataDir, "massive.sqlite"), { readonly: true, strict: true });
}

/** Every bar of a cache as a line (`barLine`), by symbol and time. */
export function cachedBars(dataDir: string): string[] {
  using db = openCacheFile(dataDir);
  const rows = db
    .query<CachedBar, []>("SELECT * FROM historical_bars ORDER BY symbol, timeframe, timestamp")
    .all();
  return rows.map((row) =>
    barLine(row.symbol, row.timeframe, { ...row, windowStartMs: row.timestamp, transactions: row.trades }),
  );
}

/** Where each day of a cache came from: `SPX 2024-11-22 flatfile 390`, by symbol and date. */
export function cachedDays(dataDir: string): string[] {
  using db = openCacheFile(dataDir);
  return db
    .query<{ line: string }, []>(
      "SELECT symbol || ' ' || date || ' ' || source || ' ' || bars AS line FROM manifest ORDER BY symbol, date",
    )
    .all()
    .map(({ line }) => line);
}

/** Everything a cache holds but the bars: its tables by name, their rows as they are. */
export function manifestOf(dataDir: string): Record<string, unknown[]> {
  using db = openCacheFile(dataDir);
  const tables = db
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('bars', 'runs', 'sqlite_sequence') ORDER BY name",
    )
    .all();
  return Object.fromEntries(tables.map(({ name }) => [name, db.query(`SELECT * FROM "${name}"`).all()]));
}
