import { BAR_COLUMNS, KEY_COLUMNS, type BarColumn } from "./bar-table.ts";
import type { ExistingColumn, ExistingTable } from "./table-catalog.ts";

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

/** What people might think would do as well, and why it does not. */
const WHY_NOT: Readonly<Record<string, string>> = {
  real: ", which keeps 7 digits",
  character: ", which is filled up with blanks",
};

/** What `pg_class.relkind` stands for. https://www.postgresql.org/docs/current/catalog-pg-class.html */
const KINDS: Readonly<Record<string, string>> = {
  v: "a view",
  m: "a materialized view",
  f: "a foreign table",
  i: "an index",
  I: "an index",
  S: "a sequence",
};

/** Columns that have no value in every dataset (indices have no volume), so they must be allowed to be null. */
const NULLABLE_COLUMNS: ReadonlySet<string> = new Set<BarColumn>(["volume", "vwap", "trades"]);

/** What is said of something that has the table's name and is none. */
export function kindProblems({ kind }: ExistingTable): TableProblem[] {
  if (kind === "r" || kind === "p") return [];
  const found = KINDS[kind] ?? "something else";
  return [{ problem: `it is not a table but ${found}`, fix: "Choose another name with --table." }];
}

/** Everything about a table itself that keeps bars from being written into it; `table` is its name in SQL. */
export function problemsOf(existing: ExistingTable, table: string): TableProblem[] {
  return [
    ...BAR_COLUMNS.flatMap((name) => barColumnProblems(existing, name, table)),
    ...primaryKeyProblems(existing, table),
    ...existing.columns.flatMap((column) => otherColumnProblems(column, table)),
    ...keyProblems(existing, table),
    ...existing.rules.map((rule) => ({
      problem: `its rule ${rule} keeps ON CONFLICT from working`,
      fix: `DROP RULE ${rule} ON ${table};`,
    })),
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
  if (column.generated === "v") {
    const fix = `ALTER TABLE ${table} DROP COLUMN ${name}, ADD COLUMN ${name} ${wanted};`;
    return [{ problem: `${name} is computed by the server`, fix }];
  }
  return [
    ...filledColumnProblems(column, table),
    ...typeProblems(column, wanted, TYPES[name], table),
    ...nullProblems(column, wanted, table),
  ];
}

/** A column that the server fills by itself takes no value from us. */
function filledColumnProblems(
  { name, generated, isIdentity }: ExistingColumn,
  table: string,
): TableProblem[] {
  if (generated !== "") {
    const fix = `ALTER TABLE ${table} ALTER COLUMN ${name} DROP EXPRESSION;`;
    return [{ problem: `${name} is computed by the server`, fix }];
  }
  if (!isIdentity) return [];
  const fix = `ALTER TABLE ${table} ALTER COLUMN ${name} DROP IDENTITY;`;
  return [{ problem: `${name} is numbered by the server`, fix }];
}

function typeProblems(
  column: ExistingColumn,
  wanted: string,
  types: readonly string[],
  table: string,
): TableProblem[] {
  const { name, type, domain } = column;
  if (types.includes(type)) return [];
  const shown = domain === null ? type : `${domain} (${type})`;
  return [
    {
      problem: `${name} is ${shown}${WHY_NOT[type] ?? ""}, not ${wanted}`,
      fix: `ALTER TABLE ${table} ALTER COLUMN ${name} TYPE ${wanted} USING ${conversion(column, wanted)};`,
    },
  ];
}

function conversion({ name, type }: ExistingColumn, wanted: string): string {
  return name === "timestamp" && type.startsWith("timestamp")
    ? `(extract(epoch FROM ${name}) * 1000)::bigint`
    : `${name}::${wanted}`;
}

function nullProblems(column: ExistingColumn, wanted: string, table: string): TableProblem[] {
  const { name } = column;
  if (!NULLABLE_COLUMNS.has(name)) return [];
  const problem = `${name} may not be null, and some bars have none`;
  const alter = `ALTER TABLE ${table} ALTER COLUMN ${name}`;
  return [
    ...(column.isRequired ? [{ problem, fix: `${alter} DROP NOT NULL;` }] : []),
    ...(column.isRequiredByDomain ? [{ problem, fix: `${alter} TYPE ${wanted};` }] : []),
  ];
}

/** A column that we do not know, in the primary key: it cannot be null, and bars have nothing for it. */
function primaryKeyProblems({ columns, uniqueKeys }: ExistingTable, table: string): TableProblem[] {
  return uniqueKeys
    .filter(({ isPrimary }) => isPrimary)
    .filter((key) => columns.some((column) => key.columns.includes(column.name) && isUnfillable(column)))
    .map((key) => ({
      problem: "its primary key has a column that bars do not have",
      fix: `ALTER TABLE ${table} DROP CONSTRAINT ${key.constraint};`,
    }));
}

function otherColumnProblems(column: ExistingColumn, table: string): TableProblem[] {
  if (!isUnfillable(column)) return [];
  const { quoted, fullType } = column;
  const problem = `its column ${quoted} must be filled and has no default`;
  const alter = `ALTER TABLE ${table} ALTER COLUMN ${quoted}`;
  return [
    ...(column.isRequired ? [{ problem, fix: `${alter} DROP NOT NULL;` }] : []),
    ...(column.isRequiredByDomain ? [{ problem, fix: `${alter} TYPE ${fullType};` }] : []),
  ];
}

function isUnfillable(column: ExistingColumn): boolean {
  const isOurs = BAR_COLUMNS.some((name) => name === column.name);
  return !isOurs && !column.hasDefault && (column.isRequired || column.isRequiredByDomain);
}

/** A deferrable key over the same columns makes the server refuse ON CONFLICT, even beside a plain one. */
function keyProblems(existing: ExistingTable, table: string): TableProblem[] {
  const wanted = KEY_COLUMNS.toSorted().join();
  const columns = KEY_COLUMNS.join(", ");
  const keys = existing.uniqueKeys.filter((key) => key.columns.join() === wanted);
  const deferrable = keys
    .filter(({ isDeferrable }) => isDeferrable)
    .map(({ constraint }) => ({
      problem: `its key ${constraint} is deferrable, which ON CONFLICT cannot use`,
      fix: `ALTER TABLE ${table} DROP CONSTRAINT ${constraint};`,
    }));
  if (keys.some(({ isDeferrable }) => !isDeferrable)) return deferrable;
  const missing = {
    problem: `it has no unique key (${columns})`,
    fix: `CREATE UNIQUE INDEX ON ${table} (${columns});`,
  };
  return [...deferrable, missing];
}
