import { BAR_COLUMNS, KEY_COLUMNS, VALUE_COLUMNS } from "./bar-table.ts";
import { quoteTable, type PostgresTarget } from "./target.ts";

/** Rows wait here for the upsert. Lives in the transaction only, so a transaction pooler sees no session state. */
const STAGING = "pg_temp.massive_backfill_rows";

const columnList = BAR_COLUMNS.join(", ");
const keyList = KEY_COLUMNS.join(", ");

/** The staging table has the types of the target's columns, so a value is compared as it would be stored. */
export function createStaging(target: PostgresTarget): string {
  return `CREATE TEMPORARY TABLE massive_backfill_rows ON COMMIT DROP AS SELECT ${columnList} FROM ${quoteTable(target)} WITH NO DATA`;
}

export const COPY_INTO_STAGING = `COPY ${STAGING} (${columnList}) FROM STDIN`;

/** Deletes the keys that the JSON array of `{symbol, timeframe, timestamp}` in `$1` names. */
export function deleteKeys(target: PostgresTarget): string {
  return `DELETE FROM ${quoteTable(target)} AS bars
USING jsonb_to_recordset($1::text::jsonb) AS gone (symbol text, timeframe text, timestamp bigint)
WHERE bars.symbol = gone.symbol AND bars.timeframe = gone.timeframe AND bars.timestamp = gone.timestamp`;
}

/**
 * Moves the staged rows into the target and counts `inserted` and `updated` ones, on the server. In the order
 * of the key: so that the index is walked once, and that two programs that write the same bars wait for each
 * other instead of deadlocking. A row that is already there with the same values is left alone.
 */
export function upsertStaged(target: PostgresTarget, isPartitioned: boolean): string {
  return isPartitioned ? upsertIntoPartitions(target) : upsertIntoTable(target);
}

/** A row version that was inserted has no `xmax`; one that replaces another has. */
function upsertIntoTable(target: PostgresTarget): string {
  return `WITH written AS (${upsert(target)} RETURNING (bars.xmax = 0) AS is_new)
SELECT count(*) FILTER (WHERE is_new)::int AS inserted, count(*) FILTER (WHERE NOT is_new)::int AS updated
FROM written`;
}

/**
 * A partitioned table gives no `xmax` ("cannot retrieve a system column in this context"), so the keys that it
 * has are counted first. The OFFSET 0 keeps that to index look-ups: no join that reads the whole table.
 */
function upsertIntoPartitions(target: PostgresTarget): string {
  const sameKey = KEY_COLUMNS.map((name) => `bars.${name} = staged.${name}`).join(" AND ");
  return `WITH staged AS (
  SELECT count(*) AS total, count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM ${quoteTable(target)} AS bars WHERE ${sameKey} OFFSET 0)) AS known
  FROM ${STAGING} AS staged
), written AS (${upsert(target)} RETURNING 1)
SELECT (total - known)::int AS inserted, ((SELECT count(*) FROM written) - total + known)::int AS updated
FROM staged`;
}

function upsert(target: PostgresTarget): string {
  const assignments = VALUE_COLUMNS.map((name) => `${name} = EXCLUDED.${name}`).join(", ");
  return `
  INSERT INTO ${quoteTable(target)} AS bars (${columnList})
  SELECT ${columnList} FROM ${STAGING} ORDER BY ${keyList}
  ON CONFLICT (${keyList}) DO UPDATE SET ${assignments}
  WHERE (${valuesOf("bars")}) IS DISTINCT FROM (${valuesOf("EXCLUDED")})
  `;
}

function valuesOf(table: string): string {
  return VALUE_COLUMNS.map((name) => `${table}.${name}`).join(", ");
}
