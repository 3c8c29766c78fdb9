import postgres from "postgres";
import { BackfillError } from "../core/errors.ts";
import type { PostgresConnection } from "./connect.ts";
import { copyInto, type CopyPieces } from "./copy.ts";
import type { TargetTable } from "./table.ts";
import { tableName, type PostgresTarget } from "./target.ts";
import { COPY_INTO_STAGING, copyIntoTable, createStaging, deleteKeys, upsertStaged } from "./upsert-sql.ts";

/** The key of one bar in `historical_bars`. */
export interface BarKey {
  readonly symbol: string;
  readonly timeframe: string;
  readonly windowStartMs: number;
}

/** What to write: first the deletes, then the rows. No two rows may have the same key. */
export interface RowsToWrite {
  /** The rows in the text format of COPY (see `copyText`). */
  readonly pieces: CopyPieces;
  /** How many rows that are. */
  readonly rows: number;
  readonly deletes: readonly BarKey[];
  /** Whether the table has none of the rows' keys: they are copied straight in. */
  readonly areNew: boolean;
}

/** What was done. `unchanged` rows were there already, with the same values. */
export interface WriteCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
}

/** `code` of the `BackfillError` for rows that were said to be new and are not. */
export const NOT_NEW = "not-new";

const DELETES_PER_STATEMENT = 10_000;
const UNIQUE_VIOLATION = "23505";

/**
 * Writes rows to the table. Call inside `inTransaction`. Doing it again does no harm.
 * Throws what the server or the source of the rows throws; a `target` error with the code `not-new` if rows that
 * were said to be new are there.
 */
export async function writeRows(
  connection: PostgresConnection,
  table: TargetTable,
  work: RowsToWrite,
): Promise<WriteCounts> {
  const deleted = await deleteAll(connection, table.target, work.deletes);
  if (work.rows === 0) return { inserted: 0, updated: 0, unchanged: 0, deleted };
  const write = work.areNew ? copyStraight : stageAndUpsert;
  return { ...(await write(connection, table, work)), deleted };
}

type RowCounts = Omit<WriteCounts, "deleted">;

async function copyStraight(
  connection: PostgresConnection,
  { target }: TargetTable,
  { pieces, rows }: RowsToWrite,
): Promise<RowCounts> {
  const inserted = await copyInto(connection, copyIntoTable(target), pieces).catch((error: unknown) => {
    throw isUniqueViolation(error) ? areThere(target, error) : error;
  });
  if (inserted !== rows) throw keptOut(target, rows - inserted);
  return { inserted, updated: 0, unchanged: 0 };
}

async function stageAndUpsert(
  connection: PostgresConnection,
  { target, isPartitioned }: TargetTable,
  { pieces, rows }: RowsToWrite,
): Promise<RowCounts> {
  await connection.run((sql) => sql.unsafe(createStaging(target)));
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

function isUniqueViolation(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError && error.code === UNIQUE_VIOLATION;
}

/** Only a trigger that runs before a row is inserted can drop it without a word. */
function keptOut(target: PostgresTarget, bars: number): BackfillError {
  const name = tableName(target);
  return new BackfillError({
    kind: "target",
    help: "postgres-table",
    operation: `copy bars into ${name}`,
    reason: `a trigger of the table leaves ${bars} of them out`,
    nextStep: `ALTER TABLE ${name} DISABLE TRIGGER USER; or take another table with --table.`,
  });
}

/** Another program was faster; which bars are the newer ones only the upsert can tell. */
function areThere(target: PostgresTarget, cause: postgres.PostgresError): BackfillError {
  return new BackfillError({
    kind: "target",
    code: NOT_NEW,
    operation: `copy bars into ${tableName(target)}`,
    reason: "bars that were not there a moment ago are there now",
    nextStep: cause.detail ?? "Sync again.",
    cause,
  });
}
