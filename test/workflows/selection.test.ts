import { describe, expect, test } from "bun:test";
import type { Cache } from "../../src/cache/cache.ts";
import { track } from "../../src/cache/symbols.ts";
import { trackedSymbol } from "../../src/core/symbols.ts";
import { chooseSymbols } from "../../src/workflows/selection.ts";
import { tempCache } from "../support/temp-cache.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const SPX = trackedSymbol("indices", "I:SPX");
const NDX = trackedSymbol("indices", "I:NDX");
const AAPL = trackedSymbol("stocks", "AAPL");

async function trackSome(cache: Cache): Promise<void> {
  await track(cache, { symbols: [SPX, AAPL], wholeDatasets: ["crypto"] }, 1000);
}

describe("chooseSymbols", () => {
  test("takes the symbols that are named, whatever is tracked or set", async () => {
    using temp = tempCache();
    await trackSome(temp.cache);
    expect(chooseSymbols(temp.cache, ["NDX", "AAPL"], undefined, ["VIX"])).toEqual({
      symbols: [NDX, AAPL],
      wholeDatasets: [],
    });
  });

  test("takes what the cache tracks if none are named", async () => {
    using temp = tempCache();
    await trackSome(temp.cache);
    const { symbols, wholeDatasets } = chooseSymbols(temp.cache, undefined, undefined, ["VIX"]);
    expect(symbols.toSorted((a, b) => (a.ticker < b.ticker ? -1 : 1))).toEqual([AAPL, SPX]);
    expect(wholeDatasets).toEqual(["crypto"]);
  });

  test("takes of what the cache tracks only the dataset that is named", async () => {
    using temp = tempCache();
    await trackSome(temp.cache);
    const choose = (dataset: "stocks" | "crypto") => chooseSymbols(temp.cache, undefined, dataset, []);
    expect(choose("stocks")).toEqual({ symbols: [AAPL], wholeDatasets: [] });
    expect(choose("crypto")).toEqual({ symbols: [], wholeDatasets: ["crypto"] });
  });

  test("takes the symbols that are set if nothing of the dataset is tracked", async () => {
    using temp = tempCache();
    expect(chooseSymbols(temp.cache, undefined, undefined, ["SPX"]).symbols).toEqual([SPX]);
    await trackSome(temp.cache);
    expect(chooseSymbols(temp.cache, undefined, "forex", ["EUR-USD"]).symbols).toEqual([
      trackedSymbol("forex", "C:EUR-USD"),
    ]);
  });

  test("takes a whole dataset for *", () => {
    using temp = tempCache();
    expect(chooseSymbols(temp.cache, ["*"], "stocks", [])).toEqual({
      symbols: [],
      wholeDatasets: ["stocks"],
    });
  });

  test("says how to name symbols if there are none", () => {
    using temp = tempCache();
    expect(wordsOf(thrownBy(() => chooseSymbols(temp.cache, undefined, undefined, [])))).toEqual({
      kind: "usage",
      operation: "choose the symbols",
      reason: "none were given, and this cache tracks none yet",
      nextStep: "Name them: --symbols=SPX,NDX (later runs remember them), or set MASSIVE_SYMBOLS.",
    });
  });

  test.each([
    ["named", ["O:SPX"], []],
    ["set", undefined, ["SPX"]],
  ])(
    "refuses a symbol that is %s and has the name of another ticker of the cache",
    async (_how, named, set) => {
      using temp = tempCache();
      const symbol = named === undefined ? "SPX" : "O:SPX";
      await temp.cache.write(() =>
        temp.cache.db
          .query("INSERT INTO symbols (dataset, ticker, symbol) VALUES ('stocks', ?, ?)")
          .run(symbol, symbol),
      );
      const error = thrownBy(() => chooseSymbols(temp.cache, named, undefined, set));
      expect([error.kind, error.reason]).toEqual([
        "usage",
        `${symbol} (stocks) is there already and has the same name ${symbol} in historical_bars`,
      ]);
    },
  );

  test("changes nothing in the cache", () => {
    using temp = tempCache();
    chooseSymbols(temp.cache, ["SPX"], undefined, []);
    expect(temp.cache.db.query("SELECT * FROM tracked").all()).toEqual([]);
    expect(temp.cache.db.query("SELECT * FROM symbols").all()).toEqual([]);
  });
});
