import type postgres from "postgres";
import type { PostgresConnection } from "./connect.ts";
import { copyRows, type BarRows } from "./copy.ts";
import { explainPostgresError } from "./errors.ts";
import type { TargetTable } from "./table.ts";
import { tableName, type PostgresTarget } from "./target.ts";
import { COPY_INTO_STAGING, createStaging, deleteKeys, upsertStaged } from "./upsert-sql.ts";

/** The key of one bar in `historical_bars`. */
export interface BarKey {
  readonly symbol: string;
  readonly timeframe: string;
  readonly windowStartMs: number;
}

/** What one transaction shall do: first the deletes, then the rows. No two rows may have the same key. */
export interface SyncTransaction {
  readonly rows: BarRows;
  readonly deletes: readonly BarKey[];
}

/** What one transaction did. `unchanged` rows were there already, with the same values. */
export interface TransactionCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
}

const DELETES_PER_STATEMENT = 10_000;

/**
 * Applies `transaction` to the table: all of it or nothing. Resolves once the server has confirmed the COMMIT;
 * if the connection breaks before that, nobody knows whether it was done, and doing it again does no harm.
 * Throws a `target` error (code `transient` if trying again may help), a `data` error for a row that cannot be
 * stored, or what the source of the rows throws. One transaction at a time on a connection.
 */
export async function applyTransaction(
  connection: PostgresConnection,
  table: TargetTable,
  transaction: SyncTransaction,
): Promise<TransactionCounts> {
  try {
    return await inTransaction(connection, () => writeAll(connection, table, transaction));
  } catch (error) {
    throw explainPostgresError(error, `write bars to ${connection.name} ${tableName(table.target)}`);
  }
}

async function inTransaction<T>(connection: PostgresConnection, work: () => Promise<T>): Promise<T> {
  await execute(connection, "BEGIN");
  try {
    const result = await work();
    const { command } = await execute(connection, "COMMIT");
    // A transaction that has failed without our noticing is answered so.
    if (command !== "COMMIT") throw new Error(`the server answered ${command} to COMMIT`);
    return result;
  } catch (error) {
    // If this fails too the connection is gone, and the transaction with it; the first error says why.
    await execute(connection, "ROLLBACK").catch(() => {});
    throw error;
  }
}

async function writeAll(
  connection: PostgresConnection,
  table: TargetTable,
  { rows, deletes }: SyncTransaction,
): Promise<TransactionCounts> {
  const { target } = table;
  const deleted = await deleteAll(connection, target, deletes);
  await execute(connection, createStaging(target));
  const copied = await copyRows(connection, COPY_INTO_STAGING, rows, table);
  if (copied === 0) return { inserted: 0, updated: 0, unchanged: 0, deleted };
  const [counts] = await connection.run((sql) =>
    sql.unsafe<{ inserted: number; updated: number }[]>(upsertStaged(target, table.isPartitioned)),
  );
  const { inserted, updated } = counts ?? { inserted: 0, updated: 0 };
  return { inserted, updated, unchanged: copied - inserted - updated, deleted };
}

async function deleteAll(
  connection: PostgresConnection,
  target: PostgresTarget,
  deletes: readonly BarKey[],
): Promise<number> {
  let deleted = 0;
  for (let start = 0; start < deletes.length; start += DELETES_PER_STATEMENT) {
    const keys = deletes
      .slice(start, start + DELETES_PER_STATEMENT)
      .map(({ symbol, timeframe, windowStartMs }) => ({ symbol, timeframe, timestamp: windowStartMs }));
    const result = await connection.run((sql) => sql.unsafe(deleteKeys(target), [JSON.stringify(keys)]));
    deleted += result.count;
  }
  return deleted;
}

async function execute(
  connection: PostgresConnection,
  statement: string,
): Promise<postgres.RowList<postgres.Row[]>> {
  return connection.run((sql) => sql.unsafe(statement));
}
