import { formatDuration } from "../../core/format.ts";
import { openConnection, type PostgresConnection } from "../../postgres/connect.ts";
import { explainPostgresError } from "../../postgres/errors.ts";
import { checkTable } from "../../postgres/table.ts";
import { parseTarget, quoteTable, tableName, type PostgresTarget } from "../../postgres/target.ts";
import type { RunContext } from "../context.ts";
import { noDatabase } from "../database.ts";
import { fromError, green, red, skipped, yellow, type Finding } from "./findings.ts";
import { CONNECT_TIMEOUT_MS, CUT_OFF, CUT_OFF_FIX, deadlineOf } from "./patience.ts";

const POSTGRES = "Postgres";
const TABLE = "table";

/** Connects to the database that is set and examines its table; makes and writes nothing. */
export async function checkPostgres({ settings, signal }: RunContext): Promise<Finding[]> {
  const { databaseUrl, table } = settings;
  if (databaseUrl === null)
    return [
      settings.supabaseWithoutDatabase
        ? fromError(POSTGRES, noDatabase(settings), "yellow")
        : skipped(POSTGRES, "none set: all bars are in the cache"),
    ];
  const begunMs = performance.now();
  const deadline = deadlineOf(signal);
  let connection: PostgresConnection;
  let target: PostgresTarget;
  try {
    ({ target } = parseTarget(databaseUrl, table));
    connection = await openConnection(databaseUrl, {
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      stallTimeoutMs: CONNECT_TIMEOUT_MS,
      applicationName: "massive-backfill doctor",
      signal: deadline,
    });
  } catch (error) {
    return [failed(error, signal, deadline)];
  }
  try {
    const server = await serverFinding(connection, target, performance.now() - begunMs);
    return [server, await tableFinding(connection, target)];
  } catch (error) {
    return [failed(explainPostgresError(error, `ask ${connection.name}`), signal, deadline)];
  } finally {
    await connection.close();
  }
}

/** The finding about a server that cannot be used. */
function failed(error: unknown, signal: AbortSignal, deadline: AbortSignal): Finding {
  signal.throwIfAborted();
  return deadline.aborted ? red(POSTGRES, CUT_OFF, CUT_OFF_FIX) : fromError(POSTGRES, error);
}

async function serverFinding(
  connection: PostgresConnection,
  target: PostgresTarget,
  connectMs: number,
): Promise<Finding> {
  const found = [
    `${connection.name}: PostgreSQL ${connection.serverVersion}`,
    connection.encryption ?? "not encrypted",
    `answers after ${formatDuration(connectMs)}`,
    ...((await isBehindOther(connection, target)) ? ["through a pooler or a forwarded port"] : []),
  ].join(", ");
  return connection.encryption === null && !isLocal(target.host)
    ? yellow(
        POSTGRES,
        found,
        "Passwords and bars can be read on the way: add ?sslmode=require to DATABASE_URL.",
        "postgres",
      )
    : green(POSTGRES, found);
}

/** The server's own port is another one than we asked for. Over a Unix socket it has none. */
async function isBehindOther(connection: PostgresConnection, { port }: PostgresTarget): Promise<boolean> {
  const [row] = await connection.run((sql) =>
    sql.unsafe<{ port: number | null }[]>("SELECT inet_server_port() AS port"),
  );
  return row?.port != null && row.port !== port;
}

function isLocal(host: string): boolean {
  return host === "localhost" || host.startsWith("127.") || host === "::1" || host.startsWith("/");
}

async function tableFinding(connection: PostgresConnection, target: PostgresTarget): Promise<Finding> {
  const name = tableName(target);
  try {
    const { exists, roundedColumns } = await checkTable(connection, target);
    if (!exists) return green(TABLE, `${name} is not there yet: the first sync makes it`);
    if (roundedColumns.length === 0) return green(TABLE, `${name} takes every bar as it is`);
    return yellow(
      TABLE,
      `${name} rounds values: ${roundedColumns.join(", ")}`,
      `${exactColumns(target, roundedColumns)} and then massive-backfill sync --all`,
      "postgres-table",
    );
  } catch (error) {
    return fromError(TABLE, error);
  }
}

/** The SQL after which the columns, given as `volume bigint`, hold every value as it is. */
function exactColumns(target: PostgresTarget, roundedColumns: readonly string[]): string {
  const changes = roundedColumns.map((column) => `ALTER COLUMN ${column.split(" ")[0]} TYPE numeric`);
  return `ALTER TABLE ${quoteTable(target)} ${changes.join(", ")};`;
}
