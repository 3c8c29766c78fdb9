import { describe, expect, test } from "bun:test";
import type { Cache } from "../../src/cache/cache.ts";
import { forgetDeliveries, markSent } from "../../src/cache/deliveries.ts";
import {
  markUnsynced,
  outboxSummary,
  unsyncedDays,
  advanceMark,
  type UnsyncedBatch,
  unsyncedBatches,
  unsyncedSymbols,
} from "../../src/cache/outbox.ts";
import { removedBars } from "../../src/cache/removed-bars.ts";
import { findTarget, lastFailure, lastTarget, markFailed, openTarget } from "../../src/cache/targets.ts";
import { barsFrom } from "../support/bars.ts";
import { keyOf, writeDay } from "../support/cache-days.ts";
import { confirm, syncAll, unsynced } from "../support/outbox.ts";
import { tempCache } from "../support/temp-cache.ts";

const DATE = "2024-11-22";
const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);

function writeSpx(cache: Cache, prices: readonly number[], readAtMs = 1000) {
  return writeDay(cache, { date: DATE, readAtMs, blocks: [["I:SPX", barsFrom(OPEN_MS, prices)]] });
}

function namesOf(batches: Iterable<{ readonly symbol: string; readonly epochDay: number }>): string[] {
  return Array.from(batches, ({ symbol, epochDay }) => `${symbol} ${epochDay}`);
}

describe("targets", () => {
  test("have an id from the first time they are opened", async () => {
    using temp = tempCache();
    const { cache } = temp;
    expect(findTarget(cache, "db.example:5432/bars public.historical_bars")).toBe(-1);
    const first = await openTarget(cache, "db.example:5432/bars public.historical_bars");
    const second = await openTarget(cache, "db.example:5432/bars public.other");
    expect(await openTarget(cache, "db.example:5432/bars public.historical_bars")).toBe(first);
    expect(findTarget(cache, "db.example:5432/bars public.historical_bars")).toBe(first);
    expect(second).not.toBe(first);
  });

  test("the last is the one that was written to last", async () => {
    using temp = tempCache();
    const { cache } = temp;
    expect(lastTarget(cache)).toBeNull();
    const [first, second] = [await openTarget(cache, "first"), await openTarget(cache, "second")];
    expect(lastTarget(cache)).toBe("second");
    await writeSpx(cache, [1]);
    await syncAll(cache, second, 5000);
    await syncAll(cache, first, 6000);
    expect(lastTarget(cache)).toBe("first");
    await writeSpx(cache, [2]);
    await syncAll(cache, second, 7000);
    expect(lastTarget(cache)).toBe("second");
  });

  test("remember why the last sync failed, until one succeeds", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const errors = () => cache.db.query("SELECT name, last_error, last_error_ms FROM targets").all();
    const target = await openTarget(cache, "a");
    await openTarget(cache, "b");
    await markFailed(cache, target, { error: "connection refused", atMs: 4000 });
    expect(errors()).toEqual([
      { name: "a", last_error: "connection refused", last_error_ms: 4000 },
      { name: "b", last_error: null, last_error_ms: null },
    ]);
    expect(lastFailure(cache, target)).toEqual({ error: "connection refused", atMs: 4000 });
    await syncAll(cache, target);
    expect(errors()).toContainEqual({ name: "a", last_error: null, last_error_ms: null });
    expect(lastFailure(cache, target)).toBeNull();
  });
});

