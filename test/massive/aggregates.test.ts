import { describe, expect, test } from "bun:test";
import type { Bar } from "../../src/core/bar.ts";
import { DATASETS } from "../../src/core/datasets.ts";
import {
  dropUnfinished,
  minuteBarPages,
  restTicker,
  type MinuteBarsPage,
  type MinuteBarsQuestion,
} from "../../src/massive/aggregates.ts";
import { jsonAnswer } from "../../src/sandbox/http/answer.ts";
import { barsFrom } from "../support/bars.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { FRIDAY, startVendor, type Vendor } from "./support.ts";

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

/** All pages of an answer. */
function pagesOf({ rest }: Pick<Vendor, "rest">, question: MinuteBarsQuestion): Promise<MinuteBarsPage[]> {
  return Array.fromAsync(minuteBarPages(rest, question));
}

/** All bars of an answer. */
async function barsOf(vendor: Pick<Vendor, "rest">, question: MinuteBarsQuestion): Promise<Bar[]> {
  return (await pagesOf(vendor, question)).flatMap(({ bars }) => bars);
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

describe("minuteBarPages", () => {
  test("gives the bars of an index", async () => {
    await using vendor = await startVendor();
    expect(await pagesOf(vendor, SPX)).toEqual([
      {
        bars: vendor.sandbox.truth("indices", "I:SPX", FRIDAY),
        isLast: true,
        delayed: false,
        rejected: [],
      },
    ]);
  });

  test("asks for raw prices, oldest first, as many as a page holds", async () => {
    await using vendor = await startVendor();
    await pagesOf(vendor, AAPL);
    await pagesOf(vendor, SPX);
    expect(vendor.sandbox.requests.map(({ path, query }) => `${path}?${query}`)).toEqual([
      "/v2/aggs/ticker/AAPL/range/1/minute/2024-11-22/2024-11-22?sort=asc&limit=50000&adjusted=false",
      "/v2/aggs/ticker/I:SPX/range/1/minute/2024-11-22/2024-11-22?sort=asc&limit=50000",
    ]);
  });

  test("gives bars of stocks that belong together with those of the flat file", async () => {
    await using vendor = await startVendor();
    const bars = await barsOf(vendor, AAPL);
    const truth = vendor.sandbox.truth("stocks", "AAPL", FRIDAY);
    expect(bars.map((bar) => ({ ...bar, vwap: null }))).toEqual(truth.map((bar) => ({ ...bar, vwap: null })));
    expect(bars.every(({ vwap }) => vwap !== null)).toBe(true);
  });

  test("asks for a pair by its name in the API", async () => {
    await using vendor = await startVendor();
    const pair = { dataset: "crypto", ticker: "X:BTC-USD", from: FRIDAY, to: FRIDAY } as const;
    expect((await barsOf(vendor, pair)).length).toBe(1440);
  });

  test("asks for days of crypto as they are, from midnight to midnight UTC", async () => {
    await using vendor = await startVendor();
    const pair = { dataset: "crypto", ticker: "X:BTC-USD", from: "2024-11-21", to: FRIDAY } as const;
    const bars = await barsOf(vendor, pair);
    const [first, last] = [bars[0]?.windowStartMs, bars.at(-1)?.windowStartMs];
    expect([first, last]).toEqual([Date.parse("2024-11-21T00:00:00Z"), Date.parse("2024-11-22T23:59:00Z")]);
    expect(vendor.sandbox.requests.map(({ path }) => path)).toEqual([
      "/v2/aggs/ticker/X:BTCUSD/range/1/minute/1732147200000/1732319999999",
    ]);
  });

  test("a ticker cannot lead to another address", async () => {
    await using vendor = await startVendor();
    await rejectionOf(pagesOf(vendor, { ...AAPL, ticker: "../../x?y=1#z" }));
    expect(vendor.sandbox.requests.map(({ path }) => path)).toEqual([
      "/v2/aggs/ticker/../../x?y=1#z/range/1/minute/2024-11-22/2024-11-22",
    ]);
  });

  test("a day without data has no bars", async () => {
    await using vendor = await startVendor();
    const sunday = { ...SPX, from: "2024-11-24", to: "2024-11-24" };
    expect(await pagesOf(vendor, sunday)).toEqual([{ bars: [], isLast: true, delayed: false, rejected: [] }]);
  });

  test("says that the plan is delayed", async () => {
    await using vendor = await startVendor({ sandbox: { rest: { delayed: true } } });
    expect((await pagesOf(vendor, SPX)).map(({ delayed }) => delayed)).toEqual([true]);
  });

  test("follows an answer over its pages, with the key as a header only", async () => {
    await using vendor = await startVendor({ sandbox: { historyFrom: "2024-01-01" } });
    const pair = { dataset: "crypto", ticker: "X:BTC-USD", from: "2024-09-15", to: "2024-11-22" } as const;
    let sent = 0;
    const pages = await pagesOf(vendor, { ...pair, onSent: () => void sent++ });
    expect(pages.map(({ bars, isLast }) => [bars.length, isLast])).toEqual([
      [50_000, false],
      [69 * 1440 - 50_000, true],
    ]);
    expect(sent).toBe(2);
    const stamps = pages.flatMap(({ bars }) => bars.map(({ windowStartMs }) => windowStartMs));
    expect(stamps).toEqual([...new Set(stamps)].toSorted((a, b) => a - b));
    expect(vendor.sandbox.requests.every(({ query }) => !/key/i.test(query))).toBe(true);
  });

  test("puts bars in order and keeps the later of two of one minute", async () => {
    await using vendor = await startVendor();
    const newer = { ...resultAt(0), h: 2, c: 2 };
    const answer = jsonAnswer(200, barsAnswer(0, { results: [resultAt(1), resultAt(0), newer] }));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    const bars = await barsOf(vendor, SPX);
    expect(bars.map(({ windowStartMs, close }) => [windowStartMs, close])).toEqual([
      [Date.parse(`${FRIDAY}T14:30:00Z`), 2],
      [Date.parse(`${FRIDAY}T14:31:00Z`), 1],
    ]);
  });

  test("drops bars that come twice", async () => {
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "duplicate-bars" } });
    const bars = await barsOf(vendor, SPX);
    expect(bars).toEqual(vendor.sandbox.truth("indices", "I:SPX", FRIDAY));
  });

  test("leaves out and reports the odd bad bar", async () => {
    await using vendor = await startVendor();
    const { results } = barsAnswer(200);
    const bad = { ...resultAt(7), h: 0.5 };
    const answer = jsonAnswer(200, barsAnswer(0, { results: results.with(7, bad) }));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    const pages = await pagesOf(vendor, SPX);
    expect(pages.map(({ bars, rejected }) => [bars.length, rejected])).toEqual([
      [199, [{ reason: "high or low not around open and close", text: JSON.stringify(bad) }]],
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
    expect(wordsOf(await rejectionOf(pagesOf(vendor, SPX)))).toEqual({
      kind: "source",
      operation: "ask the API for I:SPX 2024-11-22",
      reason: `the answer cannot be used: ${reason}`,
      nextStep:
        "No bar of this page was kept. Run again later; the day's flat file brings them once it is published.",
    });
  });

  test("refuses adjusted prices of stocks", async () => {
    await using vendor = await startVendor();
    const answer = jsonAnswer(200, barsAnswer(1, { ticker: "AAPL", adjusted: true }));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    const error = await rejectionOf(pagesOf(vendor, AAPL));
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
    const error = await rejectionOf(pagesOf(vendor, SPX));
    expect(wordsOf(error)).toEqual({
      kind: "source",
      operation: "ask the API for I:SPX 2024-11-22",
      reason: `the next page is said to be at ${other.sandbox.url}, which is not the API we were told to ask`,
      nextStep: "If that is the vendor's own server, set MASSIVE_API_URL to it.",
    });
    expect(other.sandbox.requests).toEqual([]);
  });

  test("an answer that leads back to itself is refused", async () => {
    await using vendor = await startVendor();
    const next = `${vendor.sandbox.url}/v2/aggs/next?cursor=x`;
    const answer = jsonAnswer(200, barsAnswer(1, { next_url: next }));
    const again = jsonAnswer(200, barsAnswer(2, { next_url: next }));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer: again } });
    const error = await rejectionOf(pagesOf(vendor, SPX));
    expect(error.reason).toBe("the answer cannot be used: its next page is one that was read already");
    expect(vendor.sandbox.requests.length).toBe(2);
  });

  test("of a page with too many bad bars nothing is given, what came before it is", async () => {
    await using vendor = await startVendor();
    const next = `${vendor.sandbox.url}/v2/aggs/next?cursor=x`;
    const { results } = barsAnswer(5);
    const bad = results.with(4, { ...resultAt(4), h: 0.5 });
    for (const json of [barsAnswer(2, { next_url: next }), barsAnswer(0, { results: bad.slice(2) })])
      vendor.sandbox.faults.add({
        match: ANY_QUESTION,
        fault: { kind: "answer", answer: jsonAnswer(200, json) },
      });
    const given: number[] = [];
    const error = await rejectionOf(
      (async () => {
        for await (const { bars } of minuteBarPages(vendor.rest, SPX)) given.push(bars.length);
      })(),
    );
    expect(given).toEqual([2]);
    expect(error.reason).toStartWith("the answer cannot be used: 1 of 3 bars are bad, first: high or low");
  });

  test.each([
    ["a bad bar", { results: [{ t: "key sandbox-api-key" }] }],
    ["the place of the next page", { next_url: "https://sandbox-api-key.example/v2" }],
  ])("a key that is quoted by %s is not told", async (_, changes) => {
    await using vendor = await startVendor();
    const answer = jsonAnswer(200, barsAnswer(1, changes));
    vendor.sandbox.faults.add({ match: ANY_QUESTION, fault: { kind: "answer", answer } });
    const error = await rejectionOf(pagesOf(vendor, SPX));
    expect(error.reason).toContain("***");
    expect(Bun.inspect(error, { depth: 10 })).not.toContain("sandbox-api-key");
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
