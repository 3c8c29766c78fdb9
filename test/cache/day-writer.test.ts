import { describe, expect, test } from "bun:test";
import type { Bar } from "../../src/core/bar.ts";
import { sessionOf } from "../../src/core/sessions.ts";
import type { BatchSource } from "../../src/cache/batches.ts";
import type { Cache } from "../../src/cache/cache.ts";
import { DayWriter, tickersOfDay } from "../../src/cache/day-writer.ts";
import { openTarget } from "../../src/cache/targets.ts";
import { noteProblem, problemsOf, type DayProblem } from "../../src/cache/problems.ts";
import { knownSymbols } from "../../src/cache/symbols.ts";
import { rejectionOf } from "../support/thrown.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { countsOf, heldOf, keyOf, writeDay } from "../support/cache-days.ts";
import { syncAll, unsynced } from "../support/outbox.ts";
import { tempCache } from "../support/temp-cache.ts";

const DATE = "2024-11-22";
const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);

test("a day's tickers become batches, those without bars too", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const changes = await writeDay(cache, {
    date: DATE,
    blocks: [
      ["I:NDX", barsFrom(OPEN_MS, [1, 2])],
      ["I:SPX", barsFrom(OPEN_MS, [3, 4, 5])],
    ],
    wanted: ["I:SPX", "I:NONE", "I:NDX"],
  });
  expect(changes).toEqual({ batches: 3, bars: 5, added: 5, changed: 0, removed: 0, conflicts: 0 });
  expect(knownSymbols(cache).map(({ symbol }) => symbol)).toEqual(["NDX", "NONE", "SPX"]);
  expect(tickersOfDay(cache, "indices", DATE).toSorted()).toEqual(["I:NDX", "I:NONE", "I:SPX"]);
  expect(tickersOfDay(cache, "indices", "2024-11-25")).toEqual([]);
  expect(tickersOfDay(cache, "stocks", DATE)).toEqual([]);
  const absent = heldOf(cache, await keyOf(cache, "I:NONE", DATE));
  expect(absent).toMatchObject({ batch: { revision: 1, barCount: 0, source: "flatfile" }, bars: [] });
});

test("a ticker that a later version of the file lacks loses its bars", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const spx = ["I:SPX", barsFrom(OPEN_MS, [3, 4])] as const;
  await writeDay(cache, { date: DATE, blocks: [spx, ["I:NDX", barsFrom(OPEN_MS, [1, 2, 3])]] });
  const changes = await writeDay(cache, { date: DATE, blocks: [spx], wanted: ["I:SPX", "I:NDX"] });
  expect(changes).toEqual({ batches: 2, bars: 2, added: 0, changed: 0, removed: 3, conflicts: 0 });
  expect(heldOf(cache, await keyOf(cache, "I:NDX", DATE))).toMatchObject({
    batch: { revision: 2, barCount: 0 },
    bars: [],
  });
});

describe("a ticker in several blocks", () => {
  const [head, tail] = [barsFrom(OPEN_MS, [1, 2]), barsFrom(OPEN_MS + 120_000, [3, 4])];
  const blocks = [
    ["I:SPX", head],
    ["I:VIX", barsFrom(OPEN_MS, [9])],
    ["I:SPX", tail],
  ] as const;

  test("is one batch", async () => {
    using temp = tempCache();
    const { cache } = temp;
    expect(await writeDay(cache, { date: DATE, blocks })).toEqual({
      batches: 2,
      bars: 5,
      added: 5,
      changed: 0,
      removed: 0,
      conflicts: 0,
    });
    expect(heldOf(cache, await keyOf(cache, "I:SPX", DATE))).toMatchObject({
      batch: { revision: 1, barCount: 4, sessionBarCount: 4 },
      bars: [...head, ...tail],
    });
  });

  test("keeps revision and sync state when it is read again, in blocks or in one", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const target = await openTarget(cache, "a");
    await writeDay(cache, { date: DATE, blocks });
    await syncAll(cache, target);
    const inOne = [
      ["I:SPX", [...head, ...tail]],
      ["I:VIX", barsFrom(OPEN_MS, [9])],
    ] as const;
    const backwards = blocks.toReversed();
    for (const again of [blocks, inOne, backwards, blocks]) {
      expect(await writeDay(cache, { date: DATE, blocks: again, readAtMs: 2000 })).toEqual({
        batches: 2,
        bars: 5,
        added: 0,
        changed: 0,
        removed: 0,
        conflicts: 0,
      });
      expect(heldOf(cache, await keyOf(cache, "I:SPX", DATE))).toMatchObject({
        batch: { revision: 1, changedAtMs: 1000, readAtMs: 2000 },
        bars: [...head, ...tail],
      });
      expect(unsynced(cache, target)).toEqual([]);
    }
  });

  test("counts what really changed, once", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await writeDay(cache, { date: DATE, blocks });
    const changes = await writeDay(cache, {
      date: DATE,
      blocks: [
        ["I:SPX", head.slice(0, 1)],
        ["I:VIX", barsFrom(OPEN_MS, [9])],
        ["I:SPX", [bar(OPEN_MS + 120_000, 7), bar(OPEN_MS + 180_000, 4), bar(OPEN_MS + 240_000, 5)]],
      ],
    });
    expect(changes).toEqual({ batches: 2, bars: 5, added: 1, changed: 1, removed: 1, conflicts: 0 });
    expect(heldOf(cache, await keyOf(cache, "I:SPX", DATE)).batch).toMatchObject({
      revision: 2,
      barCount: 4,
    });
  });

  test("keeps the earlier of two bars of one minute, and counts it once", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const changes = await writeDay(cache, {
      date: DATE,
      blocks: [
        ["I:SPX", head],
        ["I:VIX", barsFrom(OPEN_MS, [9])],
        ["I:SPX", [bar(OPEN_MS, 1), bar(OPEN_MS + 60_000, 7), bar(OPEN_MS + 120_000, 3)]],
      ],
    });
    expect(changes).toEqual({ batches: 2, bars: 4, added: 4, changed: 0, removed: 0, conflicts: 1 });
    expect(heldOf(cache, await keyOf(cache, "I:SPX", DATE)).bars).toEqual(barsFrom(OPEN_MS, [1, 2, 3]));
  });
});

