import { describe, expect, test } from "bun:test";
import { DATASETS } from "../../src/core/datasets.ts";
import { dropUnfinished, fetchMinuteBars, restTicker } from "../../src/massive/aggregates.ts";
import { jsonAnswer } from "../../src/sandbox/http/answer.ts";
import { barsFrom } from "../support/bars.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { FRIDAY, startVendor } from "./support.ts";

const SPX = { dataset: "indices", ticker: "I:SPX", from: FRIDAY, to: FRIDAY } as const;
const AAPL = { dataset: "stocks", ticker: "AAPL", from: FRIDAY, to: FRIDAY } as const;
const ANY_QUESTION = /\/v2\/aggs/;

/** Element `index` of `results`, one a minute from the opening of `FRIDAY` on. */
function resultAt(index: number) {
  return { t: Date.parse(`${FRIDAY}T14:30:00Z`) + index * 60_000, o: 1, h: 1, l: 1, c: 1 };
}

/** An answer of `count` bars. */
function barsAnswer(count: number, changes: Readonly<Record<string, unknown>> = {}) {
  const results = Array.from({ length: count }, (_, index) => resultAt(index));
  return { status: "OK", ticker: "I:SPX", results, ...changes };
}

describe("restTicker", () => {
  test("pairs lose their dash, everything else is as in the files", () => {
    const tickers = { indices: "I:SPX", stocks: "BRK.B", options: "O:SPY251121C00650000" };
    const pairs = { crypto: "X:BTC-USD", forex: "C:EUR-USD" };
    expect(DATASETS.map((dataset) => restTicker(dataset, { ...tickers, ...pairs }[dataset]))).toEqual([
      "I:SPX",
      "BRK.B",
      "O:SPY251121C00650000",
      "X:BTCUSD",
      "C:EURUSD",
    ]);
  });

  test("a dash in a stock's ticker stays", () => {
    expect(restTicker("stocks", "AAA-B")).toBe("AAA-B");
  });
});

