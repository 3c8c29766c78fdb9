import { describe, expect, test } from "bun:test";
import { findBatch } from "../../src/cache/batches.ts";
import { problemsOf } from "../../src/cache/problems.ts";
import type { Dataset } from "../../src/core/datasets.ts";
import { datesBetween } from "../../src/core/dates.ts";
import { sessionDates } from "../../src/core/session-dates.ts";
import { parseSymbol } from "../../src/core/symbols.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { jsonAnswer, textAnswer } from "../../src/sandbox/http/answer.ts";
import { askApi } from "../../src/workflows/ask-api.ts";
import { requestsFor } from "../../src/workflows/planning/requests.ts";
import { FRIDAY, MONDAY_MS, startVendor } from "../massive/support.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { contextOf } from "./run-context.ts";

/** The one request for dates of a symbol, as a plan has it. */
function requestFor(name: string, dates: readonly string[]) {
  const [request, ...others] = requestsFor(parseSymbol(name), dates);
  if (request === undefined || others.length > 0) throw new Error("not one request");
  return request;
}

/** The bars of the cache of one day, as a flat file would have them: without what only the API knows. */
async function heldBars({ cache }: TempCache, dataset: Dataset, ticker: string, date: string) {
  const { bars } = heldOf(cache, await keyOf(cache, ticker, date, dataset));
  return bars.map((bar) => ({ ...bar, vwap: null }));
}

function truth(sandbox: Sandbox, dataset: Dataset, ticker: string, date: string) {
  return sandbox.truth(dataset, ticker, date).map((bar) => ({ ...bar, vwap: null }));
}

/** Sixty-nine days: two pages of 50,000 minutes. */
const PAIR_DATES = datesBetween("2024-09-15", "2024-11-22");
/** The first page ends within this day, after 34 days and 1,040 minutes. */
const DAY_OF_TWO_PAGES = PAIR_DATES[34] ?? "";
const LONG = { sandbox: { historyFrom: "2024-01-01" } };

describe("an answer of several pages", () => {
  test("has every day as it is, that of two pages too", async () => {
    using temp = tempCache();
    await using vendor = await startVendor(LONG);
    const request = requestFor("X:BTC-USD", PAIR_DATES);
    const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, request);
    expect(answer).toEqual({
      dataset: "crypto",
      dates: PAIR_DATES,
      requests: 2,
      changes: [{ batches: 69, bars: 69 * 1440, added: 69 * 1440, changed: 0, removed: 0 }],
      rejected: 0,
      failures: [],
      ended: null,
      trouble: null,
    });
    for (const date of [PAIR_DATES[0] ?? "", DAY_OF_TWO_PAGES, PAIR_DATES[35] ?? "", FRIDAY])
      expect(await heldBars(temp, "crypto", "X:BTC-USD", date)).toEqual(
        truth(vendor.sandbox, "crypto", "X:BTC-USD", date),
      );
  });

  test("keeps the days of the pages before one that fails, and names only the others", async () => {
    using temp = tempCache();
    await using vendor = await startVendor(LONG);
    const broken = { kind: "answer", answer: textAnswer(502, "text/html", "<html></html>") } as const;
    vendor.sandbox.faults.add({ match: /cursor=/, times: 4, fault: broken });
    const request = requestFor("X:BTC-USD", PAIR_DATES);
    const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, request);
    expect({ ...answer, failures: answer.failures.map(({ date }) => date) }).toEqual({
      dataset: "crypto",
      dates: PAIR_DATES.slice(0, 34),
      requests: 5,
      changes: [{ batches: 34, bars: 34 * 1440, added: 34 * 1440, changed: 0, removed: 0 }],
      rejected: 0,
      failures: PAIR_DATES.slice(34),
      ended: null,
      trouble: expect.objectContaining({ code: "transient" }),
    });
    const key = await keyOf(temp.cache, "X:BTC-USD", DAY_OF_TWO_PAGES, "crypto");
    expect(findBatch(temp.cache, key)).toBeNull();
    const problems = problemsOf(temp.cache, "crypto", PAIR_DATES[0] ?? "", FRIDAY);
    expect(problems.map(({ date, state }) => [date, state])).toEqual(
      PAIR_DATES.slice(34).map((date) => [date, "failed"]),
    );
  });

  test("that was begun again after a failure brings the rest, and forgets why it was not there", async () => {
    using temp = tempCache();
    await using vendor = await startVendor(LONG);
    const broken = { kind: "answer", answer: textAnswer(502, "text/html", "<html></html>") } as const;
    vendor.sandbox.faults.add({ match: /cursor=/, times: 4, fault: broken });
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const { failures } = await askApi(context, vendor.rest, requestFor("X:BTC-USD", PAIR_DATES));
    const rest = failures.map(({ date }) => date);
    const answer = await askApi(context, vendor.rest, requestFor("X:BTC-USD", rest));
    expect([answer.dates, answer.requests]).toEqual([rest, 2]);
    expect(problemsOf(temp.cache, "crypto", PAIR_DATES[0] ?? "", FRIDAY)).toEqual([]);
  });

  test("is ended by Ctrl-C between two pages; what was written stays", async () => {
    using temp = tempCache();
    await using vendor = await startVendor(LONG);
    vendor.sandbox.faults.add({ match: /cursor=/, fault: { kind: "stall" } });
    const stop = new AbortController();
    const reason = new Error("Ctrl-C");
    const context = contextOf(temp, { nowMs: MONDAY_MS, signal: stop.signal });
    const asked: unknown = await askApi(context, vendor.rest, requestFor("X:BTC-USD", PAIR_DATES), () =>
      setImmediate(() => void temp.cache.write(() => stop.abort(reason))),
    ).catch((error: unknown) => error);
    expect(asked).toBe(reason);
    const { n } = temp.cache.db.query<{ n: number }, []>("SELECT count(*) AS n FROM batches").get() ?? {
      n: 0,
    };
    expect(n).toBe(34);
    expect(problemsOf(temp.cache, "crypto", PAIR_DATES[0] ?? "", FRIDAY)).toEqual([]);
  });
});

