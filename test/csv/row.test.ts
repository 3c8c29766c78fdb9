import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readColumns } from "../../src/csv/columns.ts";
import { dayBounds } from "../../src/core/day-bounds.ts";
import { readRow } from "../../src/csv/row.ts";

const DATE = "2024-11-22";
const BOUNDS = dayBounds(DATE);
const STOCKS = readColumns("ticker,volume,open,close,high,low,window_start,transactions,vwap");
const NINE_THIRTY_MS = Date.UTC(2024, 10, 22, 14, 30);

interface StockRow {
  readonly volume: string;
  readonly open: string;
  readonly close: string;
  readonly high: string;
  readonly low: string;
  readonly windowStart: string;
  readonly transactions: string;
  readonly vwap: string;
}

const GOOD: StockRow = {
  volume: "4930",
  open: "200.29",
  close: "200.5",
  high: "200.63",
  low: "200.25",
  windowStart: nanoseconds(NINE_THIRTY_MS),
  transactions: "129",
  vwap: "200.4",
};

function nanoseconds(epochMs: number): string {
  return `${BigInt(epochMs) * 1_000_000n}`;
}

function readStock(change: Partial<StockRow>, bounds = BOUNDS) {
  const row = { ...GOOD, ...change };
  const { volume, open, close, high, low, windowStart, transactions, vwap } = row;
  return readRow(["AAPL", volume, open, close, high, low, windowStart, transactions, vwap], STOCKS, bounds);
}

test("a good row is a bar", () => {
  expect(readStock({})).toEqual({
    windowStartMs: NINE_THIRTY_MS,
    open: 200.29,
    high: 200.63,
    low: 200.25,
    close: 200.5,
    volume: 4930,
    vwap: 200.4,
    transactions: 129,
  });
});

test("empty volume, vwap and transactions are unknown, not 0", () => {
  expect(readStock({ volume: "", vwap: "", transactions: "" })).toMatchObject({
    volume: null,
    vwap: null,
    transactions: null,
  });
  expect(readStock({ volume: "0", transactions: "0" })).toMatchObject({ volume: 0, transactions: 0 });
});

test.each([
  ["one field too few", ["AAPL", "1", "1", "1", "1", "1", nanoseconds(NINE_THIRTY_MS), "1"]],
  ["one field too many", ["AAPL", "1", "1", "1", "1", "1", nanoseconds(NINE_THIRTY_MS), "1", "1", ""]],
  ["only a ticker", ["AAPL"]],
  ["nothing", []],
])("a row of %s is rejected for its field count", (_what, fields) => {
  expect(readRow(fields, STOCKS, BOUNDS)).toBe("field count");
});

describe("numbers", () => {
  test.each([
    ["200.290000", 200.29],
    ["2036584.149027", 2036584.149027],
    ["0.000001", 0.000001],
    ["-37.63", -37.63],
    ["0", 0],
    ["+1.5", 1.5],
    [".5", 0.5],
    ["5.", 5],
    ["1e3", 1000],
    ["1.5E-2", 0.015],
    ["007", 7],
  ])("%j is %d", (text, value) => {
    const all = { open: text, close: text, high: text, low: text };
    expect(readStock(all)).toMatchObject({ open: value, high: value, low: value, close: value });
  });

  const NO_NUMBERS = [
    "0x10",
    "0b1",
    "Infinity",
    "-Infinity",
    "NaN",
    "1e999",
    " 1",
    "1 ",
    "1,5",
    "1_000",
    "1.2.3",
    "--1",
    "1e",
    "e5",
    ".",
    "-",
    "null",
    "1n",
    "１",
  ];
  for (const column of ["open", "high", "low", "close", "volume", "vwap", "transactions"] as const) {
    test.each(NO_NUMBERS)(`%j as ${column} is not a number`, (text) => {
      expect(readStock({ [column]: text })).toBe("not a number");
    });
  }

  test.each(["open", "high", "low", "close"])("an empty %s is not a number", (column) => {
    expect(readStock({ [column]: "" })).toBe("not a number");
  });

  test.each(["1.5", "1e17"])("%s transactions cannot be counted", (text) => {
    expect(readStock({ transactions: text })).toBe("not a number");
  });

  test("less than no volume and less than no transactions are rejected", () => {
    expect(readStock({ volume: "-1" })).toBe("negative volume");
    expect(readStock({ volume: "-0.000001" })).toBe("negative volume");
    expect(readStock({ transactions: "-1" })).toBe("negative volume");
  });

  test("up to 15 significant digits keep their value to the last digit", () => {
    const decimal = fc
      .tuple(fc.integer({ min: 1, max: 999_999_999_999_999 }), fc.integer({ min: 0, max: 9 }))
      .map(([digits, places]) => {
        const text = String(digits).padStart(places + 1, "0");
        return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
      });
    fc.assert(
      fc.property(decimal, (text) => {
        const read = readStock({ open: text, close: text, high: text, low: text, volume: text });
        if (typeof read === "string") throw new Error(`${text}: ${read}`);
        for (const value of [read.open, read.volume])
          expect(value?.toFixed(text.split(".")[1]?.length ?? 0)).toBe(text);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});

describe("high and low", () => {
  test("may equal open or close", () => {
    expect(readStock({ open: "1", close: "2", high: "2", low: "1" })).toMatchObject({ high: 2, low: 1 });
  });

  test.each([
    { high: "200.4" },
    { high: "200.28" },
    { low: "200.3" },
    { low: "200.6" },
    { high: "200.25", low: "200.63" },
  ])("not around open and close are rejected: %j", (change) => {
    expect(readStock(change)).toBe("high or low not around open and close");
  });
});
