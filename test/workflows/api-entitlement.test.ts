import { describe, expect, test } from "bun:test";
import {
  EVERY_DAY,
  knownEntitlements,
  rememberEntitlement,
  type Entitlement,
} from "../../src/cache/entitlements.ts";
import { parseSymbol } from "../../src/core/symbols.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { jsonAnswer } from "../../src/sandbox/http/answer.ts";
import { askApi } from "../../src/workflows/ask-api.ts";
import { MONDAY_MS, startVendor } from "../massive/support.ts";
import { tempCache } from "../support/temp-cache.ts";
import { contextOf } from "./run-context.ts";

const WEEK = ["2024-11-18", "2024-11-19", "2024-11-20", "2024-11-21", "2024-11-22"];
const DAY_MS = 86_400_000;

function weekOf(name: string, dates: readonly string[] = WEEK) {
  return { symbol: parseSymbol(name), from: dates[0] ?? "", to: dates.at(-1) ?? "", dates };
}

const OF_SPX = {
  source: "api",
  dataset: "indices",
  ticker: "I:SPX",
  seenAtMs: MONDAY_MS,
} as const satisfies Partial<Entitlement>;
const NO_SUCH_DATES =
  "Your plan doesn't include this data timeframe. Please upgrade your plan at https://polygon.io/pricing";
const NO_SUCH_TICKER =
  "You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing";

/** What is remembered after the week of SPX was asked for. */
async function remembered(
  rest: { readonly from?: string; readonly tickers?: string[] },
  ...before: Entitlement[]
) {
  using temp = tempCache();
  await using vendor = await startVendor({ sandbox: { rest } });
  for (const one of before) await rememberEntitlement(temp.cache, one);
  const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, weekOf("SPX"));
  expect(answer.requests).toBe(vendor.sandbox.requests.length);
  return knownEntitlements(temp.cache);
}

describe("what the API refuses is remembered in the vendor's words", () => {
  test("a ticker on every day", async () => {
    expect(await remembered({ tickers: ["I:NDX"] })).toEqual([
      { ...OF_SPX, refusedTo: EVERY_DAY, allowedFrom: null, sentence: NO_SUCH_TICKER },
    ]);
  });

  test("days up to where the plan begins", async () => {
    expect(await remembered({ from: "2024-11-20" })).toEqual([
      { ...OF_SPX, refusedTo: "2024-11-19", allowedFrom: "2024-11-20", sentence: NO_SUCH_DATES },
    ]);
  });

  test("all days that were asked for", async () => {
    expect(await remembered({ from: "2024-11-25" })).toEqual([
      { ...OF_SPX, refusedTo: "2024-11-22", allowedFrom: null, sentence: NO_SUCH_DATES },
    ]);
  });

  test("not what it lets us have", async () => {
    expect(await remembered({})).toEqual([]);
  });
});

describe("a memory of an earlier run", () => {
  const seenAtMs = MONDAY_MS - 8 * DAY_MS;

  test.each([
    ["of a ticker refused", EVERY_DAY, null],
    ["of some of these days refused", "2024-11-19", "2024-11-20"],
  ])("%s ends with an answer", async (_, refusedTo, allowedFrom) => {
    const before = { ...OF_SPX, refusedTo, allowedFrom, sentence: NO_SUCH_TICKER, seenAtMs };
    expect(await remembered({}, before)).toEqual([
      { ...OF_SPX, refusedTo: null, allowedFrom: "2024-11-18", sentence: null },
    ]);
  });

  test("gives way to what is refused now", async () => {
    const before = { ...OF_SPX, refusedTo: EVERY_DAY, allowedFrom: null, sentence: NO_SUCH_TICKER, seenAtMs };
    expect(await remembered({ from: "2024-11-20" }, before)).toEqual([
      { ...OF_SPX, refusedTo: "2024-11-19", allowedFrom: "2024-11-20", sentence: NO_SUCH_DATES },
    ]);
  });

  test("of earlier days refused, or of other tickers, stays as it is", async () => {
    const before = [
      {
        ...OF_SPX,
        ticker: "I:NDX",
        refusedTo: EVERY_DAY,
        allowedFrom: null,
        sentence: NO_SUCH_TICKER,
        seenAtMs,
      },
      { ...OF_SPX, refusedTo: "2024-11-17", allowedFrom: "2024-11-18", sentence: NO_SUCH_DATES, seenAtMs },
    ];
    expect(await remembered({}, ...before)).toEqual(before);
  });
});

test("what two requests of one run see of a ticker is put together, whichever is answered first", async () => {
  for (const order of [
    [WEEK.slice(0, 1), WEEK.slice(1)],
    [WEEK.slice(1), WEEK.slice(0, 1)],
  ]) {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { from: "2024-11-21" } } });
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    for (const dates of order) await askApi(context, vendor.rest, weekOf("SPX", dates));
    expect(knownEntitlements(temp.cache)).toEqual([
      { ...OF_SPX, refusedTo: "2024-11-20", allowedFrom: "2024-11-21", sentence: NO_SUCH_DATES },
    ]);
  }
});

test("trouble in the search for the plan's beginning ends it: what it has seen counts, the rest fails with that", async () => {
  using temp = tempCache();
  await using vendor = await startVendor({ sandbox: { rest: { from: "2024-11-20" } } });
  const broken = { kind: "answer", answer: FAULT_ANSWERS.html() } as const;
  vendor.sandbox.faults.add({ match: /2024-11-20\/2024-11-20/, fault: broken });
  const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, weekOf("SPX"));
  expect(answer.dates).toEqual(["2024-11-22"]);
  expect(answer.failures.map(({ date, denied }) => [date, denied])).toEqual([
    ["2024-11-18", true],
    ["2024-11-19", false],
    ["2024-11-20", false],
    ["2024-11-21", false],
  ]);
  expect([answer.requests, vendor.sandbox.requests.length]).toEqual([3, 3]);
  expect(knownEntitlements(temp.cache)).toEqual([
    { ...OF_SPX, refusedTo: "2024-11-18", allowedFrom: "2024-11-22", sentence: NO_SUCH_DATES },
  ]);
});

test("a refused key in the search for the plan's beginning is asked with no more", async () => {
  using temp = tempCache();
  await using vendor = await startVendor({ sandbox: { rest: { from: "2024-11-20" } } });
  const refusal = jsonAnswer(401, { status: "ERROR", error: "Unknown API Key" });
  vendor.sandbox.faults.add({ match: /./, skip: 1, times: 99, fault: { kind: "answer", answer: refusal } });
  const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, weekOf("SPX"));
  expect(answer.ended?.code).toBe("bad-credentials");
  expect(vendor.sandbox.requests).toHaveLength(2);
});
