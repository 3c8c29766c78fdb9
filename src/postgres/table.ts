import postgres from "postgres";
import { BackfillError } from "../core/errors.ts";
import { VALUE_COLUMNS } from "./bar-table.ts";
import type { PostgresConnection } from "./connect.ts";
import type { IntegerColumns } from "./copy-text.ts";
import { explainPostgresError } from "./errors.ts";
import { displayName } from "./identifiers.ts";
import { problemsOf, type ExistingColumn, type ExistingTable } from "./table-checks.ts";
import { quoteTable, tableName, type PostgresTarget } from "./target.ts";

/** A table that bars can be written into. */
export interface TargetTable extends IntegerColumns {
  readonly target: PostgresTarget;
  /** Whether it was missing and has just been made. */
  readonly created: boolean;
  readonly isPartitioned: boolean;
  /** Columns that hold rounded values, such as `volume bigint` or `open numeric(12,4)`: for the summary. */
  readonly roundedColumns: readonly string[];
}

/** SQLSTATEs with which one of two programs that create the same table at once fails. */
const CREATED_MEANWHILE: ReadonlySet<string> = new Set(["23505", "42710", "42P07"]);
const NO_SCHEMA = "3F000";

const EXAMINE = `
SELECT c.relkind AS kind,
  (SELECT coalesce(json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, NULL),
      'fullType', format_type(a.atttypid, a.atttypmod),
      'isRequired', a.attnotnull,
      'hasDefault', a.atthasdef OR a.attidentity <> '') ORDER BY a.attnum), '[]')
    FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  (SELECT coalesce(json_agg((
      SELECT json_agg(a.attname ORDER BY a.attname COLLATE "C")
      FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))), '[]')
    FROM pg_index i
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
      AND i.indpred IS NULL AND i.indexprs IS NULL) AS "uniqueKeys"
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2`;

/**
 * Makes the table of `target` if it is missing, else checks that bars can be written into it. Throws a `target`
 * error: for a table that does not fit, with the SQL that would make it fit as the next step.
 */
export async function ensureTable(
  connection: PostgresConnection,
  target: PostgresTarget,
): Promise<TargetTable> {
  const operation = `prepare the table ${tableName(target)} in ${connection.name}`;
  try {
    const existing = await examine(connection, target);
    const table = existing ?? (await create(connection, target));
    if (table === undefined) throw new Error("the table was removed as soon as it was made");
    requireFit(table, target, operation);
    return describe(table, target, existing === undefined);
  } catch (error) {
    throw explainPostgresError(error, operation);
  }
}

async function examine(
  connection: PostgresConnection,
  target: PostgresTarget,
): Promise<ExistingTable | undefined> {
  const names = [target.schema, target.table];
  const [table] = await connection.run((sql) => sql.unsafe<ExistingTable[]>(EXAMINE, names));
  return table;
}

async function create(
  connection: PostgresConnection,
  target: PostgresTarget,
): Promise<ExistingTable | undefined> {
  try {
    await connection.run((sql) => sql.unsafe(createTable(target)));
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    if (error.code === NO_SCHEMA) throw missingSchema(target, error);
    if (!CREATED_MEANWHILE.has(error.code)) throw error;
  }
  return examine(connection, target);
}

function missingSchema({ schema, table }: PostgresTarget, cause: Error): BackfillError {
  return new BackfillError({
    kind: "target",
    operation: `create the table ${displayName(table)}`,
    reason: `there is no schema ${displayName(schema)}`,
    nextStep: `CREATE SCHEMA ${displayName(schema)};`,
    cause,
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

function requireFit(table: ExistingTable, target: PostgresTarget, operation: string): void {
  const problems = problemsOf(table, tableName(target));
  if (problems.length === 0) return;
  throw new BackfillError({
    kind: "target",
    operation,
    reason: problems.map(({ problem }) => problem).join("; "),
    nextStep: problems.map(({ fix }) => fix).join(" "),
  });
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
    volumeIsInteger: holdsIntegers("volume"),
    tradesIsInteger: holdsIntegers("trades"),
    roundedColumns: rounded.map(({ name, fullType }) => `${name} ${fullType}`),
  };
}

function isInteger({ type }: ExistingColumn): boolean {
  return type === "bigint" || type === "integer";
}

/** Whether the column may have a fraction: all values but the number of trades. */
function isValueColumn(name: string): boolean {
  return name !== "trades" && VALUE_COLUMNS.some((column) => column === name);
}

/** Whether the table has no rows at all: never filled, or emptied by somebody. */
export async function isEmptyTable(
  connection: PostgresConnection,
  { target }: TargetTable,
): Promise<boolean> {
  try {
    const [row] = await connection.run((sql) =>
      sql.unsafe<{ filled: boolean }[]>(`SELECT EXISTS (SELECT 1 FROM ${quoteTable(target)}) AS filled`),
    );
    return row?.filled === false;
  } catch (error) {
    throw explainPostgresError(error, `look into the table ${tableName(target)} in ${connection.name}`);
  }
}
