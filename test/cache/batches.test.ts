import { expect, test } from "bun:test";
import {
  barsBetween,
  batchesOf,
  coveredUntil,
  earliestDay,
  findBatch,
  putBatch,
  type Batch,
} from "../../src/cache/batches.ts";
import { flatFileId, markRead } from "../../src/cache/flat-files.ts";
import { noteProblem } from "../../src/cache/problems.ts";
import { track } from "../../src/cache/symbols.ts";
import { epochDayOf } from "../../src/core/dates.ts";
import { trackedSymbol } from "../../src/core/symbols.ts";
import { keyOf } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";

const REST = {
  source: "api",
  flatFileId: null,
  revision: 1,
  contentHash: "ef46db3751d8e999",
  barCount: 0,
  sessionBarCount: 0,
  readAtMs: 2000,
  changedAtMs: 1000,
  isDelayed: 0,
  sessionHoles: null,
} as const;

test("a batch that was never read is null, one that was comes back as it was put", async () => {
  using temp = tempCache();
  const key = await keyOf(temp.cache, "I:SPX", "2024-11-22");
  expect(findBatch(temp.cache, key)).toBeNull();
  const batch: Batch = { ...key, ...REST };
  await temp.cache.write(() => putBatch(temp.cache, batch));
  expect(findBatch(temp.cache, key)).toEqual(batch);
  const later: Batch = { ...batch, source: "flatfile", revision: 2, barCount: 390, sessionBarCount: 389 };
  await temp.cache.write(() => putBatch(temp.cache, later));
  expect(findBatch(temp.cache, key)).toEqual(later);
});

test("the batches of one symbol come in date order, both ends included", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const dates = ["2024-11-25", "2024-11-21", "2024-11-22", "2024-11-20"];
  const spx = await Promise.all(dates.map((date) => keyOf(cache, "I:SPX", date)));
  const ndx = await keyOf(cache, "I:NDX", "2024-11-22");
  await cache.write(() => {
    for (const key of [...spx, ndx]) putBatch(cache, { ...key, ...REST });
    for (const key of spx) putBatch(cache, { ...key, timeframeMinutes: 5, ...REST });
  });
  const [from, to] = [epochDayOf("2024-11-21"), epochDayOf("2024-11-25")];
  const inOrder = spx.map((key): Batch => ({ ...key, ...REST })).toSorted((a, b) => a.epochDay - b.epochDay);
  const { symbolId = 0 } = spx[0] ?? {};
  expect(batchesOf(cache, symbolId, 1, from, to)).toEqual(inOrder.slice(1));
  expect(batchesOf(cache, symbolId, 1, to + 1, to + 10)).toEqual([]);
});

test("the earliest day is the first of any batch, whatever the symbol", async () => {
  using temp = tempCache();
  const { cache } = temp;
  expect(earliestDay(cache)).toBeNull();
  const keys = [await keyOf(cache, "I:SPX", "2024-11-22"), await keyOf(cache, "I:NDX", "2024-11-20")];
  await cache.write(() => {
    for (const key of keys) putBatch(cache, { ...key, ...REST });
  });
  expect(earliestDay(cache)).toBe("2024-11-20");
});

test("the earliest day may be one that is known only by what went wrong with it", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const problem = { dataset: "stocks", ticker: "", step: "download", hint: "h", seenAtMs: 1 } as const;
  await noteProblem(cache, { ...problem, date: "2024-11-21", state: "failed", error: "cut" });
  expect(earliestDay(cache)).toBe("2024-11-21");
  const key = await keyOf(cache, "I:SPX", "2024-11-22");
  await cache.write(() => putBatch(cache, { ...key, ...REST }));
  expect(earliestDay(cache)).toBe("2024-11-21");
  const earlier = await keyOf(cache, "I:SPX", "2024-11-20");
  await cache.write(() => putBatch(cache, { ...earlier, ...REST }));
  expect(earliestDay(cache)).toBe("2024-11-20");
});

test("the cache covers the days up to the last one of the symbol that is furthest behind", async () => {
  using temp = tempCache();
  const { cache } = temp;
  expect(coveredUntil(cache)).toBeNull();
  const days = [
    ["I:SPX", "2024-11-20"],
    ["I:SPX", "2024-11-25"],
    ["I:NDX", "2024-11-22"],
  ] as const;
  const keys = await Promise.all(days.map(([ticker, date]) => keyOf(cache, ticker, date)));
  await cache.write(() => {
    for (const key of keys) putBatch(cache, { ...key, ...REST });
  });
  const tracked = ["I:SPX", "I:NDX"].map((ticker) => trackedSymbol("indices", ticker));
  await track(cache, { symbols: tracked, wholeDatasets: [] }, 1000);
  expect(coveredUntil(cache)).toBe("2024-11-22");
});

test("a ticker that left the market does not hold back a cache that takes every ticker", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const gone = await keyOf(cache, "I:GONE", "2024-01-02");
  await track(cache, { symbols: [], wholeDatasets: ["indices"] }, 1000);
  await cache.write(() => {
    putBatch(cache, { ...gone, ...REST });
    const file = { dataset: "indices", date: "2024-11-22", key: "k", etag: "e", sizeBytes: 1 } as const;
    const id = flatFileId(cache, { ...file, lastModifiedMs: null });
    markRead(cache, id, { nowMs: 1, allTickers: true, rejected: [] });
  });
  expect(coveredUntil(cache)).toBe("2024-11-22");
});

test("the 1-minute bars of one symbol are counted, both ends included", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const dates = ["2024-11-20", "2024-11-21", "2024-11-22", "2024-11-25"];
  const spx = await Promise.all(dates.map((date) => keyOf(cache, "I:SPX", date)));
  const ndx = await keyOf(cache, "I:NDX", "2024-11-21");
  await cache.write(() => {
    for (const [index, key] of spx.entries()) {
      putBatch(cache, { ...key, ...REST, barCount: 10 ** index });
      putBatch(cache, { ...key, timeframeMinutes: 5, ...REST, barCount: 7 });
    }
    putBatch(cache, { ...ndx, ...REST, barCount: 5000 });
  });
  const symbol = trackedSymbol("indices", "I:SPX");
  expect(barsBetween(cache, symbol, "2024-11-21", "2024-11-22")).toBe(110);
  expect(barsBetween(cache, symbol, "2024-11-23", "2024-11-24")).toBe(0);
  expect(barsBetween(cache, trackedSymbol("stocks", "I:SPX"), "2024-11-21", "2024-11-22")).toBe(0);
});
