import { describe, expect, test } from "bun:test";
import type { KnownBatch } from "../../../src/workflows/planning/facts.ts";
import { makePlan } from "../../../src/workflows/planning/plan.ts";
import { factsOf, file, fromApi, type Given } from "./plan-facts.ts";

/** `ticker date: action, reason` of every day of a plan. */
function daysOf(given: Given): string[] {
  return makePlan(factsOf(given)).days.map(
    ({ ticker, date, action, reason }) => `${ticker} ${date}: ${action}, ${reason}`,
  );
}

describe("days on which there can be no bars", () => {
  test.each([
    ["I:SPX", "2023-02-13", "2023-02-14"],
    ["AAPL", "2003-09-09", "2003-09-10"],
    ["O:SPY251121C00650000", "2014-06-01", "2014-06-02"],
    ["X:BTC-USD", "2013-11-03", "2013-11-04"],
    ["C:EUR-USD", "2009-09-24", "2009-09-25"],
  ])("%s: %s is before the vendor's history, %s is its first day", (ticker, before, first) => {
    expect(daysOf({ symbols: [ticker], from: before, to: first, api: true })).toEqual([
      `${ticker} ${before}: none, before the vendor's history`,
      `${ticker} ${first}: ask API, not published yet, so API`,
    ]);
  });

  test("a holiday and a weekend have no session, except where trade goes on", () => {
    const given = { from: "2024-11-28", to: "2024-12-01", now: "2024-12-05T12:00:00-05:00", api: true };
    const none = "none, closed";
    const api = "ask API, not published yet, so API";
    expect(daysOf({ ...given, symbols: ["AAPL", "X:BTC-USD", "C:EUR-USD"] })).toEqual([
      `AAPL 2024-11-28: ${none}`,
      `AAPL 2024-11-29: ${api}`,
      `AAPL 2024-11-30: ${none}`,
      `AAPL 2024-12-01: ${none}`,
      `X:BTC-USD 2024-11-28: ${api}`,
      `X:BTC-USD 2024-11-29: ${api}`,
      `X:BTC-USD 2024-11-30: ${api}`,
      `X:BTC-USD 2024-12-01: ${api}`,
      `C:EUR-USD 2024-11-28: ${api}`,
      `C:EUR-USD 2024-11-29: ${api}`,
      `C:EUR-USD 2024-11-30: ${none}`,
      `C:EUR-USD 2024-12-01: ${api}`,
    ]);
  });

  test("a file on a day without a session is left alone", () => {
    const given = { symbols: ["SPX"], wholeDatasets: ["indices"], from: "2024-11-28" } as const;
    expect(daysOf({ ...given, now: "2024-12-05T12:00:00Z", files: [file("indices", "2024-11-28")] })).toEqual(
      ["* 2024-11-28: none, closed", "I:SPX 2024-11-28: none, closed"],
    );
  });

  test("tomorrow is in the future, today is not, by New York's clock", () => {
    const given = { symbols: ["SPX"], from: "2024-11-21", to: "2024-11-22", api: true };
    const [today, tomorrow] = ["ask API, not published yet, so API", "none, in the future"];
    const expected = [`I:SPX 2024-11-21: ${today}`, `I:SPX 2024-11-22: ${tomorrow}`];
    expect(daysOf({ ...given, now: "2024-11-21T00:00:00-05:00" })).toEqual(expected);
    expect(daysOf({ ...given, now: "2024-11-21T23:59:59.999-05:00" })).toEqual(expected);
    expect(daysOf({ ...given, now: "2024-11-22T00:00:00-05:00" })[1]).toBe(`I:SPX 2024-11-22: ${today}`);
  });

  test("a UTC day that has begun is still in the future while New York's has not", () => {
    const given = { symbols: ["X:BTC-USD"], from: "2024-11-22", to: "2024-11-23", api: true };
    expect(daysOf({ ...given, now: "2024-11-22T21:00:00-05:00" })).toEqual([
      "X:BTC-USD 2024-11-22: ask API, not published yet, so API",
      "X:BTC-USD 2024-11-23: none, in the future",
    ]);
  });

  test("a future holiday has no session, which is the better reason", () => {
    expect(daysOf({ symbols: ["SPX"], from: "2024-12-25" })).toEqual(["I:SPX 2024-12-25: none, closed"]);
  });
});

