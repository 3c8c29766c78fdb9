import { afterAll, beforeAll, describe, expect, test, setDefaultTimeout } from "bun:test";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { ensureTable, isEmptyTable } from "../../src/postgres/table.ts";
import { parseTarget, type PostgresTarget } from "../../src/postgres/target.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { rejectionOf } from "../support/thrown.ts";
import { query } from "./query.ts";

const GUIDE_COLUMNS = `
  symbol TEXT NOT NULL, timeframe TEXT NOT NULL, timestamp BIGINT NOT NULL,
  open NUMERIC NOT NULL, high NUMERIC NOT NULL, low NUMERIC NOT NULL, close NUMERIC NOT NULL,
  volume BIGINT, vwap NUMERIC, trades INTEGER, created_at TIMESTAMPTZ DEFAULT NOW()`;
const GUIDE_KEY = "PRIMARY KEY (symbol, timeframe, timestamp)";

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

/** Whether the table is accepted once the SQL of its refusal has been run. */
async function fitsAfterFix(table: string): Promise<boolean> {
  const [, , fix] = await refusal(table);
  await query(connection, String(fix));
  const { created } = await ensureTable(connection, targetOf(table));
  return !created;
}

describe("a missing table", () => {
  test("is made with the guide's columns and a NUMERIC volume", async () => {
    const target = targetOf("fresh");
    expect(await ensureTable(connection, target)).toEqual({
      target,
      created: true,
      isPartitioned: false,
      volumeIsInteger: false,
      tradesIsInteger: true,
      roundedColumns: [],
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
    expect(await refusal("nope.bars")).toEqual(["target", "there is no schema nope", "CREATE SCHEMA nope;"]);
  });

  test("is not made without permission", async () => {
    await query(connection, "CREATE ROLE reader LOGIN PASSWORD 'reader'");
    const url = server.url.replace(/\/\/postgres:[^@]*@/, "//reader:reader@");
    const reader = await openConnection(url, { connectTimeoutMs: 10_000, applicationName: "test" });
    const error = await ensureTable(reader, targetOf("forbidden")).catch((thrown) => thrown);
    await reader.close();
    expect([error.kind, error.reason, error.code]).toEqual([
      "target",
      "permission denied for schema public",
      undefined,
    ]);
  });
});

describe("an existing table", () => {
  test("of the guide is taken as it is, and its whole numbers are told", async () => {
    await query(connection, `CREATE TABLE guide (${GUIDE_COLUMNS}, ${GUIDE_KEY})`);
    const target = targetOf("guide");
    expect(await ensureTable(connection, target)).toEqual({
      target,
      created: false,
      isPartitioned: false,
      volumeIsInteger: true,
      tradesIsInteger: true,
      roundedColumns: ["volume bigint"],
    });
  });

  test("may differ where bars still fit: order, other types, other columns, a unique index, partitions", async () => {
    await query(
      connection,
      `CREATE TABLE different (
      id bigint GENERATED ALWAYS AS IDENTITY, note text, source text NOT NULL DEFAULT 'massive',
      timestamp bigint NOT NULL, timeframe varchar(10) NOT NULL, symbol varchar NOT NULL,
      trades numeric, vwap double precision, volume double precision,
      close double precision, low numeric(12,4), high numeric, open numeric
    ) PARTITION BY LIST (timeframe)`,
    );
    await query(
      connection,
      "CREATE UNIQUE INDEX ON different (timeframe, timestamp, symbol) INCLUDE (close)",
    );
    const target = targetOf("different");
    expect(await ensureTable(connection, target)).toEqual({
      target,
      created: false,
      isPartitioned: true,
      volumeIsInteger: false,
      tradesIsInteger: false,
      roundedColumns: ["low numeric(12,4)"],
    });
  });

  test("that lacks columns is refused, with the SQL that adds them", async () => {
    await query(
      connection,
      `CREATE TABLE lacking (symbol text, timeframe text, timestamp bigint,
      open numeric, high numeric, low numeric, close numeric, trades integer, ${GUIDE_KEY})`,
    );
    expect(await refusal("lacking")).toEqual([
      "target",
      "it has no column volume; it has no column vwap",
      "ALTER TABLE public.lacking ADD COLUMN volume numeric; ALTER TABLE public.lacking ADD COLUMN vwap numeric;",
    ]);
    expect(await fitsAfterFix("lacking")).toBe(true);
  });

  test("without a usable unique key is refused, with the SQL that adds it", async () => {
    await query(connection, `CREATE TABLE keyless (${GUIDE_COLUMNS}, id serial PRIMARY KEY)`);
    await query(
      connection,
      "CREATE UNIQUE INDEX ON keyless (symbol, timeframe, timestamp) WHERE timeframe = '1m'",
    );
    await query(connection, "CREATE UNIQUE INDEX ON keyless (symbol, timeframe, timestamp, open)");
    await query(connection, "CREATE UNIQUE INDEX ON keyless (lower(symbol), timeframe, timestamp)");
    await query(connection, "CREATE INDEX ON keyless (symbol, timeframe, timestamp)");
    await query(
      connection,
      "ALTER TABLE keyless ADD CONSTRAINT late UNIQUE (symbol, timeframe, timestamp) DEFERRABLE INITIALLY DEFERRED",
    );
    expect(await refusal("keyless")).toEqual([
      "target",
      "it has no unique key (symbol, timeframe, timestamp)",
      "CREATE UNIQUE INDEX ON public.keyless (symbol, timeframe, timestamp);",
    ]);
    expect(await fitsAfterFix("keyless")).toBe(true);
  });

  test("with the wrong types is refused, with the SQL that changes them", async () => {
    await query(
      connection,
      `CREATE TABLE mistyped (symbol text, timeframe text, timestamp timestamptz,
      open real, high text, low numeric, close numeric, volume integer, vwap numeric, trades integer, ${GUIDE_KEY})`,
    );
    expect(await refusal("mistyped")).toEqual([
      "target",
      "timestamp is timestamp with time zone, not bigint; open is real, not numeric; high is text, not numeric; volume is integer, not numeric",
      [
        "ALTER TABLE public.mistyped ALTER COLUMN timestamp TYPE bigint USING (extract(epoch FROM timestamp) * 1000)::bigint;",
        "ALTER TABLE public.mistyped ALTER COLUMN open TYPE numeric USING open::numeric;",
        "ALTER TABLE public.mistyped ALTER COLUMN high TYPE numeric USING high::numeric;",
        "ALTER TABLE public.mistyped ALTER COLUMN volume TYPE numeric USING volume::numeric;",
      ].join(" "),
    ]);
    expect(await fitsAfterFix("mistyped")).toBe(true);
  });

  test("that demands what bars do not have is refused, with the SQL that lets it go", async () => {
    await query(
      connection,
      `CREATE TABLE "Strict" (symbol text, timeframe text, timestamp bigint, open numeric, high numeric,
      low numeric, close numeric, volume numeric NOT NULL, vwap numeric, trades integer, "my id" uuid NOT NULL, ${GUIDE_KEY})`,
    );
    expect(await refusal('"Strict"')).toEqual([
      "target",
      'volume may not be null, and some bars have none; its column "my id" must be filled and has no default',
      'ALTER TABLE public."Strict" ALTER COLUMN volume DROP NOT NULL; ALTER TABLE public."Strict" ALTER COLUMN "my id" DROP NOT NULL;',
    ]);
    expect(await fitsAfterFix('"Strict"')).toBe(true);
  });

  test("that is a view is refused", async () => {
    await query(connection, "CREATE VIEW looks_like_bars AS SELECT 'SPX' AS symbol");
    expect(await refusal("looks_like_bars")).toEqual([
      "target",
      "it is not a table",
      "Choose another name with --table.",
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
