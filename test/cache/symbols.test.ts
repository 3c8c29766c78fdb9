import { describe, expect, test } from "bun:test";
import {
  assertNameIsFree,
  isNameFree,
  knownSymbolId,
  knownSymbols,
  symbolId,
  track,
  trackedSelection,
} from "../../src/cache/symbols.ts";
import { trackedSymbol } from "../../src/core/symbols.ts";
import { tempCache } from "../support/temp-cache.ts";
import { rejectionOf, thrownBy, wordsOf } from "../support/thrown.ts";

const SPX = trackedSymbol("indices", "I:SPX");
const NDX = trackedSymbol("indices", "I:NDX");
const AAPL = trackedSymbol("stocks", "AAPL");
const SPX_STOCK = trackedSymbol("stocks", "SPX");

describe("symbol ids", () => {
  test("are given once and stay", async () => {
    using temp = tempCache();
    const { cache } = temp;
    expect(knownSymbolId(cache, SPX)).toBeNull();
    const ids = await cache.write(() => [SPX, NDX, SPX, AAPL].map((symbol) => symbolId(cache, symbol)));
    expect(ids[0]).toBe(ids[2] ?? Number.NaN);
    expect(new Set(ids).size).toBe(3);
    expect<unknown[]>([knownSymbolId(cache, SPX), knownSymbolId(cache, NDX)]).toEqual(ids.slice(0, 2));
  });

  test("tell tickers of different case apart", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const ids = await cache.write(() =>
      ["BCpC", "BCPC"].map((ticker) => symbolId(cache, trackedSymbol("stocks", ticker))),
    );
    expect(ids[0]).not.toBe(ids[1] ?? Number.NaN);
  });

  test("are refused to a ticker whose name another has", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await cache.write(() => symbolId(cache, SPX));
    const words = {
      kind: "usage",
      operation: "add SPX (stocks) to the cache",
      reason: "I:SPX (indices) is there already and has the same name SPX in historical_bars",
      nextStep: "Keep one of them in a cache and table of its own (--data-dir, --table).",
    } as const;
    expect(wordsOf(await rejectionOf(cache.write(() => symbolId(cache, SPX_STOCK))))).toEqual(words);
    expect(wordsOf(thrownBy(() => assertNameIsFree(cache, SPX_STOCK)))).toEqual(words);
    expect(knownSymbols(cache)).toEqual([SPX]);
  });

  test("are refused to a ticker of the same dataset that would lose its prefix to the same name", async () => {
    using temp = tempCache();
    await temp.cache.write(() => symbolId(temp.cache, SPX));
    const bare = trackedSymbol("indices", "SPX");
    expect(thrownBy(() => assertNameIsFree(temp.cache, bare)).operation).toBe(
      "add SPX (indices) to the cache",
    );
  });

  test("a name is free for the ticker that has it, and for new ones", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await cache.write(() => symbolId(cache, SPX));
    expect(() => {
      assertNameIsFree(cache, SPX);
      assertNameIsFree(cache, NDX);
    }).not.toThrow();
    expect([SPX, NDX, SPX_STOCK].map((symbol) => isNameFree(cache, symbol))).toEqual([true, true, false]);
  });
});

test("known symbols come in the order of their names", async () => {
  using temp = tempCache();
  const { cache } = temp;
  expect(knownSymbols(cache)).toEqual([]);
  await cache.write(() => [SPX, AAPL, NDX].map((symbol) => symbolId(cache, symbol)));
  expect(knownSymbols(cache)).toEqual([AAPL, NDX, SPX]);
});

describe("tracked symbols", () => {
  test("are none in a new cache", () => {
    using temp = tempCache();
    expect(trackedSelection(temp.cache)).toEqual({ symbols: [], wholeDatasets: [] });
  });

  test("come in the order in which they were added, once each", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await track(cache, { symbols: [SPX], wholeDatasets: [] }, 1000);
    await track(cache, { symbols: [AAPL, NDX], wholeDatasets: [] }, 2000);
    await track(cache, { symbols: [NDX, SPX], wholeDatasets: [] }, 3000);
    expect(trackedSelection(cache)).toEqual({ symbols: [SPX, AAPL, NDX], wholeDatasets: [] });
    expect(knownSymbols(cache)).toEqual([AAPL, NDX, SPX]);
  });

  test("can be every ticker of a dataset, beside named ones of another", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await track(cache, { symbols: [], wholeDatasets: ["indices"] }, 1000);
    await track(cache, { symbols: [AAPL], wholeDatasets: ["indices", "crypto"] }, 2000);
    expect(trackedSelection(cache)).toEqual({ symbols: [AAPL], wholeDatasets: ["indices", "crypto"] });
    expect(knownSymbols(cache)).toEqual([AAPL]);
  });

  test("are not added at all if one of them has another's name", async () => {
    using temp = tempCache();
    const { cache } = temp;
    await track(cache, { symbols: [SPX], wholeDatasets: [] }, 1000);
    const error = await rejectionOf(track(cache, { symbols: [AAPL, SPX_STOCK], wholeDatasets: [] }, 2000));
    expect(error.kind).toBe("usage");
    expect(trackedSelection(cache)).toEqual({ symbols: [SPX], wholeDatasets: [] });
    expect(knownSymbols(cache)).toEqual([SPX]);
  });
});
