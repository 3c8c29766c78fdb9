import { describe, expect, test } from "bun:test";
import { barsOfOtherDays, batchBars, putBars, removeBars } from "../../src/cache/bars.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { keyOf } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";

const DATE = "2024-11-22";
const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);

test("bars come back as they were put, in time order", async () => {
  using temp = tempCache();
  const key = await keyOf(temp.cache, "I:SPX", DATE);
  const bars = [
    bar(OPEN_MS + 60_000, 0.1 + 0.2),
    bar(OPEN_MS, 5950.25, {
      high: 5951,
      low: -3.5,
      volume: 2036584.149027,
      vwap: 5950.123456,
      transactions: 7,
    }),
    bar(OPEN_MS + 120_000, 1, { volume: 0, vwap: 0, transactions: 0 }),
  ];
  await temp.cache.write(() => putBars(temp.cache, key, bars, 1));
  const [second, first, third] = bars;
  expect<unknown[]>(batchBars(temp.cache, key)).toEqual([first, second, third]);
});

/** Bars whose every field is another one, or unknown. */
const manyBars = (count: number) =>
  barsFrom(
    OPEN_MS,
    Array.from({ length: count }, (_, index) => index + 0.25),
  ).map((one, index) => ({
    ...one,
    volume: index % 2 === 0 ? null : index * 1.5,
    vwap: index % 3 === 0 ? null : index + 0.125,
    transactions: index % 5 === 0 ? null : index,
  }));

describe("any number of bars", () => {
  test("comes back as it was put: 0 to 100", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const key = await keyOf(cache, "I:SPX", DATE);
    for (let count = 0; count <= 100; count++) {
      const bars = manyBars(count);
      const held = await cache.write(() => {
        cache.db.run("DELETE FROM bars");
        putBars(cache, key, bars, 1);
        return batchBars(cache, key);
      });
      expect([count, held]).toEqual([count, bars]);
    }
  });

  test("takes the place of as many others, and touches no batch but its own", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [spx, ndx] = [await keyOf(cache, "I:SPX", DATE), await keyOf(cache, "I:NDX", DATE)];
    for (const count of [1, 7, 8, 9, 31, 32, 33, 40, 41, 73]) {
      const [before, after] = [
        manyBars(100),
        manyBars(count).map((one) => ({ ...one, close: 7, vwap: null })),
      ];
      await cache.write(() => {
        for (const key of [spx, ndx]) putBars(cache, key, before, 1);
        putBars(cache, spx, after, 1);
      });
      expect([count, batchBars(cache, spx)]).toEqual([count, [...after, ...before.slice(count)]]);
      expect(batchBars(cache, ndx)).toEqual(before);
    }
  });

  test("keeps the last of several bars of one minute", async () => {
    using temp = tempCache();
    const key = await keyOf(temp.cache, "I:SPX", DATE);
    const twice = [...manyBars(40), ...manyBars(40).map((one) => ({ ...one, close: 9 }))];
    await temp.cache.write(() => putBars(temp.cache, key, twice, 1));
    expect(batchBars(temp.cache, key)).toEqual(twice.slice(40));
  });
});

test("a batch has its own bars only", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const key = await keyOf(cache, "I:SPX", DATE);
  const others = [
    await keyOf(cache, "I:NDX", DATE),
    await keyOf(cache, "I:SPX", "2024-11-21"),
    { ...key, timeframeMinutes: 5 },
  ];
  await cache.write(() => {
    putBars(cache, key, [bar(OPEN_MS, 1)], 1);
    for (const [index, other] of others.entries())
      putBars(cache, other, [bar(OPEN_MS + 60_000, index + 2)], 1);
  });
  expect(batchBars(cache, key)).toEqual([bar(OPEN_MS, 1)]);
  expect(others.map((other) => batchBars(cache, other))).toEqual([
    [bar(OPEN_MS + 60_000, 2)],
    [bar(OPEN_MS + 60_000, 3)],
    [bar(OPEN_MS + 60_000, 4)],
  ]);
});

test("a batch has all its bars, from midnight UTC to midnight in Chicago and beyond", async () => {
  using temp = tempCache();
  const key = await keyOf(temp.cache, "I:SPX", DATE);
  const midnightMs = Date.UTC(2024, 10, 22);
  const hours = [-14, 0, 24, 29.5, 38].map((hour) => bar(midnightMs + hour * 3_600_000, hour));
  await temp.cache.write(() => putBars(temp.cache, key, hours, 1));
  expect(batchBars(temp.cache, key)).toEqual(hours);
});

test("putting a bar again replaces the one at its minute", async () => {
  using temp = tempCache();
  const key = await keyOf(temp.cache, "I:SPX", DATE);
  await temp.cache.write(() => {
    putBars(temp.cache, key, barsFrom(OPEN_MS, [1, 2]), 1);
    putBars(temp.cache, key, [bar(OPEN_MS, 9)], 1);
  });
  expect(batchBars(temp.cache, key)).toEqual(barsFrom(OPEN_MS, [9, 2]));
});

test("bars of other dates are found within the minutes asked for, ends included", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const [today, tomorrow] = [await keyOf(cache, "I:SPX", DATE), await keyOf(cache, "I:SPX", "2024-11-23")];
  await cache.write(() => {
    putBars(cache, today, barsFrom(OPEN_MS, [1, 2, 3, 4]), 1);
    putBars(cache, tomorrow, barsFrom(OPEN_MS + 240_000, [5]), 1);
  });
  const { epochDay } = today;
  expect(barsOfOtherDays(cache, tomorrow, OPEN_MS + 60_000, OPEN_MS + 120_000)).toEqual([
    { windowStartMs: OPEN_MS + 60_000, epochDay },
    { windowStartMs: OPEN_MS + 120_000, epochDay },
  ]);
  expect(barsOfOtherDays(cache, today, OPEN_MS, OPEN_MS + 180_000)).toEqual([]);
});

test("only a batch's own bars are taken out of it", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const [today, tomorrow] = [await keyOf(cache, "I:SPX", DATE), await keyOf(cache, "I:SPX", "2024-11-23")];
  await cache.write(() => {
    putBars(cache, today, barsFrom(OPEN_MS, [1, 2]), 1);
    removeBars(cache, tomorrow, [OPEN_MS]);
    removeBars(cache, today, [OPEN_MS + 60_000, OPEN_MS + 600_000]);
  });
  expect(batchBars(cache, today)).toEqual([bar(OPEN_MS, 1)]);
});
