import postgres from "postgres";
import { BackfillError } from "../core/errors.ts";
import type { PostgresConnection } from "./connect.ts";
import { copyInto, type CopyPieces } from "./copy.ts";
import { explainPostgresError } from "./errors.ts";
import type { TargetTable } from "./table.ts";
import { tableName, type PostgresTarget } from "./target.ts";
import { COPY_INTO_STAGING, copyIntoTable, createStaging, deleteKeys, upsertStaged } from "./upsert-sql.ts";

/** The key of one bar in `historical_bars`. */
export interface BarKey {
  readonly symbol: string;
  readonly timeframe: string;
  readonly windowStartMs: number;
}

/** What one transaction shall do: first the deletes, then the rows. No two rows may have the same key. */
export interface SyncTransaction {
  /** The rows in the text format of COPY (see `copyText`). */
  readonly pieces: CopyPieces;
  /** How many rows that are. */
  readonly rows: number;
  readonly deletes: readonly BarKey[];
  /** Whether the table has none of the rows' keys: they are copied straight in. */
  readonly areNew: boolean;
}

/** What one transaction did. `unchanged` rows were there already, with the same values. */
export interface TransactionCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
}

/** Limits of a transaction, set for it alone: whatever the server's own are, they end what hangs. */
export interface TimeLimits {
  readonly statementMs: number;
  /** How long to wait for a row that another session is writing. */
  readonly lockMs: number;
  /** How long the server waits for a client that has fallen asleep, before it lets go of its rows. */
  readonly idleMs: number;
}

/** `code` of the `BackfillError` for rows that were said to be new and are not. */
export const NOT_NEW = "not-new";

const TIME_LIMITS: TimeLimits = { statementMs: 600_000, lockMs: 60_000, idleMs: 30_000 };
const DELETES_PER_STATEMENT = 10_000;
const UNIQUE_VIOLATION = "23505";

/**
 * Applies `transaction` to the table: all of it or nothing. Resolves once the server has confirmed the COMMIT;
 * if the connection breaks before that, nobody knows whether it was done, and doing it again does no harm.
 * Throws a `target` error (code `transient` if trying again may help, `not-new` if rows that were said to be new
 * are there), or what the source of the rows throws. One transaction at a time on a connection.
 */
export async function applyTransaction(
  connection: PostgresConnection,
  table: TargetTable,
  transaction: SyncTransaction,
  limits: TimeLimits = TIME_LIMITS,
): Promise<TransactionCounts> {
  const write = transaction.areNew ? copyStraight : stageAndUpsert;
  try {
    return await inTransaction(connection, limits, async () => {
      const deleted = await deleteAll(connection, table.target, transaction.deletes);
      if (transaction.rows === 0) return { inserted: 0, updated: 0, unchanged: 0, deleted };
      return { ...(await write(connection, table, transaction)), deleted };
    });
  } catch (error) {
    const operation = `write bars to ${connection.name} ${tableName(table.target)}`;
    throw transaction.areNew && isUniqueViolation(error)
      ? areThere(operation, error)
      : explainPostgresError(error, operation);
  }
}

async function inTransaction<T>(
  connection: PostgresConnection,
  limits: TimeLimits,
  work: () => Promise<T>,
): Promise<T> {
  await execute(connection, beginWithin(limits));
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

/** The server looks for a client that has gone without a word: it would hold the rows for hours in a COPY. */
function beginWithin({ statementMs, lockMs, idleMs }: TimeLimits): string {
  return `BEGIN;
SET LOCAL statement_timeout = ${statementMs};
SET LOCAL lock_timeout = ${lockMs};
SET LOCAL idle_in_transaction_session_timeout = ${idleMs};
SET LOCAL tcp_keepalives_idle = 30;
SET LOCAL tcp_keepalives_interval = 10;
SET LOCAL tcp_keepalives_count = 3`;
}

type RowCounts = Omit<TransactionCounts, "deleted">;

async function copyStraight(
  connection: PostgresConnection,
  { target }: TargetTable,
  { pieces, rows }: SyncTransaction,
): Promise<RowCounts> {
  await copyInto(connection, copyIntoTable(target), pieces);
  return { inserted: rows, updated: 0, unchanged: 0 };
}

async function stageAndUpsert(
  connection: PostgresConnection,
  { target, isPartitioned }: TargetTable,
  { pieces, rows }: SyncTransaction,
): Promise<RowCounts> {
  await execute(connection, createStaging(target));
  await copyInto(connection, COPY_INTO_STAGING, pieces);
  const [counts] = await connection.run((sql) =>
    sql.unsafe<{ inserted: number; updated: number }[]>(upsertStaged(target, isPartitioned)),
  );
  const { inserted, updated } = counts ?? { inserted: 0, updated: 0 };
  return { inserted, updated, unchanged: rows - inserted - updated };
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

function isUniqueViolation(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError && error.code === UNIQUE_VIOLATION;
}

/** Another program was faster; which bars are the newer ones only the upsert can tell. */
function areThere(operation: string, cause: postgres.PostgresError): BackfillError {
  return new BackfillError({
    kind: "target",
    code: NOT_NEW,
    operation,
    reason: "bars that were not there a moment ago are there now",
    nextStep: cause.detail ?? "Sync again.",
    cause,
  });
}
