import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openConnection, type PostgresConnection } from "../../src/postgres/connect.ts";
import { ensureTable } from "../../src/postgres/table.ts";
import { parseTarget, type PostgresTarget } from "../../src/postgres/target.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { query } from "./query.ts";

const GUIDE_COLUMNS = `
  symbol TEXT NOT NULL, timeframe TEXT NOT NULL, timestamp BIGINT NOT NULL,
  open NUMERIC NOT NULL, high NUMERIC NOT NULL, low NUMERIC NOT NULL, close NUMERIC NOT NULL,
  volume BIGINT, vwap NUMERIC, trades INTEGER, created_at TIMESTAMPTZ DEFAULT NOW()`;
const GUIDE_KEY = "PRIMARY KEY (symbol, timeframe, timestamp)";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

/** The guide's columns, some of them declared otherwise or added. */
function withColumns(changed: string): string {
  const names = new Set(changed.split(",").map((column) => column.trim().split(" ")[0]));
  const kept = GUIDE_COLUMNS.split(",").filter((column) => !names.has(column.trim().split(" ")[0]));
  return [...kept, changed, GUIDE_KEY].join(", ");
}

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

/** Whether the table is accepted, and takes bars, once the SQL of its refusal has been run. */
async function fitsAfterFix(table: string): Promise<boolean> {
  const [, , fix] = await refusal(table);
  await query(connection, String(fix));
  const { created } = await ensureTable(connection, targetOf(table));
  const upsert = `INSERT INTO ${table} (symbol, timeframe, timestamp, open, high, low, close)
    VALUES ('SPX', '1m', 1732545000000, 1, 2, 0.5, 1.5)
    ON CONFLICT (symbol, timeframe, timestamp) DO UPDATE SET open = EXCLUDED.open`;
  await query(connection, upsert);
  await query(connection, upsert);
  return !created;
}

