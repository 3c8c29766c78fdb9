import { describe, expect, test } from "bun:test";
import { readAggregatesPage } from "../../src/massive/aggregates-page.ts";

const BOUNDS = { fromMs: Date.parse("2023-03-08T00:00:00Z"), toMs: Date.parse("2023-03-11T00:00:00Z") };
const START_MS = Date.parse("2023-03-09T06:00:00Z");
const GOOD = { t: START_MS, o: 10, h: 12, l: 9, c: 11 };

function pageOf(...results: readonly unknown[]) {
  return readAggregatesPage({ status: "OK", ticker: "I:NDX", results }, "I:NDX", BOUNDS);
}

describe("readAggregatesPage", () => {
  test("reads the vendor's own example of an index", () => {
    const example = {
      count: 2,
      queryCount: 2,
      request_id: "0cf72b6da685bcd386548ffe2895904a",
      results: [
        {
          c: 11995.88235998666,
          h: 12340.44936267155,
          l: 11970.34221717375,
          o: 12230.83658266843,
          t: 1678341600000,
        },
        {
          c: 11830.28178808306,
          h: 12069.62262033557,
          l: 11789.85923449393,
          o: 12001.69552583921,
          t: 1678428000000,
        },
      ],
      status: "OK",
      ticker: "I:NDX",
    };
    const untraded = { volume: null, vwap: null, transactions: null };
    expect(readAggregatesPage(example, "I:NDX", BOUNDS)).toEqual({
      bars: [
        {
          windowStartMs: 1678341600000,
          open: 12230.83658266843,
          high: 12340.44936267155,
          low: 11970.34221717375,
          close: 11995.88235998666,
          ...untraded,
        },
        {
          windowStartMs: 1678428000000,
          open: 12001.69552583921,
          high: 12069.62262033557,
          low: 11789.85923449393,
          close: 11830.28178808306,
          ...untraded,
        },
      ],
      rejected: [],
      nextUrl: null,
      delayed: false,
      adjusted: null,
    });
  });

  test("reads volume, volume-weighted price and number of trades where they are", () => {
    const json: unknown = JSON.parse(
      `{"status":"DELAYED","ticker":"AAPL","adjusted":false,"next_url":"https://api.massive.com/next","results":[
        {"t":${START_MS},"o":74.06,"h":75.15,"l":73.7975,"c":75.0875,"v":1.35647456e+08,"vw":74.6099,"n":3},
        {"t":${START_MS + 60_000},"o":74.06,"h":75.15,"l":73.7975,"c":75.0875,"v":28038.875816}]}`,
    );
    const prices = { open: 74.06, high: 75.15, low: 73.7975, close: 75.0875 };
    expect(readAggregatesPage(json, "AAPL", BOUNDS)).toEqual({
      bars: [
        { windowStartMs: START_MS, ...prices, volume: 135647456, vwap: 74.6099, transactions: 3 },
        { windowStartMs: START_MS + 60_000, ...prices, volume: 28038.875816, vwap: null, transactions: null },
      ],
      rejected: [],
      nextUrl: "https://api.massive.com/next",
      delayed: true,
      adjusted: false,
    });
  });

  test("no results at all mean no bars", () => {
    const json = { status: "OK", ticker: "I:NDX", queryCount: 0, resultsCount: 0 };
    expect(readAggregatesPage(json, "I:NDX", BOUNDS)?.bars).toEqual([]);
  });

  const bad: [string, unknown, string][] = [
    ["a price that is text", { ...GOOD, c: "11" }, "not a number"],
    ["a price that is missing", { ...GOOD, h: undefined }, "not a number"],
    ["a price beyond all numbers", { ...GOOD, h: Infinity }, "not a number"],
    ["a volume that is text", { ...GOOD, v: "1" }, "not a number"],
    ["no object", 17, "not a number"],
    ["a negative volume", { ...GOOD, v: -1 }, "negative volume"],
    ["a negative number of trades", { ...GOOD, n: -1 }, "negative volume"],
    ["a fractional number of trades", { ...GOOD, n: 1.5 }, "not a number"],
    ["a number of trades beyond all counting", { ...GOOD, n: 2 ** 53 }, "not a number"],
    ["a high below the close", { ...GOOD, h: 10.5 }, "high or low not around open and close"],
    ["a low above the open", { ...GOOD, l: 10.5 }, "high or low not around open and close"],
    ["a stamp in seconds", { ...GOOD, t: START_MS / 1000 }, "not a whole minute"],
    ["a stamp within a minute", { ...GOOD, t: START_MS + 30_000 }, "not a whole minute"],
    ["a stamp of an earlier day", { ...GOOD, t: BOUNDS.fromMs - 60_000 }, "outside the dates asked for"],
    ["a stamp of a later day", { ...GOOD, t: BOUNDS.toMs }, "outside the dates asked for"],
  ];
  test.each(bad)("leaves out %s", (_, result, reason) => {
    const page = pageOf(GOOD, result);
    expect(page?.bars.length).toBe(1);
    expect(page?.rejected.map((bar): [string, string] => [bar.reason, bar.text])).toEqual([
      [reason, JSON.stringify(result)],
    ]);
  });

  test("the first and the last minute of the bounds are inside", () => {
    const stamps = [BOUNDS.fromMs, BOUNDS.toMs - 60_000];
    const page = pageOf(...stamps.map((t) => ({ ...GOOD, t })));
    expect(page?.bars.map(({ windowStartMs }) => windowStartMs)).toEqual(stamps);
  });

  test.each([
    ["null", null],
    ["a list", []],
    ["a text", "OK"],
    ["no status", { ticker: "I:NDX", results: [GOOD] }],
    ["a status of failure", { status: "ERROR", ticker: "I:NDX", results: [GOOD] }],
    ["bars of another ticker", { status: "OK", ticker: "I:SPX", results: [GOOD] }],
    ["results that are no list", { status: "OK", ticker: "I:NDX", results: GOOD }],
    ["a next page that is no address", { status: "OK", ticker: "I:NDX", results: [GOOD], next_url: 2 }],
  ])("is null for %s", (_, json) => {
    expect(readAggregatesPage(json, "I:NDX", BOUNDS)).toBeNull();
  });
});
