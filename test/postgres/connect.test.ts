import { afterAll, beforeAll, describe, expect, test, setDefaultTimeout } from "bun:test";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { startPostgres, TEST_PASSWORD, type TestPostgres } from "../support/postgres.ts";
import { startRefuser, startTcpProxy } from "../support/tcp-proxy.ts";
import { query } from "./query.ts";

const OPTIONS = { connectTimeoutMs: 10_000, applicationName: "massive-backfill-test" };
const HOST = "127.0.0.1";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres({ unixSocket: true });
});
afterAll(() => server.remove());

/** The server's URL with some of its parts replaced. */
function urlWith(parts: {
  user?: string;
  password?: string;
  host?: string;
  port?: number;
  database?: string;
}): string {
  const {
    user = "postgres",
    password = TEST_PASSWORD,
    host = HOST,
    port = server.port,
    database = "postgres",
  } = parts;
  return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}

/** What `openConnection` throws, or undefined. */
async function openingError(url: string, connectTimeoutMs = OPTIONS.connectTimeoutMs): Promise<unknown> {
  const opening = openConnection(url, { ...OPTIONS, connectTimeoutMs });
  return opening.then(
    (connection) => connection.close(),
    (error: unknown) => error,
  );
}

/** What a statement rejects with. */
async function failureOf(connection: PostgresConnection, statement: string): Promise<unknown> {
  return connection
    .run((sql) => sql.unsafe(statement))
    .then(
      () => undefined,
      (error: unknown) => error,
    );
}

describe("opening", () => {
  test("logs in and says who is there", async () => {
    const connection = await openConnection(server.url, OPTIONS);
    const [row] = await query(
      connection,
      "SELECT application_name, usename FROM pg_stat_activity WHERE pid = pg_backend_pid()",
    );
    await connection.close();
    expect(row).toEqual({ application_name: "massive-backfill-test", usename: "postgres" });
    expect({ name: connection.name, version: connection.serverVersion.split(".")[0] }).toEqual({
      name: `${HOST}:${server.port}/postgres`,
      version: "18",
    });
  });

  test("says the name that the URL has for the program", async () => {
    const connection = await openConnection(`${server.url}?application_name=night%20run`, OPTIONS);
    const [row] = await query(connection, "SHOW application_name");
    await connection.close();
    expect(row).toEqual({ application_name: "night run" });
  });

  test.each([
    ["as a parameter", (folder: string) => `/postgres?host=${folder}&port=${server.port}`],
    ["as the host", (folder: string) => `${encodeURIComponent(folder)}:${server.port}/postgres`],
  ])("finds a Unix socket whose folder is given %s", async (_, place) => {
    const login = `postgres:${encodeURIComponent(TEST_PASSWORD)}`;
    const url = `postgresql://${login}@${place(server.databaseDir)}`;
    const connection = await openConnection(url, OPTIONS);
    const [row] = await query(connection, "SELECT inet_client_addr() AS address");
    await connection.close();
    expect([row, connection.name]).toEqual([
      { address: null },
      `${server.databaseDir}:${server.port}/postgres`,
    ]);
  });

  test("says that there is no such Unix socket", async () => {
    const error = await openingError(`postgresql:///postgres?host=${server.databaseDir}&port=1`);
    expect(error).toMatchObject({ kind: "target", reason: "there is no such socket" });
  });

  test("connects to the address of a host, without looking its name up", async () => {
    const url = urlWith({ host: "db.invalid" });
    const connection = await openConnection(`${url}?hostaddr=${HOST}`, OPTIONS);
    const [row] = await query(connection, "SELECT 7 AS answer");
    await connection.close();
    expect([row, connection.name]).toEqual([{ answer: 7 }, `db.invalid:${server.port}/postgres`]);
  });

  test("passes start-up options on", async () => {
    const connection = await openConnection(`${server.url}?options=-c%20statement_timeout%3D5s`, OPTIONS);
    const [row] = await query(connection, "SHOW statement_timeout");
    await connection.close();
    expect(row).toEqual({ statement_timeout: "5s" });
  });

  test("tells a wrong password, a wrong user and a missing database apart, and keeps the password to itself", async () => {
    const errors = [
      await openingError(urlWith({ password: "hunter2" })),
      await openingError(urlWith({ user: "nobody" })),
      await openingError(urlWith({ database: "nope" })),
    ];
    const at = `connect to ${HOST}:${server.port}`;
    expect(errors).toMatchObject([
      { kind: "settings", message: `${at}/postgres: password authentication failed for user "postgres"` },
      { kind: "settings", message: `${at}/postgres: password authentication failed for user "nobody"` },
      { kind: "settings", message: `${at}/nope: database "nope" does not exist` },
    ]);
    const shown = Bun.inspect(errors);
    expect(shown).not.toContain("hunter2");
    expect(shown).not.toContain(TEST_PASSWORD);
  });

  test("fails where nothing listens", async () => {
    const proxy = await startRefuser();
    proxy.close();
    expect(await openingError(urlWith({ port: proxy.port }))).toMatchObject({
      kind: "target",
      code: "transient",
      message: `connect to ${HOST}:${proxy.port}/postgres: nothing listens there: the connection was refused`,
    });
  });

  test.each(["disable", "prefer", "require"])(
    "fails at a server that hangs up on everybody (sslmode=%s)",
    async (mode) => {
      const proxy = await startRefuser();
      const error = await openingError(`${urlWith({ port: proxy.port })}?sslmode=${mode}`);
      proxy.close();
      expect(error).toMatchObject({ kind: "target", code: "transient", reason: "the connection broke" });
    },
  );

  test.each(["disable", "prefer"])("gives up on a server that says nothing (sslmode=%s)", async (mode) => {
    const proxy = await startTcpProxy(server.port, { onClientData: (_, self) => self.freeze() });
    const error = await openingError(`${urlWith({ port: proxy.port })}?sslmode=${mode}`, 100);
    proxy.close();
    expect(error).toMatchObject({ kind: "target", code: "transient", reason: "it did not answer in time" });
  });

  test("gives up after the time that the URL has for it", async () => {
    const proxy = await startTcpProxy(server.port, { onClientData: (_, self) => self.freeze() });
    const startedMs = performance.now();
    const error = await openingError(`${urlWith({ port: proxy.port })}?connect_timeout=1`, 20_000);
    const tookMs = performance.now() - startedMs;
    proxy.close();
    expect(error).toMatchObject({ reason: "it did not answer in time" });
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(15_000);
  });

  test("takes its time if the URL has no limit", async () => {
    const connection = await openConnection(`${server.url}?connect_timeout=0`, {
      ...OPTIONS,
      connectTimeoutMs: 1,
    });
    await connection.close();
  });

  test("hears what a server says as it hangs up", async () => {
    const lastWords = Buffer.from("E\0\0\0\x26SFATAL\0C57P03\0Mshutting down now\0\0", "latin1");
    const refuser = await startRefuser(lastWords);
    const error = await openingError(`${urlWith({ port: refuser.port })}?sslmode=disable`);
    refuser.close();
    expect(error).toMatchObject({ kind: "target", code: "transient", reason: "shutting down now" });
  });

  test("does not take a server that fails before it says whether it encrypts for one that does not", async () => {
    const refuser = await startRefuser(Buffer.from("Ecould not fork new process\0"));
    const error = await openingError(`${urlWith({ port: refuser.port })}?sslmode=require`);
    refuser.close();
    expect(error).toMatchObject({ kind: "target", code: "transient", reason: "the connection broke" });
  });

  test("explains what the operating system does not let it do", async () => {
    const folder = `/tmp/${"x".repeat(120)}`;
    expect(await openingError(`postgresql:///d?host=${folder}`)).toMatchObject({
      kind: "target",
      code: undefined,
      reason: expect.stringContaining("EINVAL"),
    });
  });

  test("explains that the server has no room", async () => {
    const small = await startPostgres({
      settings: ["max_connections=1", "superuser_reserved_connections=0", "max_wal_senders=0"],
    });
    const first = await openConnection(small.url, OPTIONS);
    const error = await openingError(small.url);
    await first.close();
    await small.remove();
    expect(error).toMatchObject({
      kind: "target",
      code: "transient",
      reason: "sorry, too many clients already",
    });
  });
});

