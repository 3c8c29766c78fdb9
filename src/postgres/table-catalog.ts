import type { PostgresConnection } from "./connect.ts";
import type { PostgresTarget } from "./target.ts";

/** What the server says about itself, its user and the table that bars shall go to. Names are quoted for SQL. */
export interface TargetState {
  readonly user: string;
  readonly database: string;
  readonly schema: string;
  /** `schema.table`. */
  readonly name: string;
  /** A read-only copy of another server. */
  readonly isStandby: boolean;
  /**
   * Where `default_transaction_read_only` was switched on, if this session can only read: a `source` of
   * `pg_settings`, such as `user`, `database` or `client`. Else null.
   */
  readonly readOnlyBy: string | null;
  readonly mayStage: boolean;
  readonly hasSchema: boolean;
  readonly mayUseSchema: boolean;
  readonly mayCreateInSchema: boolean;
  readonly table: ExistingTable | null;
}

export interface ExistingTable {
  /** `pg_class.relkind`: `r` a table, `p` a partitioned one, anything else is none. */
  readonly kind: string;
  readonly owner: string;
  readonly isOwner: boolean;
  /** Those of SELECT, INSERT, UPDATE and DELETE that the user may not do. */
  readonly deniedActions: readonly string[];
  /** Sequences that fill columns and that the user may not use. */
  readonly deniedSequences: readonly string[];
  readonly isRowSecurityActive: boolean;
  /** Rules on INSERT and UPDATE. */
  readonly rules: readonly string[];
  /** Triggers that run before a row is inserted or updated, and may change it or leave it out. */
  readonly rowTriggers: readonly string[];
  readonly columns: readonly ExistingColumn[];
  /** The unique keys over whole columns of all rows. */
  readonly uniqueKeys: readonly UniqueKey[];
}

export interface ExistingColumn {
  readonly name: string;
  /** The name for SQL. */
  readonly quoted: string;
  /** Without its size: `numeric`. What a domain stands for. */
  readonly type: string;
  /** With its size: `numeric(12,4)`. */
  readonly fullType: string;
  /** The domain that the column is declared with. */
  readonly domain: string | null;
  readonly isRequired: boolean;
  readonly isRequiredByDomain: boolean;
  /** Whether the server fills the column if an INSERT leaves it out. */
  readonly hasDefault: boolean;
  /** `pg_attribute.attgenerated`: `s` stored, `v` virtual, empty if it is not computed. */
  readonly generated: string;
  readonly isIdentity: boolean;
}

interface UniqueKey {
  /** The name of the constraint, if it is not an index only. */
  readonly constraint: string | null;
  /** Sorted by name. */
  readonly columns: readonly string[];
  readonly isPrimary: boolean;
  readonly isDeferrable: boolean;
}

/** Asks the server about `target`, in one round trip. Rejects with what the server or the network said. */
export async function examine(connection: PostgresConnection, target: PostgresTarget): Promise<TargetState> {
  const [state] = await connection.run((sql) => sql.unsafe<TargetState[]>(examination(target)));
  if (state === undefined) throw new Error("the server gave no row for a query that always has one");
  return state;
}

