import { afterAll, beforeAll, beforeEach, describe, expect, test, setDefaultTimeout } from "bun:test";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { TRANSIENT } from "../../src/postgres/errors.ts";
import { ensureTable, type TargetTable } from "../../src/postgres/table.ts";
import { parseTarget } from "../../src/postgres/target.ts";
import type { TimeLimits } from "../../src/postgres/transaction.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy, type TcpProxyHooks } from "../support/tcp-proxy.ts";
import { applyTransaction, barRow, barRows, linesOf, writing, type BarRow } from "./bars.ts";
import { query } from "./query.ts";

const OPTIONS = { connectTimeoutMs: 10_000, applicationName: "test" };
const STALL_TIMEOUT_MS = 200;

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
let table: TargetTable;
let tableCount = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());
beforeEach(async () => {
  tableCount += 1;
  const { target } = parseTarget(server.url, `bars_${tableCount}`);
  table = await withConnection((connection) => ensureTable(connection, target));
});

async function withConnection<T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
  const connection = await openConnection(server.url, OPTIONS);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** Bars without end; `strike` comes after the given number of them. */
async function* barsWith(strike: () => unknown, after: number): AsyncGenerator<BarRow> {
  for (let minute = 0; ; minute += 1) {
    if (minute === after) await strike();
    yield barRow("SPX", minute);
  }
}

/** What the transaction rejects with. */
async function failureOf(
  connection: PostgresConnection,
  rows: Iterable<BarRow> | AsyncIterable<BarRow>,
  limits?: TimeLimits,
): Promise<unknown> {
  return applyTransaction(connection, table, writing([], { pieces: linesOf(rows), rows: 1 }), limits).then(
    (counts) => counts,
    (error: unknown) => error,
  );
}

/** Resolves when the connection has broken: a killed server's children go on until they have nothing to read. */
async function lossOf(connection: PostgresConnection): Promise<void> {
  const { promise: never } = Promise.withResolvers<void>();
  await connection.run(() => never).catch(() => {});
}

/** Waits on the server for longer than the statement timeout of the test. */
async function outlastTimeout(): Promise<void> {
  await withConnection((connection) => query(connection, "SELECT pg_sleep(0.2)"));
}

function isCommit(data: Buffer): boolean {
  return data.includes("COMMIT\0");
}

/** What the table holds, and what writing two bars does then: nothing of the broken transaction is there. */
async function aftermath(): Promise<unknown> {
  return withConnection(async (connection) => {
    const [row] = await query(connection, `SELECT count(*)::int AS bars FROM ${table.target.table}`);
    const again = await applyTransaction(connection, table, writing(barRows("SPX", 2)));
    return { ...row, again };
  });
}

const nothingWritten = { bars: 0, again: { inserted: 2, updated: 0, unchanged: 0, deleted: 0 } };
const broken = { kind: "target", code: TRANSIENT, reason: "the connection broke" };
const ended = { kind: "target", code: TRANSIENT, reason: expect.stringMatching(/^terminating connection /) };

