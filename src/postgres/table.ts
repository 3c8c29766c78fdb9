import postgres from "postgres";
import { BackfillError } from "../core/errors.ts";
import { BAR_COLUMNS, VALUE_COLUMNS } from "./bar-table.ts";
import type { PostgresConnection } from "./connect.ts";
import type { IntegerColumns } from "./copy-text.ts";
import { explainPostgresError } from "./errors.ts";
import { requireWritable } from "./read-only.ts";
import { accessProblems } from "./table-access.ts";
import { examine, type ExistingColumn, type ExistingTable, type TargetState } from "./table-catalog.ts";
import { kindProblems, problemsOf, type TableProblem } from "./table-checks.ts";
import { quoteTable, tableName, type PostgresTarget } from "./target.ts";
import { inTransaction } from "./transaction.ts";

/** A table that bars can be written into. */
export interface TargetTable extends IntegerColumns {
  readonly target: PostgresTarget;
  /** Whether it was missing and has just been made. */
  readonly created: boolean;
  readonly isPartitioned: boolean;
  /** Whether a value is stored as `double precision`. */
  readonly hasFloats: boolean;
  /** Columns that hold rounded values, such as `volume bigint` or `open numeric(12,4)`: for the summary. */
  readonly roundedColumns: readonly string[];
  /** Triggers that may change or leave out what is written: for the summary. */
  readonly rowTriggers: readonly string[];
}

/** A table that is there. */
export interface HeldTable extends TargetTable {
  /** The SQL type of each column, with its size: `numeric(12,4)`. */
  readonly columnTypes: ReadonlyMap<string, string>;
}

/** SQLSTATEs with which one of two programs that create the same table at once fails. */
const CREATED_MEANWHILE: ReadonlySet<string> = new Set(["23505", "42710", "42P07"]);
/** The first whose catalogs have all that we ask for. */
const OLDEST_VERSION = 12;

/**
 * Makes the table of `target` if it is missing, else checks that bars can be written into it; one round trip if
 * it is there. Throws a `target` error: for a table that does not fit, a user who may not write or a server
 * that only reads, with the SQL that would change that as the next step.
 */
export async function ensureTable(
  connection: PostgresConnection,
  target: PostgresTarget,
): Promise<TargetTable> {
  const operation = `prepare the table ${tableName(target)} in ${connection.name}`;
  requireVersion(connection, operation);
  try {
    const found = await examine(connection, target);
    requireWritable(found, operation);
    requireNone(problemsWith(found), operation);
    const table = found.table ?? (await create(connection, target, operation));
    return describe(table, target, found.table === null);
  } catch (error) {
    throw explainPostgresError(error, operation);
  }
}

/**
 * The table of `target` as it is, for reading alone; null if there is none. Throws a `target` error if it holds no bars as
 * we know them, or may not be read.
 */
export async function findTable(
  connection: PostgresConnection,
  target: PostgresTarget,
): Promise<HeldTable | null> {
  const operation = `look at the table ${tableName(target)} in ${connection.name}`;
  requireVersion(connection, operation);
  try {
    const { table, name } = await examine(connection, target);
    if (table === null) return null;
    const lacking = BAR_COLUMNS.filter((column) => !table.columns.some((one) => one.name === column));
    if (lacking.length > 0)
      requireNone([{ problem: `it has no column ${lacking.join(", ")}`, fix: "Check --table." }], operation);
    if (table.deniedActions.includes("SELECT"))
      requireNone(
        [
          {
            problem: "its rows may not be read",
            fix: `As its owner: GRANT SELECT ON ${name} TO CURRENT_USER.`,
          },
        ],
        operation,
      );
    const columnTypes = new Map(table.columns.map((column) => [column.name, column.fullType]));
    return { ...describe(table, target, false), columnTypes };
  } catch (error) {
    throw explainPostgresError(error, operation);
  }
}

/**
 * Whether bars could be written into the table of `target`, without making or changing anything. `exists` is false for one
 * that a sync would make. Throws a `target` error, as `ensureTable` does, if they could not.
 */
export async function checkTable(
  connection: PostgresConnection,
  target: PostgresTarget,
): Promise<{ readonly exists: boolean; readonly roundedColumns: readonly string[] }> {
  const operation = `look at the table ${tableName(target)} in ${connection.name}`;
  requireVersion(connection, operation);
  try {
    const found = await examine(connection, target);
    requireWritable(found, operation);
    requireNone(problemsWith(found), operation);
    if (found.table === null) return { exists: false, roundedColumns: [] };
    return { exists: true, roundedColumns: describe(found.table, target, false).roundedColumns };
  } catch (error) {
    throw explainPostgresError(error, operation);
  }
}