describe("a session", () => {
  test("outlives an error of a statement", async () => {
    const connection = await openConnection(server.url, OPTIONS);
    const error = await failureOf(connection, "SELECT 1/0");
    const [row] = await query(connection, "SELECT 7 AS answer");
    await connection.close();
    expect([error, row]).toMatchObject([{ code: "22012" }, { answer: 7 }]);
  });

  test("rejects what waits when the server goes away, and all that comes later", async () => {
    const connection = await openConnection(server.url, OPTIONS);
    const waiting = failureOf(connection, "SELECT pg_sleep(60)");
    await server.stop();
    const first = await waiting;
    const later = await failureOf(connection, "SELECT 1");
    await server.start();
    const still = await failureOf(connection, "SELECT 1");
    await connection.close();
    const ended = { code: "SERVER_HUNG_UP", message: expect.stringMatching(/^terminating connection /) };
    expect([first, later, still]).toMatchObject([ended, ended, ended]);
  });

  test("is opened whatever postgres.js would read from the environment", async () => {
    process.env["PGTARGETSESSIONATTRS"] = "any";
    const connection = await openConnection(server.url, OPTIONS);
    await connection.close();
    expect(connection.serverVersion).toMatch(/^\d+/);
  });

  test("leaves no listener at the signal when it is closed, or was not opened", async () => {
    const stop = new AbortController();
    let listeners = 0;
    const signal = new Proxy(stop.signal, {
      get(target, name) {
        if (name === "addEventListener") listeners += 1;
        if (name === "removeEventListener") listeners -= 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const connection = await openConnection(server.url, { ...OPTIONS, signal });
    expect(listeners).toBe(1);
    await connection.close();
    await openConnection("postgres://u@127.0.0.1:1/d", { ...OPTIONS, signal }).catch(() => {});
    expect(listeners).toBe(0);
  });

  test("rejects what waits when it is closed", async () => {
    const connection = await openConnection(server.url, OPTIONS);
    const waiting = failureOf(connection, "SELECT pg_sleep(60)");
    await connection.close();
    expect(await waiting).toMatchObject({ code: "CONNECTION_LOST" });
  });

  test("gives up on a statement that is not answered in time", async () => {
    const proxy = await startTcpProxy(server.port);
    const connection = await openConnection(urlWith({ port: proxy.port }), {
      ...OPTIONS,
      stallTimeoutMs: 100,
    });
    proxy.freeze();
    const error = await failureOf(connection, "SELECT 1");
    await connection.close();
    proxy.close();
    expect(error).toMatchObject({ code: "NO_ANSWER" });
  });
});
