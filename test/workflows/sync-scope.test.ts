import { describe, expect, test } from "bun:test";
import { planSync } from "../../src/workflows/sync-plan.ts";
import { selectBatches } from "../../src/workflows/sync-selection.ts";
import type { Cache } from "../../src/cache/cache.ts";
import { openTarget } from "../../src/cache/targets.ts";
import { barsFrom } from "../support/bars.ts";
import { keyOf, writeDay } from "../support/cache-days.ts";
import { syncAll } from "../support/outbox.ts";
import { tempCache } from "../support/temp-cache.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";
import { contextOf } from "./run-context.ts";

const EVERYTHING = { names: null, dataset: null, from: null, to: null };
const DATABASE = "postgres://u:secret@db.example/market";

async function writeDays(cache: Cache): Promise<void> {
  for (const date of ["2024-11-21", "2024-11-22"]) {
    const openMs = Date.parse(`${date}T14:30:00Z`);
    const blocks = [
      ["I:NDX", barsFrom(openMs, [1])],
      ["I:SPX", barsFrom(openMs, [1, 2])],
    ] as const;
    await writeDay(cache, { date, blocks });
    await writeDay(cache, { date, dataset: "stocks", blocks: [["AAPL", barsFrom(openMs, [1])]] });
  }
}

describe("selectBatches", () => {
  test("means everything if nothing is said", () => {
    using temp = tempCache();
    expect(selectBatches(temp.cache, EVERYTHING)).toEqual({});
  });

  test("means the named symbols, a dataset, and days from and to", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await writeDays(cache);
    const [ndx, spx] = [await keyOf(cache, "I:NDX", "2024-11-22"), await keyOf(cache, "I:SPX", "2024-11-22")];
    const [ndxId, spxId] = [ndx.symbolId, spx.symbolId];
    expect(selectBatches(cache, { ...EVERYTHING, names: ["SPX"], from: "2024-11-22" })).toEqual({
      symbolIds: [spxId],
      fromEpochDay: 20_049,
    });
    expect(selectBatches(cache, { ...EVERYTHING, dataset: "indices", to: "2024-11-21" })).toEqual({
      symbolIds: [ndxId, spxId],
      toEpochDay: 20_048,
    });
    expect(selectBatches(cache, { ...EVERYTHING, names: ["*"], dataset: "indices" })).toEqual({
      symbolIds: [ndxId, spxId],
    });
  });

  test("refuses a symbol that the cache does not have", async () => {
    using temp = tempCache();
    await writeDays(temp.cache);
    expect(wordsOf(thrownBy(() => selectBatches(temp.cache, { ...EVERYTHING, names: ["VIX"] })))).toEqual({
      kind: "usage",
      operation: "choose what to sync",
      reason: "the cache has nothing of VIX (indices)",
      nextStep: "See what is cached with: massive-backfill status.",
    });
  });
});

describe("planSync", () => {
  test("says what the target lacks, by symbol; with all, what it has too", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await writeDays(cache);
    const context = contextOf(temp);
    const settings = { ...context.settings, databaseUrl: DATABASE };
    const target = "db.example:5432/market public.historical_bars";
    const days = { from: "2024-11-21", to: "2024-11-22" };
    const everything = {
      target,
      batches: 6,
      bars: 8,
      symbols: [
        { symbol: "AAPL", batches: 2, bars: 2, ...days },
        { symbol: "NDX", batches: 2, bars: 2, ...days },
        { symbol: "SPX", batches: 2, bars: 4, ...days },
      ],
    };
    const plan = (all: boolean, selection = {}) => planSync({ cache, settings }, { all, selection });
    expect(plan(false)).toEqual(everything);
    await syncAll(cache, await openTarget(cache, target));
    expect(plan(false)).toEqual({ target, batches: 0, bars: 0, symbols: [] });
    expect(plan(true)).toEqual(everything);
    const selection = selectBatches(cache, { ...EVERYTHING, names: ["SPX"], to: "2024-11-21" });
    expect(plan(true, selection)).toEqual({
      target,
      batches: 1,
      bars: 2,
      symbols: [{ symbol: "SPX", batches: 1, bars: 2, from: "2024-11-21", to: "2024-11-21" }],
    });
  });

  test("needs a database", () => {
    using temp = tempCache();
    expect(thrownBy(() => planSync(contextOf(temp), { all: false, selection: {} })).kind).toBe("settings");
  });
});