describe("what is written", () => {
  test("is no minute that is still running", async () => {
    using temp = tempCache();
    // 10:30:20 in New York: the minute of 10:30 is not over.
    const nowMs = Date.parse("2024-11-22T15:30:20Z");
    await using vendor = await startVendor({ sandbox: { nowMs: () => nowMs } });
    await askApi(contextOf(temp, { nowMs }), vendor.rest, requestFor("SPX", [FRIDAY]));
    const bars = await heldBars(temp, "indices", "I:SPX", FRIDAY);
    expect(bars).toHaveLength(60);
    expect(bars.at(-1)?.windowStartMs).toBe(Date.parse("2024-11-22T15:29:00Z"));
  });

  test("is each minute once, though the API sends it twice", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: /SPX/, fault: { kind: "duplicate-bars" } });
    await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", [FRIDAY]));
    expect(await heldBars(temp, "indices", "I:SPX", FRIDAY)).toEqual(
      truth(vendor.sandbox, "indices", "I:SPX", FRIDAY),
    );
  });

  test("is nothing of the days between those that are wanted", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const dates = ["2024-11-18", "2024-11-21"];
    const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", dates));
    expect([answer.dates, answer.requests]).toEqual([dates, 1]);
    const held = temp.cache.db.query<{ date: string }, []>("SELECT date FROM manifest ORDER BY date").all();
    expect(held.map(({ date }) => date)).toEqual(dates);
  });

  test.each([
    ["delayed", true, MONDAY_MS - 15 * 60_000],
    ["not delayed", false, MONDAY_MS],
  ])("is marked when the plan is %s", async (_, delayed, readAtMs) => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { delayed } } });
    await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", [FRIDAY]));
    const batch = findBatch(temp.cache, await keyOf(temp.cache, "I:SPX", FRIDAY));
    expect([batch?.isDelayed, batch?.readAtMs]).toEqual([Number(delayed), readAtMs]);
  });

  test("is nothing of an answer with adjusted prices", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const results = [{ t: Date.parse(`${FRIDAY}T15:00:00Z`), o: 1, h: 1, l: 1, c: 1, v: 1 }];
    const answer = jsonAnswer(200, { status: "OK", ticker: "AAPL", adjusted: true, results });
    vendor.sandbox.faults.add({ match: /AAPL/, fault: { kind: "answer", answer } });
    const asked = await askApi(
      contextOf(temp, { nowMs: MONDAY_MS }),
      vendor.rest,
      requestFor("AAPL", [FRIDAY]),
    );
    expect(asked.failures.map(({ date, error }) => [date, error])).toEqual([
      [
        FRIDAY,
        "ask the API for AAPL 2024-11-22: the answer cannot be used: its prices are adjusted for splits although we asked for those that traded",
      ],
    ]);
    expect(await heldBars(temp, "stocks", "AAPL", FRIDAY)).toEqual([]);
  });
});