describe("in the middle of a COPY", () => {
  test.each(["fast", "kill"] as const)("a server that is stopped (%s) fails the transaction", async (how) => {
    const connection = await openConnection(server.url, OPTIONS);
    const strike = async () => {
      await server.stop(how);
      await lossOf(connection);
    };
    const error = await failureOf(connection, barsWith(strike, 50_000));
    const later = await failureOf(connection, barRows("SPX", 1));
    await connection.close();
    await server.start();
    expect([error, later]).toMatchObject([ended, ended]);
    expect(await aftermath()).toEqual(nothingWritten);
  });

  test("a server that ends the session fails the transaction", async () => {
    const terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'";
    const connection = await openConnection(server.url, OPTIONS);
    const strike = () => withConnection((other) => query(other, terminate));
    const error = await failureOf(connection, barsWith(strike, 50_000));
    await connection.close();
    expect(error).toMatchObject({
      ...ended,
      reason: "terminating connection due to administrator command",
    });
    expect(await aftermath()).toEqual(nothingWritten);
  });

  test("a statement timeout fails the transaction, and the session goes on", async () => {
    const connection = await openConnection(server.url, OPTIONS);
    const limits = { statementMs: 100, lockMs: 100, idleMs: 10_000 };
    const error = await failureOf(connection, barsWith(outlastTimeout, 50_000), limits);
    const later = await failureOf(connection, barRows("SPX", 1));
    await connection.close();
    expect([error, later]).toMatchObject([
      { kind: "target", code: TRANSIENT, reason: "canceling statement due to statement timeout" },
      { inserted: 1 },
    ]);
  });

  test("a connection that is cut fails the transaction", async () => {
    const { connection, proxy } = await overProxy();
    const error = await failureOf(
      connection,
      barsWith(() => proxy.cut(), 50_000),
    );
    await connection.close();
    proxy.close();
    expect(error).toMatchObject(broken);
    expect(await aftermath()).toEqual(nothingWritten);
  });

  test("a server that hangs up without reading on fails the transaction", async () => {
    const { connection, proxy } = await overProxy();
    const error = await failureOf(
      connection,
      barsWith(() => proxy.hangUp(), 50_000),
    );
    await connection.close();
    proxy.close();
    expect(error).toMatchObject(broken);
    expect(await aftermath()).toEqual(nothingWritten);
  });

  test("closing the connection fails the transaction", async () => {
    const connection = await openConnection(server.url, OPTIONS);
    const error = await failureOf(
      connection,
      barsWith(() => connection.close(), 50_000),
    );
    expect(error).toMatchObject(broken);
    expect(await aftermath()).toEqual(nothingWritten);
  });

  test("a connection on which nothing moves any more fails the transaction, with few rows in memory", async () => {
    const { connection, proxy } = await overProxy({}, STALL_TIMEOUT_MS);
    let pulled = 0;
    async function* endless(): AsyncGenerator<BarRow> {
      for await (const row of barsWith(() => proxy.freeze(), 50_000)) {
        pulled += 1;
        yield row;
      }
    }
    const error = await failureOf(connection, endless());
    await connection.close();
    proxy.close();
    expect(error).toMatchObject({ kind: "target", code: TRANSIENT, reason: "it stopped answering" });
    // A row is about 45 bytes; sockets of a loopback connection hold up to about 10 MB of them.
    expect(pulled).toBeLessThan(500_000);
    expect(await aftermath()).toEqual(nothingWritten);
  });
});

describe("around the COMMIT", () => {
  test("a connection that is cut before it, fails the transaction", async () => {
    const { connection, proxy } = await overProxy({
      onClientData: (data, self) => {
        if (isCommit(data)) self.cut();
      },
    });
    const error = await failureOf(connection, barRows("SPX", 2));
    await connection.close();
    proxy.close();
    expect(error).toMatchObject(broken);
    expect(await aftermath()).toEqual(nothingWritten);
  });

  test("a connection that is cut before its answer fails the transaction, which can be done again", async () => {
    let isCommitting = false;
    const { connection, proxy } = await overProxy({
      onClientData: (data) => {
        isCommitting ||= isCommit(data);
      },
      onServerData: (_, self) => {
        if (isCommitting) self.cut();
      },
    });
    const error = await failureOf(connection, barRows("SPX", 2));
    await connection.close();
    proxy.close();
    expect(error).toMatchObject(broken);
    expect(await aftermath()).toEqual({
      bars: 2,
      again: { inserted: 0, updated: 0, unchanged: 2, deleted: 0 },
    });
  });

  test("a COMMIT that the server refuses fails the transaction", async () => {
    await withConnection((connection) =>
      query(
        connection,
        `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused at the end'; END $$;
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON ${table.target.table}
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`,
      ),
    );
    const error = await withConnection((connection) => failureOf(connection, barRows("SPX", 2)));
    expect(error).toMatchObject({ kind: "target", reason: "refused at the end" });
  });
});

async function overProxy(
  hooks: TcpProxyHooks = {},
  stallTimeoutMs = 10_000,
): Promise<{ connection: PostgresConnection; proxy: TcpProxy }> {
  const proxy = await startTcpProxy(server.port, hooks);
  const url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
  return { connection: await openConnection(url, { ...OPTIONS, stallTimeoutMs }), proxy };
}
