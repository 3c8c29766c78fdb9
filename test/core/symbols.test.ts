import { describe, expect, test } from "bun:test";
import type { Dataset } from "../../src/core/datasets.ts";
import {
  assertDistinctNames,
  isTickerOf,
  parseSymbol,
  parseSymbols,
  symbolOfTicker,
  trackedSymbol,
} from "../../src/core/symbols.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const SPX = { dataset: "indices", ticker: "I:SPX", symbol: "SPX" } as const;
const NDX = { dataset: "indices", ticker: "I:NDX", symbol: "NDX" } as const;
const AAPL = { dataset: "stocks", ticker: "AAPL", symbol: "AAPL" } as const;

describe("parseSymbol", () => {
  test.each<[text: string, dataset: Dataset, ticker: string, symbol: string]>([
    ["I:SPX", "indices", "I:SPX", "SPX"],
    ["O:SPY251121C00650000", "options", "O:SPY251121C00650000", "O:SPY251121C00650000"],
    ["X:BTC-USD", "crypto", "X:BTC-USD", "X:BTC-USD"],
    ["C:EUR-USD", "forex", "C:EUR-USD", "C:EUR-USD"],
  ])("%s says its dataset", (text, dataset, ticker, symbol) => {
    expect(parseSymbol(text)).toEqual({ dataset, ticker, symbol });
    expect(parseSymbol(text, dataset)).toEqual({ dataset, ticker, symbol });
  });

  test.each(["SPX", "NDX", "VIX", "RUT", "DJI"])("a bare %s is the well-known index", (text) => {
    expect(parseSymbol(text)).toEqual({ dataset: "indices", ticker: `I:${text}`, symbol: text });
  });

  test.each(["AAPL", "BRK.B", "BCpC", "SPY", "A", "1"])("a bare %s is a stock, its case kept", (text) => {
    expect(parseSymbol(text)).toEqual({ dataset: "stocks", ticker: text, symbol: text });
  });

  test.each<[text: string, dataset: Dataset, ticker: string, symbol: string]>([
    ["SPX", "stocks", "SPX", "SPX"],
    ["AAPL", "indices", "I:AAPL", "AAPL"],
    ["SPY251121C00650000", "options", "O:SPY251121C00650000", "O:SPY251121C00650000"],
    ["BTC-USD", "crypto", "X:BTC-USD", "X:BTC-USD"],
    ["EUR-USD", "forex", "C:EUR-USD", "C:EUR-USD"],
  ])("a bare %s belongs to --dataset=%s", (text, dataset, ticker, symbol) => {
    expect(parseSymbol(text, dataset)).toEqual({ dataset, ticker, symbol });
  });

  test("a prefix that contradicts --dataset is an error", () => {
    expect(wordsOf(thrownBy(() => parseSymbol("I:SPX", "stocks")))).toEqual({
      kind: "usage",
      operation: 'read symbol "I:SPX"',
      reason: "its prefix says indices, --dataset says stocks",
      nextStep: "Leave out --dataset, or write --dataset=indices.",
    });
  });

  test.each([
    ["spx", "SPX"],
    ["brk.b", "BRK.B"],
    ["i:spx", "I:SPX"],
  ])("%s in lower case is an error that suggests %s", (text, suggestion) => {
    expect(wordsOf(thrownBy(() => parseSymbol(text)))).toEqual({
      kind: "usage",
      operation: `read symbol "${text}"`,
      reason: "tickers are case-sensitive and none is all lower case",
      nextStep: `Did you mean ${suggestion}?`,
    });
  });

  test.each([
    "",
    "SP X",
    "SPX\n",
    "SPX;",
    "'SPX'",
    '"SPX"',
    "SP*",
    "SPX?",
    "A,B",
    "A\\B",
    "`A`",
    "ÄPFEL",
    "A".repeat(65),
  ])("%j cannot be a ticker", (text) => {
    expect(wordsOf(thrownBy(() => parseSymbol(text)))).toEqual({
      kind: "usage",
      operation: `read symbol "${text}"`,
      reason: "this cannot be a ticker",
      nextStep: "Write tickers as the vendor does: SPX, AAPL, X:BTC-USD.",
    });
  });

  test.each(["I:", "O:", "X:", "C:"])("a prefix %s without a name cannot be a ticker", (text) => {
    expect(thrownBy(() => parseSymbol(text)).reason).toBe("this cannot be a ticker");
  });
});