/** A text literal, whatever `standard_conforming_strings` says. Parameters would cost a second round trip. */
function quoteText(text: string): string {
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** Catalogs: https://www.postgresql.org/docs/current/catalogs.html (as of PostgreSQL 12). */
function examination({ schema, table }: PostgresTarget): string {
  return `
SELECT quote_ident(current_user) AS "user",
  quote_ident(current_database()) AS database,
  quote_ident(wanted.schema) AS schema,
  format('%I.%I', wanted.schema, wanted.name) AS name,
  pg_is_in_recovery() AS "isStandby",
  CASE WHEN current_setting('transaction_read_only') = 'on' THEN
    (SELECT source FROM pg_settings WHERE name = 'default_transaction_read_only') END AS "readOnlyBy",
  has_database_privilege(current_database(), 'TEMPORARY') AS "mayStage",
  n.oid IS NOT NULL AS "hasSchema",
  coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS "mayUseSchema",
  coalesce(has_schema_privilege(n.oid, 'CREATE'), false) AS "mayCreateInSchema",
  CASE WHEN c.oid IS NOT NULL THEN json_build_object(
    'kind', c.relkind,
    'owner', quote_ident(pg_get_userbyid(c.relowner)),
    'isOwner', pg_has_role(c.relowner, 'USAGE'),
    'deniedActions', (SELECT coalesce(json_agg(action), '[]')
      FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS action
      WHERE NOT has_table_privilege(c.oid, action)),
    'deniedSequences', (${DENIED_SEQUENCES}),
    'isRowSecurityActive', c.relkind IN ('r', 'p') AND row_security_active(c.oid),
    'rules', (SELECT coalesce(json_agg(quote_ident(rulename) ORDER BY rulename), '[]')
      FROM pg_rewrite WHERE ev_class = c.oid AND ev_type IN ('2', '3')),
    'rowTriggers', (SELECT coalesce(json_agg(quote_ident(tgname) ORDER BY tgname), '[]')
      FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled <> 'D'
        AND tgtype & ${BEFORE_EACH_ROW} = ${BEFORE_EACH_ROW} AND tgtype & ${INSERT_OR_UPDATE} <> 0),
    'columns', (${COLUMNS}),
    'uniqueKeys', (${UNIQUE_KEYS})
  ) END AS "table"
FROM (VALUES (${quoteText(schema)}::name, ${quoteText(table)}::name)) AS wanted (schema, name)
LEFT JOIN pg_namespace n ON n.nspname = wanted.schema
LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name`;
}

/** Bits of `pg_trigger.tgtype`, of PostgreSQL's catalog/pg_trigger.h. */
const BEFORE_EACH_ROW = 1 | 2;
const INSERT_OR_UPDATE = 4 | 16;

const DENIED_SEQUENCES = `
      SELECT coalesce(json_agg(DISTINCT format('%I.%I', home.nspname, s.relname)), '[]')
      FROM pg_attrdef f
      JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
        AND d.refclassid = 'pg_class'::regclass
      JOIN pg_class s ON s.oid = d.refobjid
      JOIN pg_namespace home ON home.oid = s.relnamespace
      WHERE f.adrelid = c.oid
        AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE, UPDATE') END`;

/** A domain may stand for another one: `base` is what is at the end. */
const COLUMNS = `
      SELECT coalesce(json_agg(json_build_object(
        'name', a.attname,
        'quoted', quote_ident(a.attname),
        'type', format_type(base.type, NULL),
        'fullType', format_type(base.type, base.size),
        'domain', CASE WHEN base.type <> a.atttypid THEN format_type(a.atttypid, NULL) END,
        'isRequired', a.attnotnull,
        'isRequiredByDomain', base.is_required,
        'hasDefault', a.atthasdef OR a.attidentity <> '' OR base.has_default,
        'generated', a.attgenerated,
        'isIdentity', a.attidentity <> '') ORDER BY a.attnum), '[]')
      FROM pg_attribute a
      CROSS JOIN LATERAL (
        WITH RECURSIVE unwrapped (type, size, is_required, has_default) AS (
          SELECT a.atttypid, a.atttypmod, false, false
          UNION ALL
          SELECT t.typbasetype, t.typtypmod, u.is_required OR t.typnotnull,
            u.has_default OR t.typdefault IS NOT NULL
          FROM unwrapped u JOIN pg_type t ON t.oid = u.type AND t.typtype = 'd'
        )
        SELECT u.* FROM unwrapped u JOIN pg_type t ON t.oid = u.type WHERE t.typtype <> 'd'
      ) AS base
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;

const UNIQUE_KEYS = `
      SELECT coalesce(json_agg(json_build_object(
        'constraint', quote_ident(con.conname),
        'isPrimary', i.indisprimary,
        'isDeferrable', NOT i.indimmediate,
        'columns', (SELECT json_agg(a.attname ORDER BY a.attname COLLATE "C")
          FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])))
        ORDER BY i.indexrelid), '[]')
      FROM pg_index i
      LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.conrelid = c.oid
        AND con.contype IN ('p', 'u')
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
        AND i.indpred IS NULL AND i.indexprs IS NULL`;
