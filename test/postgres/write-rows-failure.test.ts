import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { BackfillError } from "../../src/core/errors.ts";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { ensureTable } from "../../src/postgres/table.ts";
import { parseTarget } from "../../src/postgres/target.ts";
import type { RowsToWrite } from "../../src/postgres/write-rows.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { applyTransaction, barRow, barRows, linesOf, writing, type BarRow } from "./bars.ts";
import { query } from "./query.ts";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
let connection: PostgresConnection;
let tableCount = 0;

beforeAll(async () => {
  server = await startPostgres();
  connection = await openConnection(server.url, { connectTimeoutMs: 10_000, applicationName: "test" });
});
afterAll(async () => {
  await connection.close();
  await server.remove();
});

/** The bar that the tables have from the first. */
function old(): RowsToWrite {
  return writing(barRows("OLD", 1));
}

/**
 * Writes the rows to a table whose symbols have at most three characters, and which has one bar that the same
 * transaction deletes: what that throws, what the table holds then, and what the next transaction does.
 */
async function failing(rows: Iterable<BarRow> | AsyncIterable<BarRow>) {
  tableCount += 1;
  const name = `bars_${tableCount}`;
  await query(
    connection,
    `CREATE TABLE ${name} (symbol varchar(3), timeframe text, timestamp bigint, open numeric, high numeric,
      low numeric, close numeric, volume numeric, vwap numeric, trades integer,
      PRIMARY KEY (symbol, timeframe, timestamp))`,
  );
  const table = await ensureTable(connection, parseTarget(server.url, name).target);
  await applyTransaction(connection, table, old());
  const deletes = [{ symbol: "OLD", timeframe: "1m", windowStartMs: barRow("OLD", 0).bar.windowStartMs }];
  const error: unknown = await applyTransaction(connection, table, {
    ...old(),
    pieces: linesOf(rows),
    deletes,
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const left = await query(connection, `SELECT symbol FROM ${name}`);
  return { error, left, again: await applyTransaction(connection, table, old()) };
}

const untouched = {
  left: [{ symbol: "OLD" }],
  again: { inserted: 0, updated: 0, unchanged: 1, deleted: 0 },
};

test("a transaction that fails because of a row that the server refuses after the last one was sent, says so", async () => {
  const { error, ...rest } = await failing([barRow("SPX", 0), barRow("LONG", 0)]);
  expect(error).toBeInstanceOf(BackfillError);
  expect(error).toMatchObject({
    kind: "target",
    operation: "write bars",
    reason: "value too long for type character varying(3)",
  });
  expect(rest).toEqual(untouched);
});

test("a transaction that fails because of a row that the server refuses in the middle, says so and stops reading the rows", async () => {
  let pulled = 0;
  function* endless(): Generator<BarRow> {
    for (;;) {
      pulled += 1;
      yield barRow(pulled === 2 ? "LONG" : "SPX", pulled);
    }
  }
  const { error, ...rest } = await failing(endless());
  expect(error).toMatchObject({ kind: "target", reason: "value too long for type character varying(3)" });
  expect(rest).toEqual(untouched);
});

test("a transaction that fails because of a number that is none, says which bar", async () => {
  const { error, ...rest } = await failing([barRow("SPX", 0), barRow("SPX", 1, { close: Number.NaN })]);
  expect(error).toMatchObject({
    kind: "data",
    message: 'write the 1m bars of "SPX": the bar at 1732545060000 has a number that is not finite',
  });
  expect(rest).toEqual(untouched);
});

test("a transaction that fails because its source of rows fails, throws what the source threw", async () => {
  const broken = new BackfillError({ kind: "cache", operation: "read bars", reason: "r", nextStep: "n" });
  async function* source(): AsyncGenerator<BarRow> {
    yield* barRows("SPX", 5000);
    await Promise.reject(broken);
  }
  const { error, ...rest } = await failing(source());
  expect(error).toBe(broken);
  expect(rest).toEqual(untouched);
});

test("a transaction that fails because two rows have one key, says so", async () => {
  const { error, ...rest } = await failing([barRow("SPX", 0), barRow("SPX", 0, { open: 1 })]);
  expect(error).toMatchObject({
    kind: "target",
    reason: "ON CONFLICT DO UPDATE command cannot affect row a second time",
  });
  expect(rest).toEqual(untouched);
});
