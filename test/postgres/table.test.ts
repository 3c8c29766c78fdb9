import { afterAll, beforeAll, describe, expect, test, setDefaultTimeout } from "bun:test";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { ensureTable, isEmptyTable } from "../../src/postgres/table.ts";
import { parseTarget, type PostgresTarget } from "../../src/postgres/target.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { rejectionOf } from "../support/thrown.ts";
import { query } from "./query.ts";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
let connection: PostgresConnection;
beforeAll(async () => {
  server = await startPostgres();
  connection = await openConnection(server.url, { connectTimeoutMs: 10_000, applicationName: "test" });
});
afterAll(async () => {
  await connection.close();
  await server.remove();
});

function targetOf(table: string): PostgresTarget {
  return parseTarget(server.url, table).target;
}

/** Kind, reason and next step of what `ensureTable` throws. */
async function refusal(table: string): Promise<readonly unknown[]> {
  return ensureTable(connection, targetOf(table)).then(
    (found) => [found],
    (error) => [error.kind, error.reason, error.nextStep],
  );
}

describe("a missing table", () => {
  test("is made with the guide's columns and a NUMERIC volume", async () => {
    const target = targetOf("fresh");
    expect(await ensureTable(connection, target)).toEqual({
      target,
      created: true,
      isPartitioned: false,
      hasFloats: false,
      volumeIsInteger: false,
      tradesIsInteger: true,
      roundedColumns: [],
      rowTriggers: [],
    });
    const columns = await query(
      connection,
      `
      SELECT column_name AS name, data_type AS type, is_nullable AS nullable, column_default AS value
      FROM information_schema.columns WHERE table_name = 'fresh' ORDER BY ordinal_position`,
    );
    expect(columns.map((column) => Object.values(column).join(" ").trim())).toEqual([
      "symbol text NO",
      "timeframe text NO",
      "timestamp bigint NO",
      "open numeric NO",
      "high numeric NO",
      "low numeric NO",
      "close numeric NO",
      "volume numeric YES",
      "vwap numeric YES",
      "trades integer YES",
      "created_at timestamp with time zone YES now()",
    ]);
  });

  test("is made once", async () => {
    const target = targetOf("twice");
    const made = await ensureTable(connection, target);
    expect(await ensureTable(connection, target)).toEqual({ ...made, created: false });
  });

  test("may have any name", async () => {
    await query(connection, 'CREATE SCHEMA "My ""Schema"');
    const target = targetOf('"My ""Schema"."bars.1m; --"');
    expect((await ensureTable(connection, target)).created).toBe(true);
    expect((await ensureTable(connection, target)).created).toBe(false);
  });

  test("is made by only one of several programs that look at the same time", async () => {
    const connections = await Promise.all(
      Array.from({ length: 6 }, () =>
        openConnection(server.url, { connectTimeoutMs: 10_000, applicationName: "test" }),
      ),
    );
    const target = targetOf("raced");
    const tables = await Promise.all(connections.map((each) => ensureTable(each, target)));
    await Promise.all(connections.map((each) => each.close()));
    expect(tables.map(({ isPartitioned }) => isPartitioned)).toEqual(Array(6).fill(false));
    expect(
      await query(connection, "SELECT count(*)::int AS n FROM pg_class WHERE relname = 'raced'"),
    ).toEqual([{ n: 1 }]);
  });

  test("is not made in a schema that does not exist", async () => {
    expect(await refusal("nope.bars")).toEqual([
      "target",
      "there is no schema nope",
      "CREATE SCHEMA nope AUTHORIZATION postgres;",
    ]);
  });
});

test("a table is empty until it has a row, and again when that is gone", async () => {
  const table = await ensureTable(connection, targetOf("filled"));
  expect(await isEmptyTable(connection, table)).toBe(true);
  await query(
    connection,
    "INSERT INTO filled (symbol, timeframe, timestamp, open, high, low, close) VALUES ('X', '1m', 0, 1, 1, 1, 1)",
  );
  expect(await isEmptyTable(connection, table)).toBe(false);
  await query(connection, "DELETE FROM filled");
  expect(await isEmptyTable(connection, table)).toBe(true);
});

test("a table that is gone when it is looked into is explained", async () => {
  const table = await ensureTable(connection, targetOf("vanishing"));
  await query(connection, "DROP TABLE vanishing");
  const error = await rejectionOf(isEmptyTable(connection, table));
  expect([error.kind, error.operation]).toEqual([
    "target",
    `look into the table public.vanishing in ${connection.name}`,
  ]);
});

test("a table that fits costs one round trip", async () => {
  await ensureTable(connection, targetOf("near"));
  let messages = 0;
  const proxy = await startTcpProxy(server.port, { onClientData: () => (messages += 1) });
  const distant = await openConnection(server.url.replace(`:${server.port}/`, `:${proxy.port}/`), {
    connectTimeoutMs: 10_000,
    applicationName: "test",
  });
  messages = 0;
  await ensureTable(distant, targetOf("near"));
  const asked = messages;
  await distant.close();
  proxy.close();
  expect(asked).toBe(1);
});
