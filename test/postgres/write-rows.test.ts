import { afterAll, beforeAll, beforeEach, describe, expect, test, setDefaultTimeout } from "bun:test";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { ensureTable, type TargetTable } from "../../src/postgres/table.ts";
import { parseTarget } from "../../src/postgres/target.ts";
import { NOT_NEW } from "../../src/postgres/write-rows.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { applyTransaction, barRow, barRows, linesOf, writing, type BarRow } from "./bars.ts";
import { query } from "./query.ts";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
let connection: PostgresConnection;
let table: TargetTable;
let tableCount = 0;

beforeAll(async () => {
  server = await startPostgres();
  connection = await openConnection(server.url, { connectTimeoutMs: 10_000, applicationName: "test" });
});
afterAll(async () => {
  await connection.close();
  await server.remove();
});
beforeEach(async () => {
  table = await newTable();
});

/** An empty table of its own for a test, made with the given statement or by ourselves. */
async function newTable(create: (name: string) => string = () => ""): Promise<TargetTable> {
  tableCount += 1;
  const name = `bars_${tableCount}`;
  const statement = create(name);
  if (statement !== "") await query(connection, statement);
  return ensureTable(connection, parseTarget(server.url, name).target);
}

/** All rows, in the order of the key, numbers as the text that the server gives. */
async function contents(of: TargetTable = table): Promise<string[]> {
  const rows = await query(
    connection,
    `SELECT concat_ws(' ', symbol, timeframe, timestamp, open, high, low, close, coalesce(volume::text, '-'),
      coalesce(vwap::text, '-'), coalesce(trades::text, '-')) AS row
     FROM ${of.target.table} ORDER BY symbol COLLATE "C", timeframe, timestamp`,
  );
  return rows.map(({ row }) => String(row));
}

async function write(rows: readonly BarRow[], of: TargetTable = table) {
  return applyTransaction(connection, of, writing(rows, { pieces: linesOf(rows, of) }));
}

/** The keys of rows, in a form to compare. */
function keysOf(keys: Iterable<{ symbol?: unknown; timeframe?: unknown }>): string[] {
  return Array.from(keys, ({ symbol, timeframe }) => JSON.stringify([symbol, timeframe])).toSorted();
}

async function* twentySymbols(): AsyncGenerator<BarRow> {
  for (let symbol = 0; symbol < 20; symbol += 1) {
    await Promise.resolve();
    yield* barRows(`S${symbol}`, 1000);
  }
}

const counts = { inserted: 0, updated: 0, unchanged: 0, deleted: 0 };