describe("an existing table", () => {
  test("of the guide is taken as it is, and its whole numbers are told", async () => {
    await query(connection, `CREATE TABLE guide (${GUIDE_COLUMNS}, ${GUIDE_KEY})`);
    const target = targetOf("guide");
    expect(await ensureTable(connection, target)).toEqual({
      target,
      created: false,
      isPartitioned: false,
      hasFloats: false,
      volumeIsInteger: true,
      tradesIsInteger: true,
      roundedColumns: ["volume bigint"],
      rowTriggers: [],
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
      hasFloats: true,
      volumeIsInteger: false,
      tradesIsInteger: false,
      roundedColumns: ["low numeric(12,4)"],
      rowTriggers: [],
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
      "its key late is deferrable, which ON CONFLICT cannot use; it has no unique key (symbol, timeframe, timestamp)",
      "ALTER TABLE public.keyless DROP CONSTRAINT late; CREATE UNIQUE INDEX ON public.keyless (symbol, timeframe, timestamp);",
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
      "timestamp is timestamp with time zone, not bigint; open is real, which keeps 7 digits, not numeric; high is text, not numeric; volume is integer, not numeric",
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

  test.each([
    [
      "computed_columns",
      `open numeric GENERATED ALWAYS AS (1.5) STORED, vwap numeric GENERATED ALWAYS AS (high + 1) VIRTUAL,
        trades integer GENERATED BY DEFAULT AS IDENTITY`,
      [
        ["open is computed by the server", "ALTER COLUMN open DROP EXPRESSION"],
        ["vwap is computed by the server", "DROP COLUMN vwap, ADD COLUMN vwap numeric"],
        ["trades is numbered by the server", "ALTER COLUMN trades DROP IDENTITY"],
        ["trades may not be null, and some bars have none", "ALTER COLUMN trades DROP NOT NULL"],
      ],
    ],
    [
      "padded_names",
      "symbol character(8)",
      [
        [
          "symbol is character, which is filled up with blanks, not text",
          "ALTER COLUMN symbol TYPE text USING symbol::text",
        ],
      ],
    ],
    [
      "odd_domains",
      "volume required, open inexact, note label",
      [
        [
          "open is inexact (real), which keeps 7 digits, not numeric",
          "ALTER COLUMN open TYPE numeric USING open::numeric",
        ],
        ["volume may not be null, and some bars have none", "ALTER COLUMN volume TYPE numeric"],
        ["its column note must be filled and has no default", "ALTER COLUMN note TYPE text"],
      ],
    ],
  ])("%s is refused, with the SQL that changes them", async (name, columns, problems) => {
    await query(
      connection,
      `CREATE DOMAIN required AS numeric NOT NULL; CREATE DOMAIN inexact AS real; CREATE DOMAIN label AS text NOT NULL`,
    ).catch(() => {});
    await query(connection, `CREATE TABLE ${name} (${withColumns(columns)})`);
    expect(await refusal(name)).toEqual([
      "target",
      problems.map(([problem]) => problem).join("; "),
      problems.map(([, fix]) => `ALTER TABLE public.${name} ${fix};`).join(" "),
    ]);
    expect(await fitsAfterFix(name)).toBe(true);
  });

  test("may have domains over types that hold bars", async () => {
    await query(
      connection,
      `CREATE DOMAIN price AS numeric(12,4) CHECK (VALUE > 0); CREATE DOMAIN close_price AS price;
       CREATE DOMAIN ticker AS text NOT NULL; CREATE DOMAIN feed AS text NOT NULL DEFAULT 'massive'`,
    );
    await query(
      connection,
      `CREATE TABLE domains (${withColumns("symbol ticker, open price, close close_price, volume numeric, feed feed")})`,
    );
    expect(await ensureTable(connection, targetOf("domains"))).toMatchObject({
      created: false,
      roundedColumns: ["open numeric(12,4)", "close numeric(12,4)"],
      rowTriggers: [],
    });
  });

  test("whose primary key has more columns is refused, with the SQL that leaves them out", async () => {
    await query(
      connection,
      `CREATE TABLE by_exchange (${GUIDE_COLUMNS}, "order" text,
        PRIMARY KEY (symbol, timeframe, timestamp, "order"))`,
    );
    expect(await refusal("by_exchange")).toEqual([
      "target",
      `its primary key has a column that bars do not have; its column "order" must be filled and has no default; it has no unique key (symbol, timeframe, timestamp)`,
      `ALTER TABLE public.by_exchange DROP CONSTRAINT by_exchange_pkey; ALTER TABLE public.by_exchange ALTER COLUMN "order" DROP NOT NULL; CREATE UNIQUE INDEX ON public.by_exchange (symbol, timeframe, timestamp);`,
    ]);
    expect(await fitsAfterFix("by_exchange")).toBe(true);
  });

  test("with a deferrable key beside a usable one is refused: the server would refuse ON CONFLICT", async () => {
    await query(
      connection,
      `CREATE TABLE two_keys (${GUIDE_COLUMNS}, ${GUIDE_KEY},
        CONSTRAINT "Late" UNIQUE (symbol, timeframe, timestamp) DEFERRABLE)`,
    );
    expect(await refusal("two_keys")).toEqual([
      "target",
      'its key "Late" is deferrable, which ON CONFLICT cannot use',
      'ALTER TABLE public.two_keys DROP CONSTRAINT "Late";',
    ]);
    expect(await fitsAfterFix("two_keys")).toBe(true);
  });

  test("with a rule on INSERT or UPDATE is refused", async () => {
    await query(
      connection,
      `CREATE TABLE ruled (${GUIDE_COLUMNS}, ${GUIDE_KEY});
       CREATE RULE tell AS ON UPDATE TO ruled DO ALSO NOTIFY ruled`,
    );
    expect(await refusal("ruled")).toEqual([
      "target",
      "its rule tell keeps ON CONFLICT from working",
      "DROP RULE tell ON public.ruled;",
    ]);
    expect(await fitsAfterFix("ruled")).toBe(true);
  });

  test("with partitions needs its unique key on the whole table", async () => {
    await query(
      connection,
      `CREATE TABLE parted (${GUIDE_COLUMNS}) PARTITION BY LIST (timeframe);
       CREATE TABLE parted_1m PARTITION OF parted FOR VALUES IN ('1m');
       CREATE UNIQUE INDEX ON parted_1m (symbol, timeframe, timestamp);
       CREATE UNIQUE INDEX ON ONLY parted (symbol, timeframe, timestamp)`,
    );
    expect(await refusal("parted")).toEqual([
      "target",
      "it has no unique key (symbol, timeframe, timestamp)",
      "CREATE UNIQUE INDEX ON public.parted (symbol, timeframe, timestamp);",
    ]);
    expect(await fitsAfterFix("parted")).toBe(true);
  });

  test.each([
    ["a view", "CREATE VIEW a_view AS SELECT 'SPX' AS symbol"],
    ["a materialized view", "CREATE MATERIALIZED VIEW a_materialized_view AS SELECT 'SPX' AS symbol"],
    ["a sequence", "CREATE SEQUENCE a_sequence"],
    ["an index", "CREATE TABLE indexed (id int); CREATE INDEX an_index ON indexed (id)"],
    [
      "a foreign table",
      `CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
        CREATE FOREIGN TABLE a_foreign_table (symbol text) SERVER nowhere`,
    ],
  ])("that is %s is refused", async (kind, create) => {
    await query(connection, create);
    expect(await refusal(kind.replaceAll(" ", "_"))).toEqual([
      "target",
      `it is not a table but ${kind}`,
      "Choose another name with --table.",
    ]);
  });
});