test("tickers with the same name in historical_bars cannot both be written, and nothing of the day is", async () => {
  using temp = tempCache();
  const { cache } = temp;
  await writeDay(cache, { date: DATE, blocks: [["I:SPX", barsFrom(OPEN_MS, [1])]] });
  const error = await rejectionOf(
    writeDay(cache, {
      dataset: "stocks",
      date: DATE,
      blocks: [
        ["AAPL", barsFrom(OPEN_MS, [2])],
        ["SPX", barsFrom(OPEN_MS, [3])],
      ],
    }),
  );
  expect([error.kind, error.operation]).toEqual(["usage", "add SPX (stocks) to the cache"]);
  expect(tickersOfDay(cache, "stocks", DATE)).toEqual([]);
  expect(knownSymbols(cache).map(({ ticker }) => ticker)).toEqual(["I:SPX"]);
});

test("a written day forgets the problems it had, for the tickers that were written", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const problem: DayProblem = {
    dataset: "indices",
    ticker: "",
    date: DATE,
    state: "failed",
    step: "download",
    error: "cut",
    hint: "Run again.",
    seenAtMs: 1,
  };
  const ofVix: DayProblem = { ...problem, ticker: "I:VIX" };
  const ofOtherDay: DayProblem = { ...problem, date: "2024-11-25" };
  const noted = [
    problem,
    { ...problem, ticker: "I:SPX" },
    { ...problem, ticker: "I:NONE" },
    ofVix,
    ofOtherDay,
  ];
  for (const one of noted) await noteProblem(cache, one);
  await writeDay(cache, { date: DATE, blocks: [["I:SPX", barsFrom(OPEN_MS, [1])]], wanted: ["I:NONE"] });
  expect(problemsOf(cache, "indices", "2024-11-01", "2024-11-30")).toEqual([ofVix, ofOtherDay]);
});

describe("bars that are put over others", () => {
  function putOver(cache: Cache, bars: readonly Bar[], source: BatchSource = "api") {
    return cache.write(() => {
      const session = sessionOf("indices", DATE);
      const writer = new DayWriter(cache, "indices", DATE, {
        source,
        flatFileId: null,
        readAtMs: 2000,
        session,
      });
      writer.putOver("I:SPX", bars);
      return countsOf(writer);
    });
  }

  const held = { date: DATE, blocks: [["I:SPX", barsFrom(OPEN_MS, [1, 2, 3])]] } as const;

  test("add to those of an earlier answer and correct them, but remove none", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await writeDay(cache, { ...held, source: "api" });
    const bars = [bar(OPEN_MS + 60_000, 7), bar(OPEN_MS + 180_000, 4)];
    expect(await putOver(cache, bars)).toEqual({
      batches: 1,
      bars: 4,
      added: 1,
      changed: 1,
      removed: 0,
      conflicts: 0,
    });
    expect(heldOf(cache, await keyOf(cache, "I:SPX", DATE))).toMatchObject({
      batch: { source: "api", revision: 2, barCount: 4, readAtMs: 2000 },
      bars: barsFrom(OPEN_MS, [1, 7, 3, 4]),
    });
  });

  test("that are none leave an earlier answer as it is, but read again", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await writeDay(cache, { ...held, source: "api" });
    expect(await putOver(cache, [])).toEqual({
      batches: 1,
      bars: 3,
      added: 0,
      changed: 0,
      removed: 0,
      conflicts: 0,
    });
    expect(heldOf(cache, await keyOf(cache, "I:SPX", DATE))).toMatchObject({
      batch: { source: "api", revision: 1, barCount: 3, readAtMs: 2000 },
      bars: barsFrom(OPEN_MS, [1, 2, 3]),
    });
  });

  test("do not keep those of another source", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await writeDay(cache, { ...held, source: "api" });
    await putOver(cache, barsFrom(OPEN_MS, [5]), "flatfile");
    expect(heldOf(cache, await keyOf(cache, "I:SPX", DATE)).bars).toEqual(barsFrom(OPEN_MS, [5]));
  });
});