describe("writing bars", () => {
  test("inserts new ones with every value as it is", async () => {
    const rows = [
      barRow("SPX", 0, { open: 5950.25, high: 5951, low: 5949.5, close: 5950.75, volume: null }),
      barRow("AAPL", 0, { open: 115.03, volume: 2036584.149027, vwap: 115.0312, transactions: 42 }),
      barRow("PENNY", 0, { open: 1e-7, high: 123456789.012345, low: 0.000_001, close: 2e21 }),
    ];
    expect(await write(rows)).toEqual({ ...counts, inserted: 3 });
    expect(await contents()).toEqual([
      "AAPL 1m 1732545000000 115.03 101 99 100.5 2036584.149027 115.0312 42",
      "PENNY 1m 1732545000000 0.0000001 123456789.012345 0.000001 2000000000000000000000 1000 - -",
      "SPX 1m 1732545000000 5950.25 5951 5949.5 5950.75 - - -",
    ]);
  });

  test("counts new, changed and unchanged ones, and rewrites only what changed", async () => {
    await write(barRows("SPX", 4));
    const versions = `SELECT timestamp, xmin::text, created_at::text FROM ${table.target.table}
      WHERE symbol = 'SPX' AND timestamp < 1732545180000 ORDER BY timestamp`;
    const before = await query(connection, versions);
    const rows = [
      ...barRows("SPX", 3),
      barRow("SPX", 3, { volume: null }),
      barRow("SPX", 4),
      barRow("NDX", 0),
    ];
    expect(await write(rows)).toEqual({ inserted: 2, updated: 1, unchanged: 3, deleted: 0 });
    expect(await query(connection, versions)).toEqual(before);
    expect(await contents()).toEqual([
      "NDX 1m 1732545000000 100 101 99 100.5 1000 - -",
      "SPX 1m 1732545000000 100 101 99 100.5 1000 - -",
      "SPX 1m 1732545060000 100 101 99 100.5 1000 - -",
      "SPX 1m 1732545120000 100 101 99 100.5 1000 - -",
      "SPX 1m 1732545180000 100 101 99 100.5 - - -",
      "SPX 1m 1732545240000 100 101 99 100.5 1000 - -",
    ]);
  });

  test.each([
    ["open", { open: 1 }],
    ["high", { high: 1 }],
    ["low", { low: 1 }],
    ["close", { close: 1 }],
    ["volume", { volume: 1 }],
    ["vwap", { vwap: 1 }],
    ["trades", { transactions: 1 }],
  ])("a change of %s alone is an update", async (column, change) => {
    await write([barRow("SPX", 0)]);
    expect(await write([barRow("SPX", 0, change)])).toEqual({ ...counts, updated: 1 });
    expect(await query(connection, `SELECT ${column}::int AS value FROM ${table.target.table}`)).toEqual([
      { value: 1 },
    ]);
  });

  test("keeps timeframes and symbols apart, whatever is in their names", async () => {
    const names = [
      "A",
      "a",
      "A\tB",
      "A\\tB",
      "\\N",
      "\\.",
      "'; DROP TABLE x; --",
      '"',
      "línea\nnueva\r",
      "",
      "日本 😀",
    ];
    const rows = names.flatMap((name) => [barRow(name, 0), { ...barRow(name, 0), timeframe: `5m${name}` }]);
    expect(await write(rows)).toEqual({ ...counts, inserted: rows.length });
    expect(await write(rows)).toEqual({ ...counts, unchanged: rows.length });
    const stored = await query(connection, `SELECT symbol, timeframe FROM ${table.target.table}`);
    expect(keysOf(stored)).toEqual(keysOf(rows));
  });

  test("takes the rows as they come, from an asynchronous source too, however many", async () => {
    const written = await applyTransaction(
      connection,
      table,
      writing([], { pieces: linesOf(twentySymbols()), rows: 20_000 }),
    );
    expect(written).toEqual({ ...counts, inserted: 20_000 });
    const [row] = await query(
      connection,
      `SELECT count(*)::int AS rows, count(DISTINCT (symbol, timestamp))::int AS keys FROM ${table.target.table}`,
    );
    expect(row).toEqual({ rows: 20_000, keys: 20_000 });
  });

  test("lets other work run all the while", async () => {
    let turns = 0;
    const count = () => {
      turns += 1;
      ticker = setImmediate(count);
    };
    let ticker = setImmediate(count);
    await write(barRows("SPX", 30_000));
    clearImmediate(ticker);
    // Thirty thousand rows are more than a megabyte, which goes out in pieces of 64 KB.
    expect(turns).toBeGreaterThan(16);
  });

  test("does nothing for no rows", async () => {
    expect(await write([])).toEqual(counts);
  });
});

describe("deleting bars", () => {
  test("removes the given keys and no others", async () => {
    await write([...barRows("SPX", 3), ...barRows("N\\D'X", 3)]);
    const gone = [
      { symbol: "SPX", timeframe: "1m", windowStartMs: barRow("SPX", 1).bar.windowStartMs },
      { symbol: "N\\D'X", timeframe: "1m", windowStartMs: barRow("NDX", 0).bar.windowStartMs },
      { symbol: "N\\D'X", timeframe: "5m", windowStartMs: barRow("NDX", 1).bar.windowStartMs },
      { symbol: "OTHER", timeframe: "1m", windowStartMs: barRow("NDX", 1).bar.windowStartMs },
    ];
    const written = await applyTransaction(connection, table, writing([], { deletes: gone }));
    expect(written).toEqual({ ...counts, deleted: 2 });
    expect(await contents()).toEqual([
      "N\\D'X 1m 1732545060000 100 101 99 100.5 1000 - -",
      "N\\D'X 1m 1732545120000 100 101 99 100.5 1000 - -",
      "SPX 1m 1732545000000 100 101 99 100.5 1000 - -",
      "SPX 1m 1732545120000 100 101 99 100.5 1000 - -",
    ]);
  });

  test("comes before the rows of the same transaction", async () => {
    await write(barRows("SPX", 2));
    const { symbol, timeframe, bar } = barRow("SPX", 0);
    const written = await applyTransaction(
      connection,
      table,
      writing(barRows("SPX", 2), { deletes: [{ symbol, timeframe, windowStartMs: bar.windowStartMs }] }),
    );
    expect(written).toEqual({ ...counts, inserted: 1, unchanged: 1, deleted: 1 });
  });

  test("takes any number of keys", async () => {
    const rows = barRows("SPX", 25_000);
    await write(rows);
    const deletes = rows.map(({ symbol, timeframe, bar }) => ({
      symbol,
      timeframe,
      windowStartMs: bar.windowStartMs,
    }));
    expect(await applyTransaction(connection, table, writing([], { deletes }))).toEqual({
      ...counts,
      deleted: 25_000,
    });
  });
});

