import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, TEST_PASSWORD, type TestPostgres } from "./postgres.ts";

/** A real pgbouncer in transaction mode on the loopback, in front of a server. */
export interface TestPgbouncer extends AsyncDisposable {
  readonly port: number;
  /** The connection string for the server's database, through the pooler. */
  url(database: string): string;
  /** Ends it at once, as the kernel would; its clients and its server connections are cut. */
  kill(): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
  /** Ends it and removes its files, as `await using` does at the end of the block. */
  remove(): Promise<void>;
}

/** It refuses to run as root. */
const UNPRIVILEGED_USER = "nobody";
const START_ATTEMPTS = 20;
/** Debian puts it where only root looks. */
const FOLDERS = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`;

/** The program, or null if it is not installed. */
export function findPgbouncer(): string | null {
  return Bun.which("pgbouncer", { PATH: FOLDERS });
}

export interface PgbouncerOptions {
  /** Connections to the server, at most, for each user and database. */
  readonly poolSize?: number;
  /** More settings of pgbouncer.ini, as `name = value`. */
  readonly settings?: readonly string[];
}

export async function startPgbouncer(
  program: string,
  server: TestPostgres,
  options: PgbouncerOptions = {},
): Promise<TestPgbouncer> {
  const folder = mkdtempSync(join(tmpdir(), "massive-backfill-pgbouncer-"));
  // For the other user to read.
  chmodSync(folder, 0o755);
  const users = join(folder, "users.txt");
  writeFileSync(users, `"postgres" "${TEST_PASSWORD}"\n`, { mode: 0o644 });
  const settings = join(folder, "pgbouncer.ini");
  const asUser = process.getuid?.() === 0 ? ["-u", UNPRIVILEGED_USER] : [];
  let port = 0;
  let running: Running | undefined;

  async function start(canMove: boolean): Promise<void> {
    let said = "";
    for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
      if (canMove) port = await freePort();
      writeFileSync(settings, settingsOf(port, server.port, users, options), { mode: 0o644 });
      const started = launch([program, ...asUser, settings]);
      if (await started.isUp) {
        running = started;
        return;
      }
      said = started.said();
    }
    throw new Error(`pgbouncer does not start:\n${said}`);
  }

  async function kill(): Promise<void> {
    running?.child.kill("SIGKILL");
    await running?.child.exited;
    running = undefined;
  }

  async function remove(): Promise<void> {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await start(true);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    port,
    url: (database) =>
      `postgres://postgres:${encodeURIComponent(TEST_PASSWORD)}@127.0.0.1:${port}/${database}`,
    kill,
    start: () => start(false),
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

/** https://www.pgbouncer.org/config.html */
function settingsOf(
  port: number,
  serverPort: number,
  users: string,
  { poolSize = 2, settings = [] }: PgbouncerOptions,
): string {
  return `[databases]
* = host=127.0.0.1 port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${poolSize}
server_login_retry = 1
${settings.join("\n")}
`;
}

interface Running {
  readonly child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  /** Whether it takes connections; false if it ended before. */
  readonly isUp: Promise<boolean>;
  said(): string;
}

function launch(command: string[]): Running {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const { promise: isUp, resolve } = Promise.withResolvers<boolean>();
  let said = "";
  // Its log is read to the end, or it would wait for room in the pipe.
  const listen = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      said += decoder.decode(chunk, { stream: true });
      if (said.includes("process up")) resolve(true);
    }
    resolve(false);
  };
  void listen();
  return { child, isUp, said: () => said };
}
