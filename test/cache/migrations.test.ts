import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { CACHE_FILE, openCache, type Cache } from "../../src/cache/cache.ts";
import { flatFileId, markRead } from "../../src/cache/flat-files.ts";
import { MIGRATIONS } from "../../src/cache/migrations.ts";
import { timeframeName } from "../../src/core/timeframes.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { keyOf, writeDay } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";
import { tempDir } from "../support/temp-dir.ts";

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

/** Makes a cache as the program did when it knew the first `count` migrations only. */
function makeOld(dataDir: string, count: number, fill: (db: Database) => void): void {
  using db = new Database(join(dataDir, CACHE_FILE), { create: true, strict: true });
  for (const { sql } of MIGRATIONS.slice(0, count)) db.run(sql);
  db.run(`PRAGMA user_version = ${count}`);
  fill(db);
}

describe("a cache of an older format", () => {
  const OLD_REJECTED = [
    { flat_file_id: 1, reason: "field count", text: "I:SPX,1" },
    { flat_file_id: 1, reason: "not a number", text: "I:SPX,x,1,1,1,1732285800000000000" },
    { flat_file_id: 2, reason: "field count", text: "I:SPX,1" },
  ];

  function fillOld(db: Database): void {
    const file = "INSERT INTO flat_files (dataset, timeframe_minutes, epoch_day, key, etag, size_bytes)";
    for (const day of [1, 2]) db.run(`${file} VALUES ('indices', 1, ${day}, 'k', 'etag', 9)`);
    const insert = db.query("INSERT INTO rejected_rows (flat_file_id, reason, text) VALUES (?, ?, ?)");
    for (const row of OLD_REJECTED) insert.run(row.flat_file_id, row.reason, row.text);
    db.run("INSERT INTO symbols (dataset, ticker, symbol) VALUES ('indices', 'I:SPX', 'SPX')");
    db.run("INSERT INTO bars VALUES (1, 1, 60000, 0, 1, 2, 0.5, 1.5, NULL, NULL, NULL)");
  }

  test("keeps its rejected rows, whose lines nobody knows, and everything else", () => {
    using dir = tempDir();
    makeOld(dir.path, 1, fillOld);
    const cache = openCache(dir.path);
    const rejected = "SELECT * FROM rejected_rows ORDER BY flat_file_id, reason";
    expect(rows(cache, rejected)).toEqual(OLD_REJECTED.map((row) => ({ ...row, line_number: null })));
    expect(rows(cache, "SELECT symbol, timestamp, close FROM historical_bars")).toEqual([
      { symbol: "SPX", timestamp: 60_000, close: 1.5 },
    ]);
    expect(rows(cache, "PRAGMA user_version")).toEqual([{ user_version: MIGRATIONS.length }]);
    expect(rows(cache, "PRAGMA foreign_key_check")).toEqual([]);
    expect(rows(cache, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    cache.close();
  });

  test("takes rejected rows with their lines from then on, in place of the same ones without", async () => {
    using dir = tempDir();
    makeOld(dir.path, 1, fillOld);
    const cache = openCache(dir.path);
    const read = { nowMs: 1, allTickers: false };
    const again = [
      { lineNumber: 7, reason: "field count", text: "I:SPX,1" },
      { lineNumber: 9, reason: "field count", text: "I:SPX,1" },
    ];
    await cache.write(() => markRead(cache, 1, { ...read, rejected: again }));
    await cache.write(() => markRead(cache, 1, { ...read, rejected: again }));
    expect(rows(cache, "SELECT line_number FROM rejected_rows WHERE line_number > 0")).toEqual([
      { line_number: 7 },
      { line_number: 9 },
    ]);
    expect(rows(cache, "SELECT flat_file_id, reason FROM rejected_rows WHERE line_number IS NULL")).toEqual([
      { flat_file_id: 1, reason: "not a number" },
      { flat_file_id: 2, reason: "field count" },
    ]);
    cache.close();
  });

  test("comes to the same tables as a new one", () => {
    const schemas = Array.from({ length: MIGRATIONS.length }, (_, count) => {
      using dir = tempDir();
      makeOld(dir.path, count, () => {});
      const cache = openCache(dir.path);
      const schema = rows(cache, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name");
      cache.close();
      return schema;
    });
    for (const schema of schemas) expect(schema).toEqual(schemas[0] ?? []);
  });
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
        "INSERT INTO bars VALUES (?, ?, 0, 0, 1, 1, 1, 1, NULL, NULL, NULL, 1)",
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
  const final = { is_provisional: 0, incomplete_bars: 0, session: null };
  const all = {
    dataset: "indices",
    timeframe_minutes: 1,
    revision: 1,
    read_at: "2024-11-23 16:05:07",
    ...final,
  };
  expect(rows(temp.cache, "SELECT * FROM manifest ORDER BY date, symbol")).toEqual([
    { ...all, ...fromFile, symbol: "NONE", ticker: "I:NONE", bars: 0 },
    { ...all, ...fromFile, symbol: "SPX", ticker: "I:SPX", bars: 2 },
    {
      ...all,
      symbol: "SPX",
      ticker: "I:SPX",
      date: "2024-11-25",
      source: "api",
      is_provisional: 1,
      bars: 0,
      file_key: null,
      file_etag: null,
    },
  ]);
});
