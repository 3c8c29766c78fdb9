import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import type { Cache } from "../../src/cache/cache.ts";
import { flatFileId } from "../../src/cache/flat-files.ts";
import { MIGRATIONS } from "../../src/cache/migrations.ts";
import { timeframeName } from "../../src/core/timeframes.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { keyOf, writeDay } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";

const DATE = "2024-11-22";
const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);

function rows(cache: Cache, sql: string): unknown[] {
  return cache.db.query(sql).all();
}

test("each migration has a name of its own", () => {
  expect(new Set(MIGRATIONS.map(({ name }) => name)).size).toBe(MIGRATIONS.length);
});

test("the tables are strict: they refuse a number where text belongs, and text for a number", () => {
  using db = new Database(":memory:", { strict: true });
  for (const { sql } of MIGRATIONS) db.run(sql);
  const loose = db
    .query<{ name: string }, []>("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0")
    .all()
    .filter(({ name }) => !name.startsWith("sqlite_"));
  expect(loose).toEqual([]);
});

describe("the view historical_bars", () => {
  test("has the columns of the Postgres table", async () => {
    using temp = tempCache();
    const stock = bar(OPEN_MS, 200, { high: 201, low: 199.5, close: 200.25, volume: 1.5, transactions: 3 });
    await writeDay(temp.cache, { date: DATE, blocks: [["I:SPX", barsFrom(OPEN_MS, [5950.25, 5951])]] });
    await writeDay(temp.cache, { dataset: "stocks", date: DATE, blocks: [["BRK.B", [stock]]] });
    expect(rows(temp.cache, "SELECT * FROM historical_bars ORDER BY symbol, timestamp")).toEqual([
      {
        symbol: "BRK.B",
        timeframe: "1m",
        timestamp: OPEN_MS,
        open: 200,
        high: 201,
        low: 199.5,
        close: 200.25,
        volume: 1.5,
        vwap: null,
        trades: 3,
      },
      ...[5950.25, 5951].map((price, minute) => ({
        symbol: "SPX",
        timeframe: "1m",
        timestamp: OPEN_MS + minute * 60_000,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: null,
        vwap: null,
        trades: null,
      })),
    ]);
  });

  test("names timeframes as the program does", async () => {
    using temp = tempCache();
    const { symbolId } = await keyOf(temp.cache, "I:SPX", DATE);
    const minutes = [1, 5, 15, 30, 60, 90, 240, 1440, 2880];
    await temp.cache.write(() => {
      const insert = temp.cache.db.query(
        "INSERT INTO bars VALUES (?, ?, 0, 0, 1, 1, 1, 1, NULL, NULL, NULL)",
      );
      for (const timeframe of minutes) insert.run(symbolId, timeframe);
    });
    const names = temp.cache.db
      .query<{ timeframe: string }, []>("SELECT timeframe FROM historical_bars")
      .all()
      .map((row) => row.timeframe);
    expect(names.toSorted()).toEqual(minutes.map(timeframeName).toSorted());
  });
});

test("the view manifest says in readable words where each batch comes from", async () => {
  using temp = tempCache();
  const readAtMs = Date.UTC(2024, 10, 23, 16, 5, 7);
  const fileId = await temp.cache.write(() =>
    flatFileId(temp.cache, {
      dataset: "indices",
      date: DATE,
      key: "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
      etag: "abc",
      sizeBytes: 100,
      lastModifiedMs: null,
    }),
  );
  await writeDay(temp.cache, {
    date: DATE,
    readAtMs,
    flatFileId: fileId,
    blocks: [["I:SPX", barsFrom(OPEN_MS, [1, 2])]],
    wanted: ["I:SPX", "I:NONE"],
  });
  await writeDay(temp.cache, { date: "2024-11-25", source: "api", readAtMs, blocks: [["I:SPX", []]] });
  const fromFile = {
    file_key: "us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
    file_etag: "abc",
    source: "flatfile",
    date: "2024-11-22",
  };
  const all = { dataset: "indices", timeframe_minutes: 1, revision: 1, read_at: "2024-11-23 16:05:07" };
  expect(rows(temp.cache, "SELECT * FROM manifest ORDER BY date, symbol")).toEqual([
    { ...all, ...fromFile, symbol: "NONE", ticker: "I:NONE", bars: 0 },
    { ...all, ...fromFile, symbol: "SPX", ticker: "I:SPX", bars: 2 },
    {
      ...all,
      symbol: "SPX",
      ticker: "I:SPX",
      date: "2024-11-25",
      source: "api",
      bars: 0,
      file_key: null,
      file_etag: null,
    },
  ]);
});
