import type { Bar } from "../core/bar.ts";
import { VALUE_COLUMNS, type BarColumn } from "./bar-table.ts";
import type { PostgresConnection } from "./connect.ts";
import type { BarRange } from "./held-bars.ts";
import type { HeldTable, TargetTable } from "./table.ts";
import { quoteTable } from "./target.ts";

/** A row that the table does not have as it should be. */
export interface DifferingRow {
  readonly timestamp: number;
  /** `lacking` the table has no such row · `different` other values · `extra` nobody asked for it. */
  readonly kind: "lacking" | "different" | "extra";
  /** The first column that differs, what it should be and what it is; null where a row is lacking or extra. */
  readonly column: BarColumn | null;
  readonly expected: string | null;
  readonly held: string | null;
}

/**
 * Compares the rows of a range with `bars`, value by value, each rounded as its column rounds; in the order of time, at
 * most `most` of them. Call inside `inTransaction`; throws what the server throws.
 */
export async function differingRows(
  connection: PostgresConnection,
  table: HeldTable,
  { symbol, timeframe, firstMs, lastMs }: BarRange,
  bars: readonly Bar[],
  most: number,
): Promise<DifferingRow[]> {
  const expected = JSON.stringify(
    bars.map(({ windowStartMs, transactions, ...bar }) => ({
      ...bar,
      timestamp: windowStartMs,
      trades: transactions,
    })),
  );
  const parameters = [expected, symbol, timeframe, firstMs, lastMs, most];
  const rows = await connection.run((sql) =>
    sql.unsafe<(Omit<DifferingRow, "timestamp"> & { timestamp: string })[]>(comparison(table), parameters),
  );
  return rows.map((row) => ({ ...row, timestamp: Number(row.timestamp) }));
}

/** Which of the timestamps of a symbol the table has a row for. */
export async function heldTimestamps(
  connection: PostgresConnection,
  { target }: TargetTable,
  { symbol, timeframe }: Pick<BarRange, "symbol" | "timeframe">,
  timestampsMs: readonly number[],
): Promise<number[]> {
  const rows = await connection.run((sql) =>
    sql.unsafe<{ timestamp: string }[]>(
      `SELECT timestamp::text FROM ${quoteTable(target)}
       WHERE symbol = $1 AND timeframe = $2
         AND timestamp IN (SELECT value::bigint FROM jsonb_array_elements_text($3::text::jsonb)) ORDER BY timestamp`,
      [symbol, timeframe, JSON.stringify(timestampsMs)],
    ),
  );
  return rows.map(({ timestamp }) => Number(timestamp));
}

/** As sync does it: what is equal as the column keeps it is no difference. */
function comparison({ target, columnTypes }: HeldTable): string {
  const typed = VALUE_COLUMNS.map(
    (name) => `CAST(asked.${name} AS ${columnTypes.get(name) ?? "numeric"}) AS ${name}`,
  );
  const either = (side: string) =>
    `CASE WHEN want.timestamp IS NULL OR held.timestamp IS NULL THEN NULL ${VALUE_COLUMNS.map((name) => `WHEN ${differs(name)} THEN ${side === "name" ? `'${name}'` : `coalesce(${side}.${name}::text, 'nothing')`}`).join(" ")} END`;
  return `
SELECT coalesce(want.timestamp, held.timestamp)::text AS timestamp,
  CASE WHEN held.timestamp IS NULL THEN 'lacking' WHEN want.timestamp IS NULL THEN 'extra' ELSE 'different' END AS kind,
  ${either("name")} AS column, ${either("want")} AS expected, ${either("held")} AS held
FROM (
  SELECT asked.timestamp, ${typed.join(", ")}
  FROM jsonb_to_recordset($1::text::jsonb) AS asked (timestamp bigint, ${VALUE_COLUMNS.map((name) => `${name} numeric`).join(", ")})
) AS want
FULL JOIN (
  SELECT * FROM ${quoteTable(target)}
  WHERE symbol = $2 AND timeframe = $3 AND timestamp BETWEEN $4::text::bigint AND $5::text::bigint
) AS held ON held.timestamp = want.timestamp
WHERE want.timestamp IS NULL OR held.timestamp IS NULL OR ${VALUE_COLUMNS.map(differs).join(" OR ")}
ORDER BY coalesce(want.timestamp, held.timestamp) LIMIT $6::text::int`;
}

function differs(name: string): string {
  return `want.${name} IS DISTINCT FROM held.${name}`;
}
