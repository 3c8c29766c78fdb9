import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Bar } from "../../src/core/bar.ts";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { copyText } from "../../src/postgres/copy-text.ts";
import { digestOf, heldBars } from "../../src/postgres/held-bars.ts";
import { ensureTable, type TargetTable } from "../../src/postgres/table.ts";
import { parseTarget } from "../../src/postgres/target.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { applyTransaction, barRow, linesOf, writing } from "./bars.ts";
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

async function newTable(create = ""): Promise<TargetTable> {
  tableCount += 1;
  const name = `bars_${tableCount}`;
  if (create !== "") await query(connection, `CREATE TABLE ${name} ${create}`);
  return ensureTable(connection, parseTarget(server.url, name).target);
}

const BARS: readonly Bar[] = [
  barRow("SPX", 0, { open: 5950.25, volume: null }),
  barRow("SPX", 1, { volume: 2_036_584.149027, vwap: 0.1, transactions: 42 }),
  barRow("SPX", 2, { open: 100, close: 12_345_678.123456, volume: 0 }),
].map(({ bar }) => bar);
const SPX = { symbol: "SPX", timeframe: "1m" };

function rangeOf(symbol: string, first: number, last: number, timeframe = "1m") {
  const [from, to] = [barRow(symbol, first).bar, barRow(symbol, last).bar];
  return { symbol, timeframe, firstMs: from.windowStartMs, lastMs: to.windowStartMs };
}

async function write(table: TargetTable, bars: readonly Bar[] = BARS): Promise<void> {
  const rows = bars.map((bar) => ({ ...SPX, bar }));
  await applyTransaction(connection, table, writing(rows, { pieces: linesOf(rows, table) }));
}

const SAME = digestOf(copyText({ ...SPX, bars: BARS }, { volumeIsInteger: false, tradesIsInteger: true }));
const nothing = { rows: 0, digest: null };

describe("the digest of bars that the table has", () => {
  let table: TargetTable;
  beforeEach(async () => {
    table = await newTable();
    await write(table);
  });

  const look = () => heldBars(connection, table, [rangeOf("SPX", 0, 2)]);

  test("is that of their text, whatever zeros the server keeps", async () => {
    expect(await look()).toEqual([{ rows: 3, digest: SAME }]);
    await query(
      connection,
      `UPDATE ${table.target.table} SET open = open::numeric(20, 6), volume = volume * 1.000`,
    );
    expect(await look()).toEqual([{ rows: 3, digest: SAME }]);
  });

  test.each([
    "SET open = 5950.26 WHERE open = 5950.25",
    "SET high = 0 WHERE volume = 0",
    "SET low = 0 WHERE volume = 0",
    "SET close = 0 WHERE volume = 0",
    "SET volume = 0 WHERE volume IS NULL",
    "SET volume = NULL WHERE volume = 0",
    "SET vwap = 42, trades = NULL WHERE trades = 42",
    "SET trades = 1 WHERE trades IS NULL",
    "SET timestamp = timestamp + 1 WHERE volume = 0",
  ])("is another one after UPDATE %s", async (change) => {
    await query(connection, `UPDATE ${table.target.table} ${change}`);
    const [held] = await look();
    expect(held?.digest).not.toBe(SAME);
  });

  test("counts rows that others have put between ours", async () => {
    await query(
      connection,
      `INSERT INTO ${table.target.table} SELECT symbol, timeframe, timestamp + 30000, open, high, low, close
       FROM ${table.target.table} WHERE volume = 0`,
    );
    expect(await heldBars(connection, table, [rangeOf("SPX", 0, 3)])).toEqual([
      { rows: 4, digest: expect.not.stringMatching(SAME) },
    ]);
  });
});

test("ranges are answered in their order, each for itself", async () => {
  const table = await newTable();
  await write(table);
  expect(await heldBars(connection, table, [])).toEqual([]);
  const many = Array.from({ length: 300 }, (_, index) => rangeOf(index === 150 ? "SPX" : `S${index}`, 0, 2));
  expect(await heldBars(connection, table, many)).toEqual(
    many.map(({ symbol }) => (symbol === "SPX" ? { rows: 3, digest: SAME } : nothing)),
  );
  const others = [rangeOf("SPX", 3, 5), rangeOf("SPX", 0, 2, "5m"), rangeOf("'; DROP TABLE x; --", 0, 2)];
  expect(await heldBars(connection, table, others)).toEqual([nothing, nothing, nothing]);
});

test("a table with partitions has equal digests for equal bars", async () => {
  const table = await newTable(`(symbol text, timeframe text, timestamp bigint, open numeric, high numeric,
      low numeric, close numeric, volume numeric, vwap numeric, trades integer,
      PRIMARY KEY (symbol, timeframe, timestamp)) PARTITION BY RANGE (timestamp);
    CREATE TABLE partition_of_bars PARTITION OF bars_${tableCount + 1} DEFAULT`);
  await write(table);
  expect(await heldBars(connection, table, [rangeOf("SPX", 0, 2)])).toEqual([{ rows: 3, digest: SAME }]);
});

test("a table with double precision has none: 0.1 + 0.2 would look like 0.3", async () => {
  const table = await newTable(`(symbol text, timeframe text, timestamp bigint, open double precision,
    high numeric, low numeric, close numeric, volume numeric, vwap numeric, trades bigint,
    PRIMARY KEY (symbol, timeframe, timestamp))`);
  await write(table);
  expect(await heldBars(connection, table, [rangeOf("SPX", 0, 2)])).toEqual([{ rows: 3, digest: null }]);
});
