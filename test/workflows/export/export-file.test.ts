import { describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { openCache } from "../../../src/cache/cache.ts";
import { keepTimeframes } from "../../../src/cache/timeframes.ts";
import type { Task } from "../../../src/core/progress.ts";
import { aggregate } from "../../../src/workflows/aggregate/aggregate.ts";
import { exportBars } from "../../../src/workflows/export/export.ts";
import { duckdbRows } from "../../formats/read-back.ts";
import { keyOf } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../../support/thrown.ts";
import { contextOf } from "../run-context.ts";
import { optionsOf, putDay } from "./exported.ts";

async function someDays({ cache }: TempCache): Promise<void> {
  await putDay(cache, "I:SPX", "2024-01-02", [4745.2, 4746]);
  await putDay(cache, "X:BTC-USD", "2024-01-02", [45_000.5], "crypto");
  await putDay(cache, "AAPL", "2024-01-03", [184.25], "stocks");
}

const one = (out: string) => ({ out, isFolder: false });

describe("an export into one file", () => {
  test("has all series, by symbol, timeframe and time, as DuckDB and the cache's own view have them", async () => {
    using store = tempCache();
    await someDays(store);
    const symbols = optionsOf(store.cache, "").symbols;
    const timeframes = [{ timeframeMinutes: 60, session: "all" }] as const;
    await keepTimeframes(store.cache, timeframes, 1);
    await aggregate(contextOf(store), { symbols, timeframes, range: null });
    const out = join(store.dataDir, "bars.parquet");
    const result = await exportBars(
      contextOf(store),
      optionsOf(store.cache, out, { ...one(out), timeframes: [1, 60] }),
    );
    expect(result.files).toEqual({ written: 1, unchanged: 0, deleted: 0 });
    expect(result.symbols.toSorted()).toEqual(["AAPL", "SPX", "X:BTC-USD"]);
    const rows = await duckdbRows(
      `SELECT * REPLACE (epoch_ms(timestamp)::DOUBLE AS timestamp, trades::DOUBLE AS trades) FROM '${out}'`,
    );
    const truth = store.cache.db
      .query<Record<string, unknown>, []>(
        "SELECT * FROM historical_bars ORDER BY symbol, timeframe, timestamp",
      )
      .all();
    expect(truth.length).toBe(7);
    expect(rows).toEqual(truth);
  });

  test("is packed where its name says so", async () => {
    using store = tempCache();
    await someDays(store);
    const out = join(store.dataDir, "bars.jsonl.gz");
    const range = { from: "2024-01-03", to: "2024-01-05" };
    const options = optionsOf(store.cache, out, { ...one(out), format: "jsonl", isGzip: true, range });
    const { from, to, bars } = await exportBars(contextOf(store), options);
    expect({ from, to, bars }).toEqual({ from: "2024-01-03", to: "2024-01-03", bars: 1 });
    expect(gunzipSync(readFileSync(out)).toString()).toBe(
      '{"symbol":"AAPL","timeframe":"1m","timestamp":1704292200000,"open":184.25,"high":184.25,"low":184.25,"close":184.25,"volume":null,"vwap":null,"trades":null}\n',
    );
  });

  test("is of one moment, whatever another process writes meanwhile", async () => {
    using store = tempCache();
    await someDays(store);
    const other = openCache(store.dataDir);
    const out = join(store.dataDir, "bars.csv");
    const writes: Promise<void>[] = [];
    // Every day that is read lets the other one change all prices and lose a day.
    const task: Task = {
      advance() {
        if (writes.length > 0) return;
        other.db.run("UPDATE bars SET close = 1");
        other.db.run("UPDATE batches SET content_hash = 'other'");
        writes.push(
          keyOf(other, "I:SPX", "2024-01-02").then((key) => other.write(() => markUnread(other, key))),
        );
      },
      resume() {},
      done() {},
      failed() {},
    };
    const progress = { ...contextOf(store).progress, task: () => task };
    try {
      await exportBars(
        contextOf(store, { progress }),
        optionsOf(store.cache, out, { ...one(out), format: "csv" }),
      );
      await Promise.all(writes);
    } finally {
      other.close();
    }
    const closes = readFileSync(out, "utf8").trim().split("\n").slice(1);
    expect(closes.map((line) => line.split(",")[6])).toEqual(["184.25", "4745.2", "4746", "45000.5"]);
    const after = store.cache.db.query<{ close: number }, []>("SELECT DISTINCT close FROM bars").all();
    expect(after).toEqual([{ close: 1 }]);
  });

  test("that cannot be written leaves what was there, and says why", async () => {
    using store = tempCache();
    await someDays(store);
    const out = join(store.dataDir, "out");
    mkdirSync(join(out, "bars.csv"), { recursive: true });
    const path = join(out, "bars.csv");
    const error = await rejectionOf(
      exportBars(contextOf(store), optionsOf(store.cache, path, { ...one(path), format: "csv" })),
    );
    expect(error.help).toBe("disk");
    expect(wordsOf(error)).toMatchObject({ kind: "cache", operation: `write ${path}` });
    expect(readdirSync(out)).toEqual(["bars.csv"]);
    const below = join(out, "file", "bars.csv");
    writeFileSync(join(out, "file"), "");
    const second = await rejectionOf(
      exportBars(contextOf(store), optionsOf(store.cache, below, { ...one(below), format: "csv" })),
    );
    expect(wordsOf(second)).toMatchObject({
      reason: expect.stringContaining("there is a file where the folder should be"),
      nextStep: "Check the path, or choose another --out.",
    });
  });

  test("of nothing is a usage error that says what there is to do", async () => {
    using store = tempCache();
    await someDays(store);
    const out = join(store.dataDir, "bars.csv");
    const options = optionsOf(store.cache, out, { ...one(out), format: "csv" });
    const hours = await rejectionOf(exportBars(contextOf(store), { ...options, timeframes: [1, 60] }));
    expect(wordsOf(hours)).toEqual({
      kind: "usage",
      operation: "read --timeframe",
      reason: "the cache has no 1h bars of these symbols",
      nextStep: "Make them first: massive-backfill aggregate --timeframes=1h.",
    });
    const range = { from: "2020-01-01", to: "2020-12-31" };
    const early = await rejectionOf(exportBars(contextOf(store), { ...options, range }));
    expect(wordsOf(early)).toEqual({
      kind: "usage",
      operation: `export to ${out}`,
      reason: "the cache has no bars of these symbols from 2020-01-01 to 2020-12-31",
      nextStep: "See what is cached with massive-backfill status.",
    });
  });
});
