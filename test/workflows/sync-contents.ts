import type { Sql } from "postgres";
import type { Cache } from "../../src/cache/cache.ts";

/** What the cache holds of one bar. */
interface CachedBar {
  /** Open to trades as one text: equal values, equal texts. */
  readonly values: string;
  /** `symbol epochDay`. */
  readonly batch: string;
}

/** What a cache holds. */
export interface CacheContents {
  /** By `symbol timeframe timestamp`. */
  readonly bars: ReadonlyMap<string, CachedBar>;
  /** The bars of each batch (`symbol epochDay`) as one text, with their number. */
  readonly batches: ReadonlyMap<string, { readonly text: string; readonly bars: number }>;
}

/** A row of a target's table. */
export interface StoredRow {
  readonly values: string;
  /** Where it lies and which transaction wrote it: any write to the row changes this. */
  readonly place: string;
}

/** A target's table, by `symbol timeframe timestamp`. */
export type TableContents = ReadonlyMap<string, StoredRow>;

/** Reads a whole cache. */
export function cacheContents({ db }: Cache): CacheContents {
  const bars = db
    .query<CachedBar & { key: string }, []>(
      `SELECT s.symbol || ' 1m ' || b.window_start_ms AS key, s.symbol || ' ' || b.epoch_day AS batch,
         json_array(open, high, low, close, volume, vwap, transactions) AS "values"
       FROM bars b JOIN symbols s ON s.id = b.symbol_id ORDER BY b.symbol_id, b.window_start_ms`,
    )
    .all()
    .map(({ key, batch, values }) => [key, { batch, values: textOf(JSON.parse(values)) }] as const);
  const texts = new Map<string, string[]>();
  for (const { batch } of db
    .query<{ batch: string }, []>(
      "SELECT s.symbol || ' ' || b.epoch_day AS batch FROM batches b JOIN symbols s ON s.id = b.symbol_id",
    )
    .all())
    texts.set(batch, []);
  for (const [key, { batch, values }] of bars) texts.get(batch)?.push(`${key} ${values}`);
  return {
    bars: new Map(bars),
    batches: new Map(
      [...texts].map(([batch, lines]) => [batch, { text: lines.join("\n"), bars: lines.length }]),
    ),
  };
}

/** Reads a whole table; one that is not there is empty. */
export async function tableContents(sql: Sql, table: string): Promise<TableContents> {
  const [there] = await sql<{ oid: string | null }[]>`SELECT to_regclass(${table})::text AS oid`;
  if (there?.oid == null) return new Map();
  const rows = await sql.unsafe<{ key: string; numbers: unknown; place: string }[]>(
    `SELECT concat_ws(' ', symbol, timeframe, timestamp) AS key, concat_ws(' ', xmin, ctid, created_at) AS place,
       json_build_array(open, high, low, close, volume, vwap, trades) AS numbers
     FROM ${table}`,
  );
  return new Map(rows.map(({ key, numbers, place }) => [key, { values: textOf(numbers), place }]));
}

function textOf(numbers: unknown): string {
  return Array.isArray(numbers)
    ? numbers.map((value) => (value === null ? "-" : Number(value))).join(" ")
    : "";
}