describe("what a target lacks", () => {
  test("is everything for a new one, and for one that is not known", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await writeSpx(cache, [1, 2], 1000);
    const { symbolId, epochDay } = await keyOf(cache, "I:SPX", DATE);
    const spx = {
      symbolId,
      timeframeMinutes: 1,
      epochDay,
      symbol: "SPX",
      revision: 1,
      syncedRevision: null,
      barCount: 2,
    };
    for (const target of [await openTarget(cache, "a"), findTarget(cache, "never opened")]) {
      expect(unsynced(cache, target)).toEqual([spx]);
      expect(outboxSummary(cache, target)).toEqual({ batches: 1, bars: 2, oldestMs: 1000 });
    }
  });

  test("is listed in the order of the Postgres key", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    for (const date of ["2024-11-25", "2024-11-21", "2024-11-22"])
      await writeDay(cache, {
        date,
        blocks: [
          ["I:VIX", []],
          ["I:SPX", []],
          ["I:NDX", []],
        ],
      });
    await writeDay(cache, {
      dataset: "stocks",
      date: DATE,
      blocks: [
        ["BCpC", []],
        ["BCPC", []],
        ["AAPL", []],
      ],
    });
    expect(namesOf(unsynced(cache, target))).toEqual([
      "AAPL 20049",
      "BCPC 20049",
      "BCpC 20049",
      ...["NDX", "SPX", "VIX"].flatMap((symbol) => [`${symbol} 20048`, `${symbol} 20049`, `${symbol} 20052`]),
    ]);
  });

  test("is counted, with the time of the oldest change", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    expect(outboxSummary(cache, target)).toEqual({ batches: 0, bars: 0, oldestMs: null });
    await writeDay(cache, { date: DATE, readAtMs: 3000, blocks: [["I:SPX", barsFrom(OPEN_MS, [1, 2, 3])]] });
    await writeDay(cache, {
      date: DATE,
      readAtMs: 2000,
      blocks: [["I:NDX", barsFrom(OPEN_MS, [1])]],
      wanted: ["I:X"],
    });
    expect(outboxSummary(cache, target)).toEqual({ batches: 3, bars: 4, oldestMs: 2000 });
    await syncAll(cache, target);
    expect(outboxSummary(cache, target)).toEqual({ batches: 0, bars: 0, oldestMs: null });
  });

  test("is nothing after a sync, and again what changed after that", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1, 2]);
    await writeDay(cache, { date: DATE, blocks: [["I:NDX", barsFrom(OPEN_MS, [1])]] });
    expect(namesOf(await syncAll(cache, target))).toEqual(["NDX 20049", "SPX 20049"]);
    expect(unsynced(cache, target)).toEqual([]);
    await writeSpx(cache, [1, 2], 2000);
    expect(unsynced(cache, target)).toEqual([]);
    await writeSpx(cache, [1, 3], 3000);
    expect(unsynced(cache, target)).toMatchObject([
      { symbol: "SPX", revision: 2, syncedRevision: 1, barCount: 2 },
    ]);
  });

  test("does not shrink by a source that says the same as another", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const day = { date: DATE, blocks: [["I:SPX", barsFrom(OPEN_MS, [1, 2])]] } as const;
    await writeDay(cache, { ...day, source: "api" });
    await syncAll(cache, target);
    await writeDay(cache, { ...day, source: "flatfile" });
    expect(unsynced(cache, target)).toEqual([]);
  });

  test("is still all of it when a sync was sent but never confirmed", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1, 2]);
    const batches = unsynced(cache, target);
    await markSent(cache, target, batches);
    expect(unsynced(cache, target)).toEqual(batches);
    await markSent(cache, target, batches);
    await confirm(cache, target, batches, 5000);
    expect(unsynced(cache, target)).toEqual([]);
  });

  test("is what changed while a sync was under way", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1, 2]);
    const batches = unsynced(cache, target);
    await markSent(cache, target, batches);
    await writeSpx(cache, [1, 2, 3], 2000);
    await confirm(cache, target, batches, 5000);
    expect(unsynced(cache, target)).toMatchObject([{ symbol: "SPX", revision: 2, barCount: 3 }]);
  });

  test("is settled for each target on its own", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [first, second] = [await openTarget(cache, "a"), await openTarget(cache, "b")];
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, first);
    expect(unsynced(cache, first)).toEqual([]);
    expect(namesOf(unsynced(cache, second))).toEqual(["SPX 20049"]);
    await syncAll(cache, second);
    await writeSpx(cache, [1, 3]);
    await syncAll(cache, second);
    expect(namesOf(unsynced(cache, first))).toEqual(["SPX 20049"]);
    expect(unsynced(cache, second)).toEqual([]);
  });
});