describe("currency pairs", () => {
  test.each<[text: string, dataset: Dataset | undefined, ticker: string, nextStep: string]>([
    ["X:BTCUSD", undefined, "X:BTCUSD", "Did you mean X:BTC-USD?"],
    ["C:EURUSD", undefined, "C:EURUSD", "Did you mean C:EUR-USD?"],
    ["X:DOGEUSD", "crypto", "X:DOGEUSD", "Did you mean X:DOGE-USD?"],
    ["BTCUSD", "crypto", "X:BTCUSD", "Did you mean X:BTC-USD?"],
    ["EURUSD", "forex", "C:EURUSD", "Did you mean C:EUR-USD?"],
    ["X:BTC", undefined, "X:BTC", "Write X:BTC-USD or C:EUR-USD."],
  ])("%s (--dataset=%s) is written with a dash", (text, dataset, ticker, nextStep) => {
    expect(wordsOf(thrownBy(() => parseSymbol(text, dataset)))).toEqual({
      kind: "usage",
      operation: `read symbol "${ticker}"`,
      reason: "currency pairs are written with a dash",
      nextStep,
    });
  });

  test("are the only tickers that need one", () => {
    expect(parseSymbol("EURUSD")).toEqual({ dataset: "stocks", ticker: "EURUSD", symbol: "EURUSD" });
    expect(parseSymbol("I:BTCUSD").ticker).toBe("I:BTCUSD");
  });
});

test("isTickerOf tells by the prefix", () => {
  const tickers = ["I:SPX", "AAPL", "O:SPY251121C00650000", "X:BTC-USD", "C:EUR-USD"];
  for (const [own, dataset] of (["indices", "stocks", "options", "crypto", "forex"] as const).entries())
    expect([dataset, tickers.filter((ticker) => isTickerOf(dataset, ticker))]).toEqual([
      dataset,
      tickers.slice(own, own + 1),
    ]);
});

describe("parseSymbols", () => {
  test("reads mixed lists in the order given and drops doubles", () => {
    expect(parseSymbols(["SPX", "AAPL", "I:SPX", "I:NDX", "AAPL", "X:BTC-USD"])).toEqual({
      symbols: [SPX, AAPL, NDX, { dataset: "crypto", ticker: "X:BTC-USD", symbol: "X:BTC-USD" }],
      wholeDatasets: [],
    });
  });

  test("keeps tickers that differ only in case", () => {
    const { symbols } = parseSymbols(["BCpC", "BCPC"]);
    expect(symbols.map(({ ticker }) => ticker)).toEqual(["BCpC", "BCPC"]);
  });

  test("of nothing is nothing", () => {
    expect(parseSymbols([])).toEqual({ symbols: [], wholeDatasets: [] });
  });

  test("* is every ticker of --dataset", () => {
    expect(parseSymbols(["*"], "indices")).toEqual({ symbols: [], wholeDatasets: ["indices"] });
    expect(parseSymbols(["SPX", "*"], "indices")).toEqual({ symbols: [], wholeDatasets: ["indices"] });
  });

  test("* without --dataset is an error", () => {
    expect(wordsOf(thrownBy(() => parseSymbols(["*"])))).toEqual({
      kind: "usage",
      operation: 'read symbol "*"',
      reason: "every ticker of which dataset?",
      nextStep: "Add --dataset=indices (or stocks, options, crypto, forex).",
    });
  });

  test("beside * a symbol of another dataset is an error, as it is without *", () => {
    expect(thrownBy(() => parseSymbols(["*", "I:SPX"], "stocks")).reason).toBe(
      "its prefix says indices, --dataset says stocks",
    );
  });

  test("two tickers with one name in historical_bars are an error that names both", () => {
    expect(wordsOf(thrownBy(() => parseSymbols(["I:AAPL", "AAPL"])))).toEqual({
      kind: "usage",
      operation: 'read symbol "AAPL"',
      reason: "I:AAPL (indices) and AAPL (stocks) would both be written to historical_bars as AAPL",
      nextStep: "Keep one of them, or keep the other in a cache and table of its own (--data-dir, --table).",
    });
  });
});

describe("assertDistinctNames", () => {
  test("lets a symbol stand twice, and others beside it", () => {
    expect(() => assertDistinctNames([SPX, AAPL, SPX, NDX])).not.toThrow();
  });
});

describe("names in historical_bars", () => {
  test("only indices lose their prefix", () => {
    expect([
      symbolOfTicker("indices", "I:SPX"),
      symbolOfTicker("indices", "SPX"),
      symbolOfTicker("stocks", "BRK.B"),
      symbolOfTicker("options", "O:SPY251121C00650000"),
      symbolOfTicker("crypto", "X:BTC-USD"),
      symbolOfTicker("forex", "C:EUR-USD"),
    ]).toEqual(["SPX", "SPX", "BRK.B", "O:SPY251121C00650000", "X:BTC-USD", "C:EUR-USD"]);
  });

  test("a vendor ticker becomes a tracked symbol", () => {
    expect(trackedSymbol("indices", "I:SPX")).toEqual(SPX);
  });
});
