import { expect, test } from "bun:test";
import { batchesOf, earliestDay, findBatch, putBatch, type Batch } from "../../src/cache/batches.ts";
import { epochDayOf } from "../../src/core/dates.ts";
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