describe("fetchMinuteBars", () => {
  test("gives the bars of an index", async () => {
    await using vendor = await startVendor();
    expect(await fetchMinuteBars(vendor.rest, SPX)).toEqual({
      bars: vendor.sandbox.truth("indices", "I:SPX", FRIDAY),
      delayed: false,
      requests: 1,
      rejected: [],
    });
  });

  test("asks for raw prices, oldest first, as many as a page holds", async () => {
    await using vendor = await startVendor();
    await fetchMinuteBars(vendor.rest, AAPL);
    await fetchMinuteBars(vendor.rest, SPX);
    expect(vendor.sandbox.requests.map(({ path, query }) => `${path}?${query}`)).toEqual([
      "/v2/aggs/ticker/AAPL/range/1/minute/2024-11-22/2024-11-22?sort=asc&limit=50000&adjusted=false",
      "/v2/aggs/ticker/I:SPX/range/1/minute/2024-11-22/2024-11-22?sort=asc&limit=50000",
    ]);
  });

  test("gives bars of stocks that belong together with those of the flat file", async () => {
    await using vendor = await startVendor();
    const { bars } = await fetchMinuteBars(vendor.rest, AAPL);
    const truth = vendor.sandbox.truth("stocks", "AAPL", FRIDAY);
    expect(bars.map((bar) => ({ ...bar, vwap: null }))).toEqual(truth.map((bar) => ({ ...bar, vwap: null })));
    expect(bars.every(({ vwap }) => vwap !== null)).toBe(true);
  });

  test("asks for a pair by its name in the API", async () => {
    await using vendor = await startVendor();
    const pair = { dataset: "crypto", ticker: "X:BTC-USD", from: FRIDAY, to: FRIDAY } as const;
    const { bars } = await fetchMinuteBars(vendor.rest, pair);
    expect(bars.length).toBe(1440);
  });

  test("a ticker cannot lead to another address", async () => {
    await using vendor = await startVendor();
    await rejectionOf(fetchMinuteBars(vendor.rest, { ...AAPL, ticker: "../../x?y=1#z" }));
    expect(vendor.sandbox.requests.map(({ path }) => path)).toEqual([
      "/v2/aggs/ticker/../../x?y=1#z/range/1/minute/2024-11-22/2024-11-22",
    ]);
  });

  test("a day without data has no bars", async () => {
    await using vendor = await startVendor();
    const sunday = { ...SPX, from: "2024-11-24", to: "2024-11-24" };
    expect(await fetchMinuteBars(vendor.rest, sunday)).toEqual({
      bars: [],
      delayed: false,
      requests: 1,
      rejected: [],
    });
  });

  test("says that the plan is delayed", async () => {
    await using vendor = await startVendor({ sandbox: { rest: { delayed: true } } });
    expect((await fetchMinuteBars(vendor.rest, SPX)).delayed).toBe(true);
  });

  test("follows an answer over its pages, with the key as a header only", async () => {
    await using vendor = await startVendor({ sandbox: { historyFrom: "2024-01-01" } });
    const pair = { dataset: "crypto", ticker: "X:BTC-USD", from: "2024-09-15", to: "2024-11-22" } as const;
    const { bars, requests } = await fetchMinuteBars(vendor.rest, pair);
    expect([bars.length, requests]).toEqual([69 * 1440 + 60, 2]);
    expect(new Set(bars.map(({ windowStartMs }) => windowStartMs)).size).toBe(bars.length);
    expect(vendor.sandbox.requests.every(({ query }) => !/key/i.test(query))).toBe(true);
  });

  test("puts bars in order and keeps the later of two of one minute", async () => {
    await using vendor = await startVendor();
    const newer = { ...resultAt(0), h: 2, c: 2 };
    const answer = jsonAnswer(200, barsAnswer(0, { results: [resultAt(1), resultAt(0), newer] }));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    const { bars } = await fetchMinuteBars(vendor.rest, SPX);
    expect(bars.map(({ windowStartMs, close }) => [windowStartMs, close])).toEqual([
      [Date.parse(`${FRIDAY}T14:30:00Z`), 2],
      [Date.parse(`${FRIDAY}T14:31:00Z`), 1],
    ]);
  });

  test("drops bars that come twice", async () => {
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "duplicate-bars" } });
    const { bars } = await fetchMinuteBars(vendor.rest, SPX);
    expect(bars).toEqual(vendor.sandbox.truth("indices", "I:SPX", FRIDAY));
  });

  test("leaves out and reports the odd bad bar", async () => {
    await using vendor = await startVendor();
    const { results } = barsAnswer(200);
    const bad = { ...resultAt(7), h: 0.5 };
    const answer = jsonAnswer(200, barsAnswer(0, { results: results.with(7, bad) }));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    const { bars, rejected } = await fetchMinuteBars(vendor.rest, SPX);
    expect(bars.length).toBe(199);
    expect(rejected).toEqual([
      { reason: "high or low not around open and close", text: JSON.stringify(bad) },
    ]);
  });

  test.each([
    [
      "too many bad bars",
      barsAnswer(1, { results: [{ t: 1 }] }),
      '1 of 1 bars are bad, first: not a number: {"t":1}',
    ],
    ["another shape", barsAnswer(1, { results: "none" }), "it is not one of bars of this ticker"],
    ["bars of another ticker", barsAnswer(1, { ticker: "I:NDX" }), "it is not one of bars of this ticker"],
  ])("refuses %s", async (_, json, reason) => {
    await using vendor = await startVendor();
    const answer = jsonAnswer(200, json);
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    expect(wordsOf(await rejectionOf(fetchMinuteBars(vendor.rest, SPX)))).toEqual({
      kind: "source",
      operation: "ask the API for I:SPX 2024-11-22",
      reason: `the answer cannot be used: ${reason}`,
      nextStep:
        "Nothing of it was kept. Run again later; the day's flat file replaces it once it is published.",
    });
  });

  test("refuses adjusted prices of stocks", async () => {
    await using vendor = await startVendor();
    const answer = jsonAnswer(200, barsAnswer(1, { ticker: "AAPL", adjusted: true }));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    const error = await rejectionOf(fetchMinuteBars(vendor.rest, AAPL));
    expect([error.code, error.reason]).toEqual([
      "bad-answer",
      "the answer cannot be used: its prices are adjusted for splits although we asked for those that traded",
    ]);
  });

  test("does not take the key to another server", async () => {
    await using vendor = await startVendor();
    await using other = await startVendor();
    const answer = jsonAnswer(200, barsAnswer(1, { next_url: `${other.sandbox.url}/v2/aggs/next?cursor=x` }));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    const error = await rejectionOf(fetchMinuteBars(vendor.rest, SPX));
    expect(wordsOf(error)).toEqual({
      kind: "source",
      operation: "ask the API for I:SPX 2024-11-22",
      reason: `the next page is said to be at ${other.sandbox.url}, which is not the API we were told to ask`,
      nextStep: "If that is the vendor's own server, set MASSIVE_API_URL to it.",
    });
    expect(other.sandbox.requests).toEqual([]);
  });

  test("an answer without an end is refused", async () => {
    await using vendor = await startVendor();
    const answer = jsonAnswer(
      200,
      barsAnswer(1, { next_url: `${vendor.sandbox.url}/v2/aggs/next?cursor=x` }),
    );
    vendor.sandbox.faults.add({ match: ANY_QUESTION, times: 1000, fault: { kind: "answer", answer } });
    const error = await rejectionOf(fetchMinuteBars(vendor.rest, SPX));
    expect(error.reason).toBe("the answer cannot be used: it has more than 200 pages");
    expect(vendor.sandbox.requests.length).toBe(200);
  });
});

describe("dropUnfinished", () => {
  test("keeps the bars whose minute is over", () => {
    const startMs = Date.parse("2024-11-25T20:00:00Z");
    const bars = barsFrom(startMs, [1, 2, 3]);
    const kept = [0, 59_999, 60_000, 120_000, 179_999, 180_000].map(
      (afterMs) => dropUnfinished(bars, startMs + afterMs).length,
    );
    expect(kept).toEqual([0, 0, 1, 2, 2, 3]);
  });
});
