import { BackfillError } from "../core/errors.ts";
import { parseDatabaseUrl } from "./database-url.ts";
import { displayName, parseDottedName, quoteName } from "./identifiers.ts";

/** The table that bars are synced to. Holds no secrets: it may be printed and stored. */
export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly schema: string;
  readonly table: string;
}

export interface NamedTarget {
  readonly target: PostgresTarget;
  /** `host:port/database schema.table`: for people, and the key of the target in the outbox. */
  readonly name: string;
}

const DEFAULT_SCHEMA = "public";

/**
 * The target that a connection string and a table name mean. `table` is `table` or `schema.table` as in SQL:
 * unquoted names are folded to lower case, quoted ones are kept (`"My Schema"."bars.1m"`); the schema is
 * `public` if none is given. Throws a `settings` error for a bad URL or table name.
 */
export function parseTarget(databaseUrl: string, table: string): NamedTarget {
  const { host, port, database, user } = parseDatabaseUrl(databaseUrl);
  const target = { host, port, database, ...parseTable(table) };
  // Behind one address of a hosted pooler are many databases of one name: the user (`postgres.PROJECT`) tells them apart.
  const tenant = /\.(.+)$/.exec(user)?.[1];
  const server = tenant === undefined ? serverName(target) : `${serverName(target)} (${tenant})`;
  return { target, name: `${server} ${tableName(target)}` };
}

/** `host:port/database`, for people. */
export function serverName(server: Pick<PostgresTarget, "host" | "port" | "database">): string {
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  return `${host}:${server.port}/${server.database}`;
}

/** `schema.table`, for people: quoted only where needed. */
export function tableName(target: Pick<PostgresTarget, "schema" | "table">): string {
  return `${displayName(target.schema)}.${displayName(target.table)}`;
}

/** `"schema"."table"`, for SQL. */
export function quoteTable(target: Pick<PostgresTarget, "schema" | "table">): string {
  return `${quoteName(target.schema)}.${quoteName(target.table)}`;
}

function parseTable(text: string): { schema: string; table: string } {
  const parts = parseDottedName(text.trim());
  const [first, second] = parts ?? [];
  if (parts === null || parts.length > 2 || first === undefined) {
    throw new BackfillError({
      kind: "settings",
      help: "postgres-table",
      operation: `read the table name ${text}`,
      reason: "it is not the name of a table",
      nextStep:
        'Write table or schema.table, at most 63 bytes each; put a name with other characters than letters, digits, _ and $ in double quotes: "my table".',
    });
  }
  return second === undefined ? { schema: DEFAULT_SCHEMA, table: first } : { schema: first, table: second };
}
