import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Sql } from "postgres";
import type { Bar } from "../../src/core/bar.ts";
import type { RunContext } from "../../src/workflows/context.ts";
import { sync } from "../../src/workflows/sync.ts";
import { barsFrom } from "../support/bars.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { keyOf, writeDay } from "../support/cache-days.ts";
import { newDatabase, physicalRows, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { contextOf } from "./run-context.ts";

// A busy machine takes its time to start a server.
setDefaultTimeout(60_000);

let server: TestPostgres;
let databases = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

const ONCE = { retryTimeoutMs: 0 };
const DATE = "2024-11-22";
const OPEN_MS = Date.parse(`${DATE}T14:30:00Z`);

async function database(): Promise<string> {
  databases += 1;
  return newDatabase(server, `exact_${databases}`);
}

function contextWith(temp: TempCache, databaseUrl: string): RunContext {
  const context = contextOf(temp);
  return { ...context, settings: { ...context.settings, databaseUrl } };
}

async function write(
  temp: TempCache,
  prices: readonly number[],
  ticker = "I:SPX",
  date = DATE,
): Promise<void> {
  const bars: Bar[] = barsFrom(Date.parse(`${date}T14:30:00Z`), prices);
  await writeDay(temp.cache, { date, blocks: [[ticker, bars]] });
}

async function sql(url: string, statement: string): Promise<void> {
  await withSql(url, (client) => client.unsafe(statement));
}

const counts = { inserted: 0, updated: 0, unchanged: 0, deleted: 0, pending: 0, error: null };

describe("rows of others", () => {
  test("stay: other symbols, other timeframes, and minutes that this cache never had", async () => {
    using temp = tempCache();
    const url = await database();
    await write(temp, [1, 2, 3]);
    await sync(contextWith(temp, url), ONCE);
    await sql(
      url,
      `INSERT INTO historical_bars (symbol, timeframe, timestamp, open, high, low, close)
       VALUES ('SPX', '5m', ${OPEN_MS}, 9, 9, 9, 9), ('GOLD', '1m', ${OPEN_MS}, 9, 9, 9, 9),
         ('SPX', '1m', ${OPEN_MS + 30_000}, 9, 9, 9, 9), ('SPX', '1m', ${OPEN_MS + 180_000}, 9, 9, 9, 9)`,
    );
    // The minute of somebody's row comes and goes between two syncs: it was never ours.
    await write(temp, [1, 2, 3, 4]);
    await write(temp, [1]);
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({ ...counts, unchanged: 1, deleted: 2 });
    expect((await storedBars(url)).map((line) => line.split(" ").slice(0, 4).join(" "))).toEqual([
      "GOLD 1m 2024-11-22T14:30 9",
      "SPX 1m 2024-11-22T14:30 1",
      "SPX 1m 2024-11-22T14:30 9",
      "SPX 1m 2024-11-22T14:33 9",
      "SPX 5m 2024-11-22T14:30 9",
    ]);
  });
});

describe("bars that the server refused", () => {
  test("are not this cache's: a row that somebody brings at their minute stays", async () => {
    using temp = tempCache();
    const url = await database();
    await write(temp, [1, 2]);
    await sql(
      url,
      `CREATE TABLE historical_bars (symbol text, timeframe text, timestamp bigint, open numeric CHECK (open <> 2),
        high numeric, low numeric, close numeric, volume numeric, vwap numeric, trades integer,
        PRIMARY KEY (symbol, timeframe, timestamp))`,
    );
    const refused: unknown = await sync(contextWith(temp, url), ONCE).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ kind: "target" });
    await write(temp, [1]);
    await sql(
      url,
      `INSERT INTO historical_bars VALUES ('SPX', '1m', ${OPEN_MS + 60_000}, 9, 9, 9, 9, NULL, NULL, NULL)`,
    );
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({ ...counts, inserted: 1, deleted: 0 });
    expect((await storedBars(url)).map((line) => line.split(" ").slice(0, 4).join(" "))).toEqual([
      "SPX 1m 2024-11-22T14:30 1",
      "SPX 1m 2024-11-22T14:31 9",
    ]);
  });
});

describe("what the target has already", () => {
  test("is not written again, whoever brought it", async () => {
    using first = tempCache();
    using second = tempCache();
    const url = await database();
    for (const temp of [first, second])
      for (const ticker of ["I:NDX", "I:SPX"]) await write(temp, [1, 2, 3], ticker);
    await sync(contextWith(first, url), ONCE);
    const rows = await physicalRows(url);
    expect(await sync(contextWith(second, url), ONCE)).toMatchObject({ ...counts, batches: 2, unchanged: 6 });
    expect(await physicalRows(url)).toEqual(rows);
  });

  test("is written where it differs, and only there", async () => {
    using first = tempCache();
    using second = tempCache();
    const url = await database();
    await write(first, [1, 2, 3]);
    await sync(contextWith(first, url), ONCE);
    const rows = await physicalRows(url);
    await write(second, [1, 9, 3, 4]);
    expect(await sync(contextWith(second, url), ONCE)).toMatchObject({
      ...counts,
      inserted: 1,
      updated: 1,
      unchanged: 2,
    });
    const after = await physicalRows(url);
    expect([after[0], after[2]]).toEqual([rows[0], rows[2]]);
    expect(await storedBars(url)).toEqual(cachedBars(second.dataDir));
  });

  test("is compared even if another program brings it while it is being copied", async () => {
    using temp = tempCache();
    const url = await database();
    await write(temp, [7], "I:NDX");
    await sync(contextWith(temp, url), ONCE);
    await write(temp, [1, 2, 3]);
    const result = await withSql(url, async (other) => {
      await other.unsafe(`BEGIN; INSERT INTO historical_bars (symbol, timeframe, timestamp, open, high, low, close)
        VALUES ('SPX', '1m', ${OPEN_MS + 60_000}, 8, 8, 8, 8)`);
      const syncing = sync(contextWith(temp, url), ONCE);
      await withSql(url, somebodyWaits);
      await other.unsafe("COMMIT");
      return syncing;
    });
    expect(result).toMatchObject({ ...counts, inserted: 2, updated: 1 });
    expect(await storedBars(url)).toEqual(cachedBars(temp.dataDir));
  });
});

