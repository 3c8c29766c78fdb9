import { TLSSocket } from "node:tls";
import postgres from "postgres";
import { parseDatabaseUrl, type DatabaseAddress } from "./database-url.ts";
import { explainPostgresError, LinkError } from "./errors.ts";
import { linkOver, type Link } from "./link.ts";
import { connectSocket } from "./socket.ts";
import { serverName } from "./target.ts";
import { STALL_TIMEOUT_MS } from "./time-limits.ts";

export interface ConnectOptions {
  /** How long the server has up to its first answer, log-in included, if the URL does not say so. */
  readonly connectTimeoutMs: number;
  /** What the server lists this program as, in `pg_stat_activity`, if the URL does not say so. */
  readonly applicationName: string;
  /** How long one statement, or one piece of a COPY, may go without an answer; default five minutes. */
  readonly stallTimeoutMs?: number;
  /** Ends the session when it is aborted: work that waits for the server rejects at once. */
  readonly signal?: AbortSignal;
}

/**
 * One session with a server. Once it breaks it stays broken: nothing reconnects behind the back of a
 * transaction. Whoever wants to go on opens another one.
 */
export interface PostgresConnection {
  /** `host:port/database`, for people. */
  readonly name: string;
  /** Such as `18.4`. */
  readonly serverVersion: string;
  /** The protocol that encrypts it, such as `TLSv1.3`; null if nothing does. */
  readonly encryption: string | null;
  /**
   * Waits for what `work` starts with the client. Rejects with what the server or the network said, also if the
   * connection breaks, has broken before, or nothing comes back; `explainPostgresError` puts that into words.
   */
  run<T>(work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T>;
  /** Ends the session; work that still waits rejects. */
  close(): Promise<void>;
}

/** Opens a session. Throws a `settings` or `target` error that names the server and no secrets. */
export async function openConnection(
  databaseUrl: string,
  options: ConnectOptions,
): Promise<PostgresConnection> {
  const address = parseDatabaseUrl(databaseUrl);
  options.signal?.throwIfAborted();
  const deadline = new AbortController();
  const timeoutMs = address.connectTimeoutMs ?? options.connectTimeoutMs;
  const timeout = new LinkError("CONNECT_TIMEOUT", `no answer within ${timeoutMs} ms`);
  const timer = timeoutMs === 0 ? undefined : setTimeout(() => deadline.abort(), timeoutMs);
  const stop = () => deadline.abort();
  const forgetSignal = () => options.signal?.removeEventListener("abort", stop);
  options.signal?.addEventListener("abort", stop);
  try {
    const session = await openSession(address, options, deadline.signal, timeout);
    const close = () => {
      forgetSignal();
      return session.close();
    };
    return { ...session, close };
  } catch (error) {
    forgetSignal();
    options.signal?.throwIfAborted();
    throw explainPostgresError(
      deadline.signal.aborted ? timeout : error,
      `connect to ${serverName(address)}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

async function openSession(
  address: DatabaseAddress,
  options: ConnectOptions,
  deadline: AbortSignal,
  timeout: LinkError,
): Promise<PostgresConnection> {
  const socket = await connectSocket(address, deadline);
  const encryption = socket instanceof TLSSocket ? socket.getProtocol() : null;
  const link = linkOver(socket);
  deadline.addEventListener("abort", () => link.lose(timeout), { once: true });
  const run = runnerOver(link, clientOver(link, address, options), options);
  try {
    const [row] = await run((sql) =>
      sql.unsafe<{ version: string }[]>("SELECT current_setting('server_version') AS version"),
    );
    const serverVersion = row?.version ?? "";
    return { name: serverName(address), serverVersion, encryption, run, close: () => link.close() };
  } catch (error) {
    await link.close();
    throw error;
  }
}

/** The protocol engine over the link: one connection, and nothing that a transaction pooler would refuse. */
function clientOver(link: Link, address: DatabaseAddress, options: ConnectOptions): postgres.Sql {
  const settings = {
    socket: () => link.stream,
    host: address.host,
    database: address.database,
    user: address.user,
    password: address.password,
    connection: {
      application_name: address.applicationName ?? options.applicationName,
      ...(address.options === null ? {} : { options: address.options }),
    },
    ssl: false,
    max: 1,
    prepare: false,
    fetch_types: false,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: 0,
    debug: false,
    onnotice() {},
  };
  // postgres.js 3.4.9 reads this variable itself, refuses libpq's default `any`, and hangs up on servers of another kind.
  delete process.env["PGTARGETSESSIONATTRS"];
  return postgres(settings);
}

function runnerOver(link: Link, sql: postgres.Sql, options: ConnectOptions): PostgresConnection["run"] {
  const stallTimeoutMs = options.stallTimeoutMs ?? STALL_TIMEOUT_MS;
  return async (work) => {
    const timer = setTimeout(
      () => link.lose(new LinkError("NO_ANSWER", `no answer within ${stallTimeoutMs} ms`)),
      stallTimeoutMs,
    );
    try {
      return await Promise.race([link.lost, work(sql)]);
    } finally {
      clearTimeout(timer);
    }
  };
}
