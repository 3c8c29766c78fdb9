import { BAR_COLUMNS, KEY_COLUMNS, type BarColumn } from "./bar-table.ts";
import { displayName } from "./identifiers.ts";

/** What the server's catalog says about an existing table. */
export interface ExistingTable {
  /** `pg_class.relkind`: `r` a table, `p` a partitioned one, anything else is none. */
  readonly kind: string;
  readonly columns: readonly ExistingColumn[];
  /** The columns of each unique key that ON CONFLICT can use, sorted by name. */
  readonly uniqueKeys: readonly (readonly string[])[];
}

export interface ExistingColumn {
  readonly name: string;
  /** Without its size: `numeric`. */
  readonly type: string;
  /** With its size: `numeric(12,4)`. */
  readonly fullType: string;
  readonly isRequired: boolean;
  /** Whether the server fills the column if an INSERT leaves it out. */
  readonly hasDefault: boolean;
}

/** Why bars cannot be written into a table, and the SQL after which they can. */
export interface TableProblem {
  readonly problem: string;
  readonly fix: string;
}

/** For each column the types that can hold it; the first is what we would create. */
const TYPES: Readonly<Record<BarColumn, readonly [string, ...string[]]>> = {
  symbol: ["text", "character varying"],
  timeframe: ["text", "character varying"],
  timestamp: ["bigint"],
  open: ["numeric", "double precision"],
  high: ["numeric", "double precision"],
  low: ["numeric", "double precision"],
  close: ["numeric", "double precision"],
  volume: ["numeric", "double precision", "bigint"],
  vwap: ["numeric", "double precision"],
  trades: ["integer", "bigint", "numeric"],
};

/** Columns that have no value in every dataset (indices have no volume), so they must be allowed to be null. */
const NULLABLE_COLUMNS: ReadonlySet<BarColumn> = new Set(["volume", "vwap", "trades"]);

/** Everything that keeps bars from being written into `existing`, which people write as `table`. */
export function problemsOf(existing: ExistingTable, table: string): TableProblem[] {
  if (existing.kind !== "r" && existing.kind !== "p") {
    return [{ problem: "it is not a table", fix: "Choose another name with --table." }];
  }
  return [
    ...BAR_COLUMNS.flatMap((name) => barColumnProblems(existing, name, table)),
    ...existing.columns.flatMap((column) => otherColumnProblems(column, table)),
    ...keyProblems(existing, table),
  ];
}

function barColumnProblems(existing: ExistingTable, name: BarColumn, table: string): TableProblem[] {
  const column = existing.columns.find((candidate) => candidate.name === name);
  const [wanted] = TYPES[name];
  if (column === undefined) {
    return [
      { problem: `it has no column ${name}`, fix: `ALTER TABLE ${table} ADD COLUMN ${name} ${wanted};` },
    ];
  }
  if (!TYPES[name].includes(column.type)) {
    const fix = `ALTER TABLE ${table} ALTER COLUMN ${name} TYPE ${wanted} USING ${conversion(column, wanted)};`;
    return [{ problem: `${name} is ${column.type}, not ${wanted}`, fix }];
  }
  if (column.isRequired && NULLABLE_COLUMNS.has(name)) {
    const fix = `ALTER TABLE ${table} ALTER COLUMN ${name} DROP NOT NULL;`;
    return [{ problem: `${name} may not be null, and some bars have none`, fix }];
  }
  return [];
}

function conversion({ name, type }: ExistingColumn, wanted: string): string {
  return name === "timestamp" && type.startsWith("timestamp")
    ? `(extract(epoch FROM ${name}) * 1000)::bigint`
    : `${name}::${wanted}`;
}

function otherColumnProblems(column: ExistingColumn, table: string): TableProblem[] {
  const isOurs = BAR_COLUMNS.some((name) => name === column.name);
  if (isOurs || !column.isRequired || column.hasDefault) return [];
  const name = displayName(column.name);
  return [
    {
      problem: `its column ${name} must be filled and has no default`,
      fix: `ALTER TABLE ${table} ALTER COLUMN ${name} DROP NOT NULL;`,
    },
  ];
}

function keyProblems(existing: ExistingTable, table: string): TableProblem[] {
  const wanted = KEY_COLUMNS.toSorted().join();
  if (existing.uniqueKeys.some((key) => key.join() === wanted)) return [];
  const columns = KEY_COLUMNS.join(", ");
  return [
    { problem: `it has no unique key (${columns})`, fix: `CREATE UNIQUE INDEX ON ${table} (${columns});` },
  ];
}