describe("a day that came by API", () => {
  const KEEP = "keep, up to date";
  const ASK = "ask API, not published yet, so API";

  test.each([
    ["I:SPX", "winter", "2024-11-22", "2024-11-23T01:15:00Z"],
    ["AAPL", "winter", "2024-11-22", "2024-11-23T01:15:00Z"],
    ["O:SPY251121C00650000", "winter", "2024-11-22", "2024-11-23T01:15:00Z"],
    ["X:BTC-USD", "winter", "2024-11-22", "2024-11-23T00:15:00Z"],
    ["C:EUR-USD", "winter", "2024-11-21", "2024-11-22T05:15:00Z"],
    ["I:SPX", "summer", "2024-07-10", "2024-07-11T00:15:00Z"],
    ["AAPL", "an early close", "2024-07-03", "2024-07-04T00:15:00Z"],
    ["X:BTC-USD", "summer", "2024-07-10", "2024-07-11T00:15:00Z"],
    ["C:EUR-USD", "summer", "2024-07-10", "2024-07-11T04:15:00Z"],
    ["X:BTC-USD", "the day New York's clocks change", "2024-11-03", "2024-11-04T00:15:00Z"],
    ["C:EUR-USD", "the day New York's clocks change", "2024-11-03", "2024-11-04T05:15:00Z"],
  ])("%s (%s, %s) is whole if it was read at %s", (ticker, _when, date, overAt) => {
    const given = { symbols: [ticker], from: date, api: true };
    const justBefore = new Date(Date.parse(overAt) - 1).toISOString();
    expect(daysOf({ ...given, batches: { [`${ticker} ${date}`]: fromApi(overAt) } })).toEqual([
      `${ticker} ${date}: ${KEEP}`,
    ]);
    expect(daysOf({ ...given, batches: { [`${ticker} ${date}`]: fromApi(justBefore) } })).toEqual([
      `${ticker} ${date}: ${ASK}`,
    ]);
  });

  test("of an index is asked for again while it lacks a minute, until two days after it", () => {
    const given = { symbols: ["SPX"], from: "2024-11-22", api: true, now: "2024-11-27T12:00:00-05:00" };
    const planned = (readAt: string, fields: Partial<KnownBatch>) =>
      daysOf({ ...given, batches: { "I:SPX 2024-11-22": fromApi(readAt, fields) } });
    for (const sessionBarCount of [1, 389]) {
      const lacking = { barCount: sessionBarCount, sessionBarCount };
      expect(planned("2024-11-23T01:15:00Z", lacking)).toEqual([`I:SPX 2024-11-22: ${ASK}`]);
      expect(planned("2024-11-25T01:14:59.999Z", lacking)).toEqual([`I:SPX 2024-11-22: ${ASK}`]);
      expect(planned("2024-11-25T01:15:00Z", lacking)).toEqual([`I:SPX 2024-11-22: ${KEEP}`]);
    }
    const nothing = { barCount: 0, sessionBarCount: 0 };
    expect(planned("2024-11-27T01:15:00Z", nothing)).toEqual([`I:SPX 2024-11-22: ${ASK}`]);
    const outside = { barCount: 500, sessionBarCount: 389 };
    expect(planned("2024-11-23T01:15:00Z", outside)).toEqual([`I:SPX 2024-11-22: ${ASK}`]);
  });

  test("of a stock is asked for again only while it has no bar at all, until two days after it", () => {
    const given = { symbols: ["AAPL"], from: "2024-11-22", api: true, now: "2024-11-27T12:00:00-05:00" };
    const planned = (readAt: string, barCount: number) =>
      daysOf({ ...given, batches: { "AAPL 2024-11-22": fromApi(readAt, { barCount, sessionBarCount: 0 }) } });
    expect(planned("2024-11-23T01:15:00Z", 1)).toEqual([`AAPL 2024-11-22: ${KEEP}`]);
    expect(planned("2024-11-23T01:15:00Z", 0)).toEqual([`AAPL 2024-11-22: ${ASK}`]);
    expect(planned("2024-11-25T01:15:00Z", 0)).toEqual([`AAPL 2024-11-22: ${KEEP}`]);
  });

  test("read on the evening that --today stands for, only forex has more to come", () => {
    const evening = "2024-11-21T21:00:00-05:00";
    const symbols = ["I:SPX", "AAPL", "X:BTC-USD", "C:EUR-USD"];
    const batches = Object.fromEntries(symbols.map((ticker) => [`${ticker} 2024-11-21`, fromApi(evening)]));
    expect(daysOf({ symbols, from: "2024-11-21", now: evening, api: true, batches })).toEqual([
      `I:SPX 2024-11-21: ${KEEP}`,
      `AAPL 2024-11-21: ${KEEP}`,
      `X:BTC-USD 2024-11-21: ${KEEP}`,
      `C:EUR-USD 2024-11-21: ${ASK}`,
    ]);
  });
});
