import { describe, expect, test } from "bun:test";
import { readColumns, type Columns } from "../../src/csv/columns.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const INDICES: Columns = {
  count: 6,
  ticker: 0,
  open: 1,
  close: 2,
  high: 3,
  low: 4,
  volume: null,
  vwap: null,
  transactions: null,
  windowStart: 5,
  stampForm: "nanoseconds",
};

describe("readColumns", () => {
  test("reads the vendor's header of indices", () => {
    expect(readColumns("ticker,open,close,high,low,window_start")).toEqual(INDICES);
  });

  test("reads the vendor's header of stocks, options, crypto and forex", () => {
    expect(readColumns("ticker,volume,open,close,high,low,window_start,transactions")).toEqual({
      count: 8,
      ticker: 0,
      volume: 1,
      open: 2,
      close: 3,
      high: 4,
      low: 5,
      windowStart: 6,
      transactions: 7,
      vwap: null,
      stampForm: "nanoseconds",
    });
  });

  test("reads the guide's older header", () => {
    expect(readColumns("timestamp,ticker,open,high,low,close")).toEqual({
      count: 6,
      windowStart: 0,
      ticker: 1,
      open: 2,
      high: 3,
      low: 4,
      close: 5,
      volume: null,
      vwap: null,
      transactions: null,
      stampForm: "iso",
    });
  });

  test("finds columns by name in any order, beside columns it does not know", () => {
    expect(readColumns("otc,low,window_start,vwap,high,volume,ticker,close,open,transactions")).toEqual({
      count: 10,
      low: 1,
      windowStart: 2,
      vwap: 3,
      high: 4,
      volume: 5,
      ticker: 6,
      close: 7,
      open: 8,
      transactions: 9,
      stampForm: "nanoseconds",
    });
  });

  test.each([
    ["a byte order mark", "\uFEFFticker,open,close,high,low,window_start"],
    ["a carriage return", "ticker,open,close,high,low,window_start\r"],
    ["quotes", '"ticker","open","close","high","low","window_start"'],
    ["quotes after a byte order mark", '\uFEFF"ticker",open,close,high,low,"window_start"\r'],
    ["spaces", "ticker, open, close, high, low, window_start "],
  ])("does not mind %s", (_what, header) => {
    expect(readColumns(header)).toEqual(INDICES);
  });

  test("prefers window_start where timestamp stands too", () => {
    const { windowStart, stampForm } = readColumns("timestamp,ticker,open,high,low,close,window_start");
    expect({ windowStart, stampForm }).toEqual({ windowStart: 6, stampForm: "nanoseconds" });
  });

  test.each(["ticker", "open", "close", "high", "low"])("misses %s", (name) => {
    const names = ["ticker", "open", "close", "high", "low", "window_start"];
    const header = names.filter((one) => one !== name).join(",");
    const error = thrownBy(() => readColumns(header));
    expect({ ...wordsOf(error), code: error.code }).toEqual({
      kind: "data",
      code: "bad-header",
      operation: `read the header "${header}"`,
      reason: `it has no column ${name}`,
      nextStep:
        "This is not a file of minute bars. Expected ticker,…,open,close,high,low,window_start (any order).",
    });
  });

  test.each([
    ["ticker,open,close,high,low", "it has no column timestamp"],
    ["Ticker,open,close,high,low,window_start", "it has no column ticker"],
    ["ticker;open;close;high;low;window_start", "it has no column ticker"],
    ["ticker,open,close,high,low,window_start,close", "it names close twice"],
    ["ticker,ticker,open,close,high,low,window_start", "it names ticker twice"],
    ["ticker,open,close,high,low,window_start,window_start", "it names window_start twice"],
    ["ticker,volume,open,close,high,low,window_start,volume", "it names volume twice"],
    ["", "it has no column ticker"],
    ["<!DOCTYPE html>", "it has no column ticker"],
  ])("refuses %j", (header, reason) => {
    const error = thrownBy(() => readColumns(header));
    expect([error.kind, error.code, error.reason]).toEqual(["data", "bad-header", reason]);
  });

  test("shows only the beginning of a long line", () => {
    const error = thrownBy(() => readColumns("x".repeat(1000)));
    expect(error.operation).toBe(`read the header "${"x".repeat(120)}…"`);
  });
});