describe("a target that was restored from a backup", () => {
  test("lacks everything again", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const [target, other] = [await openTarget(cache, "a"), await openTarget(cache, "b")];
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, target);
    await syncAll(cache, other);
    await markUnsynced(cache, target);
    expect(unsynced(cache, target)).toMatchObject([{ symbol: "SPX", revision: 1, syncedRevision: null }]);
    expect(unsynced(cache, other)).toEqual([]);
  });

  test("has again what it once had to delete, and nothing that it never had", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const key = await keyOf(cache, "I:SPX", DATE);
    await writeSpx(cache, [1, 2]);
    await syncAll(cache, target);
    await writeSpx(cache, [1, 2, 3]);
    await writeSpx(cache, [1]);
    await syncAll(cache, target);
    expect(removedBars(cache, target, key)).toEqual([]);
    await markUnsynced(cache, target);
    expect(removedBars(cache, target, key)).toEqual([OPEN_MS + 60_000]);
  });

  test("lacks only what is selected, if something is", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    for (const date of ["2024-11-21", DATE, "2024-11-25"])
      await writeDay(cache, {
        date,
        blocks: [
          ["I:NDX", []],
          ["I:SPX", []],
        ],
      });
    await syncAll(cache, target);
    const { symbolId } = await keyOf(cache, "I:SPX", DATE);
    await markUnsynced(cache, target, { symbolIds: [symbolId], fromEpochDay: 20_049 });
    expect(namesOf(unsynced(cache, target))).toEqual(["SPX 20049", "SPX 20052"]);
    expect(namesOf(unsyncedBatches(cache, target, { toEpochDay: 20_049 }))).toEqual(["SPX 20049"]);
    expect(namesOf(unsyncedBatches(cache, target, { symbolIds: [symbolId + 1] }))).toEqual([]);
  });
});

test("what a target lacks is summed up by symbol, in the order of the Postgres key", async () => {
  using temp = tempCache();
  const { cache } = temp;
  await writeDay(cache, { date: DATE, blocks: [["I:SPX", barsFrom(OPEN_MS, [1, 2])]] });
  await writeDay(cache, {
    date: "2024-11-25",
    blocks: [
      ["I:SPX", barsFrom(OPEN_MS + 3 * 86_400_000, [1])],
      ["I:NDX", []],
    ],
  });
  const [spx, ndx] = [await keyOf(cache, "I:SPX", DATE), await keyOf(cache, "I:NDX", DATE)];
  expect(unsyncedSymbols(cache, -1)).toEqual([
    {
      symbolId: ndx.symbolId,
      symbol: "NDX",
      batches: 1,
      bars: 0,
      firstEpochDay: 20_052,
      lastEpochDay: 20_052,
    },
    {
      symbolId: spx.symbolId,
      symbol: "SPX",
      batches: 2,
      bars: 3,
      firstEpochDay: 20_049,
      lastEpochDay: 20_052,
    },
  ]);
});

test("unsynced days are those whose batch a target does not have at its present revision", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const [target, other] = [await openTarget(cache, "a"), await openTarget(cache, "b")];
  const { symbolId } = await keyOf(cache, "I:SPX", DATE);
  await writeDay(cache, { date: "2024-11-21", blocks: [["I:SPX", []]] });
  await writeSpx(cache, [1]);
  const both = new Map([[symbolId, new Set([20_048, 20_049])]]);
  expect(unsyncedDays(cache, target)).toEqual(both);
  await syncAll(cache, target);
  expect(unsyncedDays(cache, target)).toEqual(new Map());
  await writeSpx(cache, [2]);
  expect(unsyncedDays(cache, target)).toEqual(new Map([[symbolId, new Set([20_049])]]));
  expect(unsyncedDays(cache, other)).toEqual(both);
});

