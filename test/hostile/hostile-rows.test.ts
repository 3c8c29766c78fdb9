import { describe, expect, test } from "bun:test";
import { DayParser } from "../../src/csv/day-parser.ts";
import { thrownBy } from "../support/thrown.ts";

const DATE = "2024-11-22";
const HEADER = "ticker,open,close,high,low,window_start\n";
const OPEN_MS = Date.parse(`${DATE}T14:30:00Z`);

function row(ticker: string, fields = "1,1,1,1", stamp = `${OPEN_MS}000000`): string {
  return `${ticker},${fields},${stamp}\n`;
}

/** What is read from rows of every ticker: the tickers that got bars, and why rows were left out. */
function read(rows: string | Uint8Array) {
  const tickers: string[] = [];
  const parser = new DayParser({
    date: DATE,
    wanted: "all",
    takesBadRows: true,
    onBlock: (ticker, bars) => tickers.push(...bars.map(() => ticker)),
  });
  parser.push(Buffer.from(HEADER));
  parser.push(Buffer.from(rows));
  return { tickers, rejected: parser.finish().rejected };
}

describe("a ticker", () => {
  test.each([
    ["has a NUL, which no text of Postgres can hold", "I:\0SPX"],
    ["has an escape code of a terminal", "I:\u001b[2J"],
    ["has a control character of the upper half", "I:\u009b2J"],
    ["has a line separator", "I:\u2028X"],
    ["turns the direction of writing", "I:\u202eXPS"],
    ["is a step through a path", ".."],
    ["is not UTF-8", Buffer.from([0x49, 0x3a, 0xff, 0xfe]).toString("latin1")],
    ["is longer than any ticker", "A".repeat(65)],
    ["is as long as a line may be", "A".repeat(1_000_000)],
  ])("that %s costs its row only", (what, ticker) => {
    const bytes = Buffer.from(row(ticker), what === "is not UTF-8" ? "latin1" : "utf8");
    expect(read(Buffer.concat([Buffer.from(row("I:NDX")), bytes, Buffer.from(row("I:SPX"))]))).toEqual({
      tickers: ["I:NDX", "I:SPX"],
      rejected: { "not a ticker": 1 },
    });
  });

  test.each([
    "BRK.B",
    "BCpC",
    "O:SPY251121C00650000",
    "X:BTC-USD",
    "A'; DROP TABLE bars;--",
    "../../etc/passwd",
    "%_*?\\",
    "=1+1",
    "Ünï",
    "A".repeat(64),
  ])("may be %s", (ticker) => {
    expect(read(row(ticker))).toEqual({ tickers: [ticker], rejected: {} });
  });

  test("with quotes around and in it is read as CSV is", () => {
    expect(read(row('"A""B,C"'))).toEqual({ tickers: ['A"B,C'], rejected: {} });
  });
});

describe("a number", () => {
  test.each([
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e999",
    "0x10",
    "1_000",
    "=1+1",
    "1 000",
    "١",
    "--1",
    "1e",
    "null",
    "true",
    "",
    " 1",
  ])("cannot be %p", (price) => {
    expect(read(row("I:SPX", `${price},${price},${price},${price}`))).toEqual({
      tickers: [],
      rejected: { "not a number": 1 },
    });
  });

  test("with a comma for thousands is none, and in quotes neither", () => {
    expect(read(row("I:SPX", '"1,000","1,000","1,000","1,000"')).rejected).toEqual({ "not a number": 1 });
    expect(read(row("I:SPX", "1,000,1,000,1,000,1,000")).rejected).toEqual({ "field count": 1 });
  });
});

describe("a stamp", () => {
  test.each([
    ["-62135596800000000000", "not a stamp"],
    ["253402300800000000000", "not a stamp"],
    ["-1", "not a stamp"],
    ["0", "not a stamp"],
    [`${OPEN_MS}`, "not a whole minute"],
    [`${OPEN_MS}000`, "not a whole minute"],
    [`${OPEN_MS}000000.5`, "not a stamp"],
    ["1.7322858e18", "not a stamp"],
    ["1e400", "not a stamp"],
    [`${OPEN_MS}000001`, "not a whole minute"],
    ["9999999999999999999", "not a whole minute"],
    ["0x1", "not a stamp"],
    ["", "not a stamp"],
    ["2024-11-22T14:30:00Z", "not a stamp"],
  ])("of %s is left out: %s", (stamp, reason) => {
    expect(read(row("I:SPX", "1,1,1,1", stamp))).toEqual({ tickers: [], rejected: { [reason]: 1 } });
  });
});

describe("a block of rows of one ticker that never ends", () => {
  test("is given up long before it fills the memory", () => {
    const parser = new DayParser({ date: DATE, wanted: "all", onBlock: () => {} });
    parser.push(Buffer.from(HEADER));
    const many = Buffer.from(row("I:SPX").repeat(10_000));
    const error = thrownBy(() => {
      for (let chunk = 0; chunk < 20; chunk++) parser.push(many);
    });
    expect(error).toMatchObject({
      kind: "data",
      code: "endless-block",
      reason: "I:SPX has more than 100,000 rows, and a day 1440 minutes",
    });
  });

  test("is none if other tickers come between", () => {
    const rows = (row("I:NDX").repeat(20_000) + row("I:SPX").repeat(20_000)).repeat(3);
    expect(read(rows).tickers).toEqual(["I:NDX", "I:SPX", "I:NDX", "I:SPX", "I:NDX", "I:SPX"]);
  });
});