describe("a table that is not quite ours", () => {
  const columns =
    "symbol text, timeframe text, timestamp bigint, open numeric(12,4), high numeric, low numeric";
  const rest = "close double precision, volume bigint, vwap numeric, trades integer";
  const key = "PRIMARY KEY (symbol, timeframe, timestamp)";

  test.each([
    ["with narrower types", (name: string) => `CREATE TABLE ${name} (${columns}, ${rest}, ${key})`],
    [
      "with partitions",
      (name: string) => `CREATE TABLE ${name} (${columns}, ${rest}, ${key}) PARTITION BY RANGE (timestamp);
        CREATE TABLE ${name}_old PARTITION OF ${name} FOR VALUES FROM (MINVALUE) TO (1732545060000);
        CREATE TABLE ${name}_new PARTITION OF ${name} FOR VALUES FROM (1732545060000) TO (MAXVALUE);`,
    ],
  ])("%s gets rounded values, and finds them unchanged", async (_, create) => {
    const narrow = await newTable(create);
    const rows = [0, 1, 2].map((minute) =>
      barRow("SPX", minute, { open: 1.23456789, close: 0.1, volume: 7.5, transactions: 2 }),
    );
    expect(await write(rows.slice(0, 2), narrow)).toEqual({ ...counts, inserted: 2 });
    expect(await write(rows, narrow)).toEqual({ ...counts, inserted: 1, unchanged: 2 });
    const changed = [...rows.slice(0, 2), barRow("SPX", 2), barRow("SPX", 3)];
    expect(await write(changed, narrow)).toEqual({ inserted: 1, updated: 1, unchanged: 2, deleted: 0 });
    expect(await contents(narrow)).toEqual([
      "SPX 1m 1732545000000 1.2346 101 99 0.1 8 - 2",
      "SPX 1m 1732545060000 1.2346 101 99 0.1 8 - 2",
      "SPX 1m 1732545120000 100.0000 101 99 100.5 1000 - -",
      "SPX 1m 1732545180000 100.0000 101 99 100.5 1000 - -",
    ]);
  });
});

describe("rows that are new", () => {
  test("are copied straight into the table, with its defaults for other columns", async () => {
    const annotated = await newTable(
      (name) => `CREATE TABLE ${name} (LIKE ${table.target.table} INCLUDING ALL, note text DEFAULT 'new')`,
    );
    const rows = [barRow("SPX", 0), barRow("SPX", 1, { open: 1e-7, volume: null })];
    const written = await applyTransaction(connection, annotated, writing(rows, { areNew: true }));
    expect(written).toEqual({ ...counts, inserted: 2 });
    expect(await contents(annotated)).toEqual([
      "SPX 1m 1732545000000 100 101 99 100.5 1000 - -",
      "SPX 1m 1732545060000 0.0000001 101 99 100.5 - - -",
    ]);
    const stored = await query(connection, `SELECT DISTINCT note FROM ${annotated.target.table}`);
    expect(stored).toEqual([{ note: "new" }]);
  });

  test("but are there already leave everything as it is and say so", async () => {
    await write([barRow("SPX", 1, { open: 5 })]);
    const deletes = [{ symbol: "SPX", timeframe: "1m", windowStartMs: barRow("SPX", 1).bar.windowStartMs }];
    const [blind, deleting] = [
      writing(barRows("SPX", 2), { areNew: true }),
      writing(barRows("SPX", 3), { areNew: true, deletes }),
    ];
    const error: unknown = await applyTransaction(connection, table, blind).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ kind: "target", code: NOT_NEW });
    expect(await contents()).toEqual(["SPX 1m 1732545060000 5 101 99 100.5 1000 - -"]);
    expect(await applyTransaction(connection, table, deleting)).toEqual({
      ...counts,
      inserted: 3,
      deleted: 1,
    });
  });
});

test("rows that are there with the same values are not even locked", async () => {
  await write(barRows("SPX", 3));
  const versions = `SELECT ctid::text, xmin::text, xmax::text FROM ${table.target.table} ORDER BY timestamp`;
  const before = await query(connection, versions);
  expect(await write(barRows("SPX", 3))).toEqual({ ...counts, unchanged: 3 });
  expect(await query(connection, versions)).toEqual(before);
});

test("nothing is left in the session for the next user of a pooled connection", async () => {
  const settings = "SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY name";
  const before = await query(connection, settings);
  await applyTransaction(
    connection,
    table,
    writing(barRows("SPX", 3), { deletes: [{ symbol: "SPX", timeframe: "1m", windowStartMs: 0 }] }),
  );
  const [leftovers] = await query(
    connection,
    `SELECT (SELECT count(*)::int FROM pg_class WHERE relpersistence = 't') AS "temporaryTables",
      (SELECT count(*)::int FROM pg_prepared_statements) AS "preparedStatements",
      (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS "advisoryLocks"`,
  );
  expect(leftovers).toEqual({ temporaryTables: 0, preparedStatements: 0, advisoryLocks: 0 });
  expect(await query(connection, settings)).toEqual(before);
});