function marks(cache: Cache): unknown[] {
  return cache.db.query("SELECT name, synced_to_change AS mark FROM targets ORDER BY name").values();
}

describe("the mark up to which a target has everything", () => {
  test("stands at the last change if all is synced, and before the oldest that is not", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await openTarget(cache, "b");
    await advanceMark(cache, target);
    expect(marks(cache)).toEqual([
      ["a", -1],
      ["b", -1],
    ]);
    for (const date of ["2024-11-20", "2024-11-21", DATE])
      await writeDay(cache, { date, blocks: [["I:SPX", barsFrom(OPEN_MS, [1])]] });
    const [first, , last] = unsynced(cache, target);
    await confirmed(cache, target, [first, last]);
    await advanceMark(cache, target);
    expect(marks(cache)).toEqual([
      ["a", 1],
      ["b", -1],
    ]);
    await syncAll(cache, target);
    await advanceMark(cache, target);
    expect(marks(cache)[0]).toEqual(["a", 3]);
    expect(unsynced(cache, target)).toEqual([]);
  });

  test("hides no later change: corrected, new and emptied batches are found", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    const write = (date: string, price: number) =>
      writeDay(cache, { date, blocks: [["I:SPX", barsFrom(Date.parse(`${date}T15:00Z`), [price])]] });
    await write("2024-11-20", 1);
    await write("2024-11-21", 1);
    await syncAll(cache, target);
    await advanceMark(cache, target);
    await write("2024-11-20", 2);
    await writeDay(cache, { date: "2024-11-21", wanted: ["I:SPX"] });
    await writeDay(cache, { date: DATE, blocks: [["I:NDX", []]] });
    expect(namesOf(unsynced(cache, target))).toEqual(["NDX 20049", "SPX 20047", "SPX 20048"]);
    expect(outboxSummary(cache, target)).toMatchObject({ batches: 3, bars: 1 });
  });

  test("stays where it is when the same content is read again", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1]);
    await syncAll(cache, target);
    await advanceMark(cache, target);
    await writeSpx(cache, [1], 9000);
    expect(cache.db.query("SELECT change_number FROM batches").values()).toEqual([[1]]);
    expect(unsynced(cache, target)).toEqual([]);
  });

  test("is forgotten when batches are made unsynced, and when the target lost everything", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeSpx(cache, [1]);
    for (const forget of [() => markUnsynced(cache, target), () => forgetDeliveries(cache, target)]) {
      await syncAll(cache, target);
      await advanceMark(cache, target);
      await forget();
      expect(marks(cache)).toEqual([["a", -1]]);
      expect(namesOf(unsynced(cache, target))).toEqual(["SPX 20049"]);
    }
  });
});

async function confirmed(
  cache: Cache,
  target: number,
  batches: readonly (UnsyncedBatch | undefined)[],
): Promise<void> {
  const present = batches.flatMap((batch) => batch ?? []);
  await markSent(cache, target, present);
  await confirm(cache, target, present);
}

test("a target that lost everything lacks everything, and has nothing to delete; others are as before", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const [lost, other] = [await openTarget(cache, "a"), await openTarget(cache, "b")];
  const key = await keyOf(cache, "I:SPX", DATE);
  await writeSpx(cache, [1, 2, 3]);
  await syncAll(cache, lost);
  await syncAll(cache, other);
  await writeSpx(cache, [1, 2]);
  const removed = [OPEN_MS + 2 * 60_000];
  expect([removedBars(cache, lost, key), removedBars(cache, other, key)]).toEqual([removed, removed]);
  await syncAll(cache, other);
  await writeDay(cache, { date: DATE, blocks: [["I:NDX", barsFrom(OPEN_MS, [1])]] });
  await syncAll(cache, other);

  await forgetDeliveries(cache, lost);
  expect(namesOf(unsynced(cache, lost))).toEqual(["NDX 20049", "SPX 20049"]);
  expect(removedBars(cache, lost, key)).toEqual([]);
  expect(unsynced(cache, other)).toEqual([]);
});
