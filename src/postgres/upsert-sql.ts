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

export function copyIntoTable(target: PostgresTarget): string {
  return `COPY ${quoteTable(target)} (${columnList}) FROM STDIN`;
}

/** Deletes the keys that the JSON array of `{symbol, timeframe, timestamp}` in `$1` names. */
export function deleteKeys(target: PostgresTarget): string {
  return `DELETE FROM ${quoteTable(target)} AS bars
USING jsonb_to_recordset($1::text::jsonb) AS gone (symbol text, timeframe text, timestamp bigint)
WHERE bars.symbol = gone.symbol AND bars.timeframe = gone.timeframe AND bars.timestamp = gone.timestamp`;
}

/**
 * Moves the staged rows into the target and counts `inserted` and `updated` ones, on the server. In the order in
 * which the cache sends them, whatever the database's collation: two programs that write the same bars then wait for
 * each other instead of deadlocking, if one copies and the other upserts, too.
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
 * has are counted first.
 */
function upsertIntoPartitions(target: PostgresTarget): string {
  return `WITH staged AS (
  SELECT count(*) AS total, count(*) FILTER (WHERE EXISTS (${stagedIn(target)})) AS known
  FROM ${STAGING} AS staged
), written AS (${upsert(target)} RETURNING 1), done AS (
  SELECT count(*) AS rows FROM written
)
SELECT (total - known)::int AS inserted, (done.rows - total + known)::int AS updated
FROM staged, done`;
}

/**
 * A row that is there already with the same values is left out first: ON CONFLICT would lock it, which writes to
 * the page and to the log although nothing changes. What another session changes in between is still compared.
 */
function upsert(target: PostgresTarget): string {
  const assignments = VALUE_COLUMNS.map((name) => `${name} = EXCLUDED.${name}`).join(", ");
  const same = `(${valuesOf("held")}) IS NOT DISTINCT FROM (${valuesOf("staged")})`;
  return `
  INSERT INTO ${quoteTable(target)} AS bars (${columnList})
  SELECT ${columnList} FROM ${STAGING} AS staged
  WHERE NOT EXISTS (${stagedIn(target, `AND ${same}`)})
  ORDER BY symbol COLLATE "C", timeframe COLLATE "C", timestamp
  ON CONFLICT (${keyList}) DO UPDATE SET ${assignments}
  WHERE (${valuesOf("bars")}) IS DISTINCT FROM (${valuesOf("EXCLUDED")})
  `;
}

/** Finds the key of a staged row in the target. OFFSET 0 keeps it a look into the index: no join reads the table. */
function stagedIn(target: PostgresTarget, condition = ""): string {
  const sameKey = KEY_COLUMNS.map((name) => `held.${name} = staged.${name}`).join(" AND ");
  return `SELECT 1 FROM ${quoteTable(target)} AS held WHERE ${sameKey} ${condition} OFFSET 0`;
}

function valuesOf(table: string): string {
  return VALUE_COLUMNS.map((name) => `${table}.${name}`).join(", ");
}