/** Makes the table; what there is then, which another program may have made in the same moment. */
async function create(
  connection: PostgresConnection,
  target: PostgresTarget,
  operation: string,
): Promise<ExistingTable> {
  const refusal = await connection
    .run((sql) => sql.unsafe(createTable(target)))
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  const isMadeMeanwhile = refusal instanceof postgres.PostgresError && CREATED_MEANWHILE.has(refusal.code);
  if (refusal !== undefined && !isMadeMeanwhile) throw refusal;
  const state = await examine(connection, target);
  requireNone(problemsWith(state), operation);
  if (state.table !== null) return state.table;
  throw refusal ?? new Error("the table was removed as soon as it was made");
}

function problemsWith(state: TargetState): TableProblem[] {
  const { table, name } = state;
  if (table === null) return accessProblems(state);
  const wrongKind = kindProblems(table);
  return wrongKind.length > 0 ? wrongKind : [...accessProblems(state), ...problemsOf(table, name)];
}

function requireNone(problems: readonly TableProblem[], operation: string): void {
  if (problems.length === 0) return;
  throw new BackfillError({
    kind: "target",
    help: "postgres-table",
    operation,
    reason: problems.map(({ problem }) => problem).join("; "),
    nextStep: problems.map(({ fix }) => fix).join(" "),
  });
}

function requireVersion({ serverVersion }: PostgresConnection, operation: string): void {
  if (Number.parseInt(serverVersion, 10) >= OLDEST_VERSION) return;
  throw new BackfillError({
    kind: "target",
    operation,
    reason: `the server is PostgreSQL ${serverVersion}`,
    nextStep: `Use PostgreSQL ${OLDEST_VERSION} or a later one.`,
  });
}

/** The guide's table, but with a NUMERIC volume: the vendor's stock volume is fractional since 2026-02-23. */
function createTable(target: PostgresTarget): string {
  return `CREATE TABLE ${quoteTable(target)} (
  symbol TEXT NOT NULL,
  timeframe TEXT NOT NULL,
  timestamp BIGINT NOT NULL,
  open NUMERIC NOT NULL,
  high NUMERIC NOT NULL,
  low NUMERIC NOT NULL,
  close NUMERIC NOT NULL,
  volume NUMERIC,
  vwap NUMERIC,
  trades INTEGER,
  created_at TIMESTAMPTZ DEFAULT NOW(),
  PRIMARY KEY (symbol, timeframe, timestamp)
)`;
}

function describe(table: ExistingTable, target: PostgresTarget, created: boolean): TargetTable {
  const holdsIntegers = (name: string) =>
    table.columns.some((column) => column.name === name && isInteger(column));
  const rounded = table.columns.filter(
    (column) => isValueColumn(column.name) && (isInteger(column) || column.fullType !== column.type),
  );
  return {
    target,
    created,
    isPartitioned: table.kind === "p",
    hasFloats: table.columns.some(({ name, type }) => isBarColumn(name) && type === "double precision"),
    volumeIsInteger: holdsIntegers("volume"),
    tradesIsInteger: holdsIntegers("trades"),
    roundedColumns: rounded.map(({ name, fullType }) => `${name} ${fullType}`),
    rowTriggers: table.rowTriggers,
  };
}

function isBarColumn(name: string): boolean {
  return VALUE_COLUMNS.some((column) => column === name);
}

function isInteger({ type }: ExistingColumn): boolean {
  return type === "bigint" || type === "integer";
}

/** Whether the column may have a fraction: all values but the number of trades. */
function isValueColumn(name: string): boolean {
  return name !== "trades" && isBarColumn(name);
}

/** Whether the table has no rows at all: never filled, or emptied by somebody. */
export async function isEmptyTable(
  connection: PostgresConnection,
  { target }: TargetTable,
): Promise<boolean> {
  const operation = `look into the table ${tableName(target)} in ${connection.name}`;
  // In a transaction, so that a lock on the table is not waited for without a limit.
  return inTransaction(connection, operation, async () => {
    const [row] = await connection.run((sql) =>
      sql.unsafe<{ filled: boolean }[]>(`SELECT EXISTS (SELECT 1 FROM ${quoteTable(target)}) AS filled`),
    );
    return row?.filled === false;
  });
}