/** The answer about these days of SPX, as a page that leads to another one. */
function pageOf(sandbox: Sandbox, dates: readonly string[], nextUrl?: string, backwards = false) {
  const bars = dates.flatMap((date) => sandbox.truth("indices", "I:SPX", date));
  const results = bars.map(({ windowStartMs: t, open: o, high: h, low: l, close: c }) => ({
    t,
    o,
    h,
    l,
    c,
  }));
  if (backwards) results.reverse();
  const next = nextUrl === undefined ? {} : { next_url: nextUrl };
  return {
    kind: "answer",
    answer: jsonAnswer(200, { status: "OK", ticker: "I:SPX", results, ...next }),
  } as const;
}

describe("an answer whose pages are not in order", () => {
  const DATES = ["2024-11-18", "2024-11-19", "2024-11-20", "2024-11-21", "2024-11-22"];

  test("never makes a day empty: days that a page has passed over are not had", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const { sandbox } = vendor;
    const next = `${sandbox.url}/v2/aggs/ticker/I:SPX/range/1/minute/1/2?cursor=x`;
    sandbox.faults.add({ match: /2024-11-18\/2024-11-22/, fault: pageOf(sandbox, DATES.slice(3), next) });
    sandbox.faults.add({ match: /cursor=x/, fault: pageOf(sandbox, DATES.slice(0, 3)) });
    const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", DATES));
    expect(answer.dates).toEqual(["2024-11-21"]);
    expect(answer.failures.map(({ date }) => date)).toEqual([...DATES.slice(0, 3), "2024-11-22"]);
    expect(answer.trouble?.reason).toBe(
      "the answer cannot be used: a page has nothing later than the one before it",
    );
    expect(temp.cache.db.query("SELECT date FROM manifest").all()).toEqual([{ date: "2024-11-21" }]);
  });

  test("is refused at its first page if that goes back in time", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const { sandbox } = vendor;
    const next = `${sandbox.url}/v2/aggs/ticker/I:SPX/range/1/minute/1/2?cursor=x`;
    const fault = pageOf(sandbox, DATES.slice(2), next, true);
    sandbox.faults.add({ match: /2024-11-18\/2024-11-22/, fault });
    const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", DATES));
    expect([answer.dates, answer.requests]).toEqual([[], 1]);
    expect(answer.trouble?.reason).toBe(
      "the answer cannot be used: its bars go back in time, though we asked for them in order",
    );
  });

  test("is taken whole if it is one page, in whatever order", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const fault = pageOf(vendor.sandbox, DATES, undefined, true);
    vendor.sandbox.faults.add({ match: /I:SPX/, fault });
    const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", DATES));
    expect([answer.dates, answer.failures]).toEqual([DATES, []]);
    for (const date of DATES)
      expect(await heldBars(temp, "indices", "I:SPX", date)).toEqual(
        truth(vendor.sandbox, "indices", "I:SPX", date),
      );
  });
});

test("ten years of a stock come page by page, as many requests as pages", async () => {
  using temp = tempCache();
  await using vendor = await startVendor({ sandbox: { historyFrom: "2014-11-01" } });
  const dates = sessionDates("stocks", "2014-11-24", "2024-11-22", "2024-11-22");
  const context = contextOf(temp, { nowMs: MONDAY_MS });
  let pages = 0;
  const answer = await askApi(context, vendor.rest, requestFor("AAPL", dates), () => void pages++);
  const bars = answer.changes.reduce((sum, changes) => sum + changes.bars, 0);
  expect(answer.dates).toEqual(dates);
  expect([answer.requests, pages, answer.failures]).toEqual([Math.ceil(bars / 50_000), pages, []]);
  expect(pages).toBe(answer.requests);
  for (const date of [dates[0] ?? "", dates[1200] ?? "", dates.at(-1) ?? ""])
    expect(await heldBars(temp, "stocks", "AAPL", date)).toEqual(
      truth(vendor.sandbox, "stocks", "AAPL", date),
    );
}, 60_000);