async function somebodyWaits(watcher: Sql): Promise<void> {
  let waiting = 0;
  while (waiting === 0) {
    const [row] = await watcher<{ count: number }[]>`SELECT count(*)::int FROM pg_locks WHERE NOT granted`;
    waiting = row?.count ?? 0;
  }
}

describe("a database that was restored from a backup", () => {
  test("is made equal by sending everything again; rows that were right are left alone", async () => {
    using temp = tempCache();
    const url = await database();
    for (const ticker of ["I:DJI", "I:NDX", "I:SPX"]) await write(temp, [1, 2, 3], ticker);
    await sync(contextWith(temp, url), ONCE);
    await sql(url, "CREATE TABLE backup AS SELECT * FROM historical_bars");
    await write(temp, [1, 2], "I:NDX");
    await write(temp, [4, 5, 6], "I:SPX");
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({
      ...counts,
      unchanged: 2,
      updated: 3,
      deleted: 1,
    });
    const right = await storedBars(url);
    await sql(url, "TRUNCATE historical_bars; INSERT INTO historical_bars SELECT * FROM backup");
    const restored = await physicalRows(url);
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({ ...counts, batches: 0 });
    expect(await sync(contextWith(temp, url), { ...ONCE, all: true })).toMatchObject({
      ...counts,
      batches: 3,
      bars: 8,
      unchanged: 5,
      updated: 3,
      deleted: 1,
    });
    expect(await storedBars(url)).toEqual(right);
    expect((await physicalRows(url)).slice(0, 5)).toEqual(restored.slice(0, 5));
  });
});

describe("a table with triggers", () => {
  const TRIGGER = `CREATE FUNCTION drop_bar() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RETURN CASE WHEN NEW.open = 2 THEN NULL ELSE NEW END; END $$;
    CREATE TRIGGER picky BEFORE INSERT ON historical_bars FOR EACH ROW EXECUTE FUNCTION drop_bar()`;

  test("that leave bars out is no target: nothing counts as synced", async () => {
    using temp = tempCache();
    const url = await database();
    using empty = tempCache();
    await sync(contextWith(empty, url), ONCE);
    await sql(url, TRIGGER);
    await write(temp, [1, 2]);
    const refused: unknown = await sync(contextWith(temp, url), ONCE).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ kind: "target", reason: "a trigger of the table leaves 1 of them out" });
    expect(await storedBars(url)).toEqual([]);
    await write(temp, [1, 3]);
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({
      inserted: 2,
      notes: ["Triggers of the table may change bars as they are written: picky"],
    });
  });
});

describe("a sync that is narrowed", () => {
  test("brings what is selected; the rest stays unsynced", async () => {
    using temp = tempCache();
    const url = await database();
    for (const date of ["2024-11-21", DATE])
      for (const ticker of ["I:NDX", "I:SPX"]) await write(temp, [1], ticker, date);
    const { symbolId, epochDay } = await keyOf(temp.cache, "I:SPX", DATE);
    const selection = { symbolIds: [symbolId], fromEpochDay: epochDay };
    expect(await sync(contextWith(temp, url), { ...ONCE, selection })).toMatchObject({
      batches: 1,
      pending: 0,
    });
    expect(await storedBars(url)).toEqual(
      cachedBars(temp.dataDir).filter((line) => line.startsWith(`SPX 1m ${DATE}`)),
    );
    expect(await sync(contextWith(temp, url), ONCE)).toMatchObject({ batches: 3, inserted: 3 });
  });
});

test("a transaction holds no more than the rows it may, and never a part of a batch", async () => {
  using temp = tempCache();
  const url = await database();
  for (const ticker of ["I:DJI", "I:NDX", "I:SPX", "I:VIX"]) await write(temp, [1, 2, 3], ticker);
  await sync(contextWith(temp, url), { ...ONCE, batchRows: 7 });
  const [row] = await withSql(
    url,
    (client) =>
      client<{ sizes: number[] }[]>`SELECT array_agg(size ORDER BY symbol) AS sizes FROM (
      SELECT min(symbol) AS symbol, count(*)::int AS size FROM historical_bars GROUP BY xmin::text) AS transactions`,
  );
  expect(row?.sizes).toEqual([6, 6]);
});
