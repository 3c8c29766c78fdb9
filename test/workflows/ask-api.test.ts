import { describe, expect, test } from "bun:test";
import { problemsOf } from "../../src/cache/problems.ts";
import type { Bar } from "../../src/core/bar.ts";
import { parseSymbol } from "../../src/core/symbols.ts";
import { openRest } from "../../src/massive/rest-client.ts";
import { FAULT_ANSWERS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { jsonAnswer } from "../../src/sandbox/http/answer.ts";
import { apiBackfill } from "../../src/workflows/api.ts";
import { askApi } from "../../src/workflows/ask-api.ts";
import { fillFromApi } from "../../src/workflows/fill-cache.ts";
import type { PlannedRequest } from "../../src/workflows/planning/requests.ts";
import { FillTally } from "../../src/workflows/tally.ts";
import { MONDAY_MS, fakeClock, restSettings, RETRY, startVendor } from "../massive/support.ts";
import { barsFrom } from "../support/bars.ts";
import { heldOf, keyOf, writeDay } from "../support/cache-days.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { contextOf, PLAINLY } from "./run-context.ts";

const WEEK = ["2024-11-18", "2024-11-19", "2024-11-20", "2024-11-21", "2024-11-22"];

function requestFor(symbol: string, dates: readonly string[]): PlannedRequest {
  return { symbol: parseSymbol(symbol), from: dates[0] ?? "", to: dates.at(-1) ?? "", dates };
}

/** The bars of the cache by date; of a date without a batch null. */
async function heldBars({ cache }: TempCache, ticker: string, dates: readonly string[]) {
  const held = await Promise.all(
    dates.map(async (date) => [date, heldOf(cache, await keyOf(cache, ticker, date))] as const),
  );
  return Object.fromEntries(held.map(([date, { batch, bars }]) => [date, batch === null ? null : bars]));
}

function truth(sandbox: Sandbox, ticker: string, date: string): Bar[] {
  return sandbox.truth("indices", ticker, date);
}

/** The date ranges that were asked for, and what the answer's status was. */
function asked(sandbox: Sandbox): string[] {
  return sandbox.requests.map(({ path, status }) => `${path.split("/").slice(-2).join(" ")}: ${status}`);
}

const NO_SUCH_DATES = {
  dataset: "indices",
  step: "api",
  error: expect.stringContaining("the subscription does not include these dates (HTTP 403)"),
  hint: "Ask for later dates, or choose a plan with a longer history.",
  help: "plan",
  settings: true,
  denied: true,
} as const;

function emptyTally(): FillTally {
  return new FillTally({ days: [], files: [], requests: [] });
}

describe("a request that reaches back beyond the plan", () => {
  test("is answered from the plan's first day on, the days before are denied", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { from: "2024-11-20" } } });
    const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", WEEK));
    expect({ ...answer, dates: answer.dates.toSorted() }).toEqual({
      dataset: "indices",
      dates: WEEK.slice(2),
      requests: 5,
      changes: [{ batches: 3, bars: 3 * 390, added: 3 * 390, changed: 0, removed: 0 }],
      rejected: 0,
      ended: null,
      trouble: null,
      failures: WEEK.slice(0, 2).map((date) => ({ ...NO_SUCH_DATES, date })),
    });
    expect(await heldBars(temp, "I:SPX", WEEK)).toEqual({
      "2024-11-18": null,
      "2024-11-19": null,
      "2024-11-20": truth(vendor.sandbox, "I:SPX", "2024-11-20"),
      "2024-11-21": truth(vendor.sandbox, "I:SPX", "2024-11-21"),
      "2024-11-22": truth(vendor.sandbox, "I:SPX", "2024-11-22"),
    });
    expect(
      problemsOf(temp.cache, "indices", "2024-11-01", "2024-11-30").map(({ date, ticker, state, step }) => [
        date,
        ticker,
        state,
        step,
      ]),
    ).toEqual(WEEK.slice(0, 2).map((date) => [date, "I:SPX", "denied", "api"]));
    expect(asked(vendor.sandbox)).toEqual([
      "2024-11-18 2024-11-22: 403",
      "2024-11-22 2024-11-22: 200",
      "2024-11-20 2024-11-20: 200",
      "2024-11-19 2024-11-19: 403",
      "2024-11-21 2024-11-21: 200",
    ]);
  });

  test("is denied as a whole if the plan begins after it", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { from: "2024-11-23" } } });
    const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", WEEK));
    expect(answer).toMatchObject({ dates: [], requests: 2 });
    expect(answer.failures).toEqual(WEEK.map((date) => ({ ...NO_SUCH_DATES, date })));
    expect(asked(vendor.sandbox)).toHaveLength(2);
  });

  test("of one day is asked once", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { from: "2024-11-23" } } });
    const request = requestFor("SPX", ["2024-11-22"]);
    const { failures } = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, request);
    expect(failures).toEqual([{ ...NO_SUCH_DATES, date: "2024-11-22" }]);
    expect(asked(vendor.sandbox)).toEqual(["2024-11-22 2024-11-22: 403"]);
  });

  test("counts as denied, in the result of the api command too", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { rest: { from: "2024-11-21" } } });
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const settings = { ...context.settings, rest: restSettings(vendor.sandbox) };
    const selection = { symbols: [parseSymbol("SPX")], wholeDatasets: [] };
    const options = { selection, from: "2024-11-18", to: "2024-11-22", ...PLAINLY };
    const result = await apiBackfill({ ...context, settings }, options);
    expect(result.days).toEqual({ flatfile: 0, api: 2, skipped: 0, pending: 0, denied: 3, failed: 0 });
    expect(result.failures).toHaveLength(3);
  });
});

test("a ticker that the plan lacks is denied on all its days, asked once", async () => {
  using temp = tempCache();
  await using vendor = await startVendor({ sandbox: { rest: { tickers: ["I:NDX"] } } });
  const answer = await askApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, requestFor("SPX", WEEK));
  expect(answer.failures.map(({ date, denied, settings }) => [date, denied, settings])).toEqual(
    WEEK.map((date) => [date, true, true]),
  );
  expect(asked(vendor.sandbox)).toHaveLength(1);
});

test("an answer that lacks bars an earlier one had removes none of them", async () => {
  using temp = tempCache();
  await using vendor = await startVendor();
  const date = "2024-11-22";
  const earlier = barsFrom(Date.parse("2024-11-22T12:00:00Z"), [1, 2, 3]);
  await writeDay(temp.cache, { date, source: "api", blocks: [["I:SPX", earlier]] });
  const context = contextOf(temp, { nowMs: MONDAY_MS });
  await askApi(context, vendor.rest, requestFor("SPX", [date]));
  expect(await heldBars(temp, "I:SPX", [date])).toEqual({
    [date]: [...earlier, ...truth(vendor.sandbox, "I:SPX", date)].toSorted(
      (a, b) => a.windowStartMs - b.windowStartMs,
    ),
  });

  const empty = jsonAnswer(200, { status: "OK", ticker: "I:NDX", queryCount: 0, count: 0 });
  await askApi(context, vendor.rest, requestFor("NDX", [date]));
  vendor.sandbox.faults.add({ match: /NDX/, fault: { kind: "answer", answer: empty } });
  const { changes } = await askApi(context, vendor.rest, requestFor("NDX", [date]));
  expect(changes).toMatchObject([{ added: 0, changed: 0, removed: 0 }]);
  expect(await heldBars(temp, "I:NDX", [date])).toEqual({ [date]: truth(vendor.sandbox, "I:NDX", date) });
});

describe("an error that meets every request", () => {
  const REQUESTS = [
    requestFor("SPX", ["2024-11-21", "2024-11-22"]),
    requestFor("NDX", ["2024-11-22"]),
    requestFor("AAPL", ["2024-11-22"]),
  ];

  test("of a refused key is not asked for again; what was answered before stays", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const refusal = jsonAnswer(401, { status: "ERROR", error: "Unknown API Key" });
    vendor.sandbox.faults.add({ match: /NDX/, times: 9, fault: { kind: "answer", answer: refusal } });
    // Under way when the other is refused.
    vendor.sandbox.faults.add({ match: /AAPL/, times: 9, fault: { kind: "stall" } });
    const tally = emptyTally();
    await fillFromApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, REQUESTS, tally);
    const { days, failures, requests } = tally.result();
    expect({ days, requests }).toEqual({
      days: { flatfile: 0, api: 2, skipped: 0, pending: 0, denied: 0, failed: 2 },
      requests: 3,
    });
    expect(failures).toEqual(
      (["indices", "stocks"] as const).map((dataset) => ({
        dataset,
        date: "2024-11-22",
        step: "api",
        error: expect.stringContaining("the API key is not accepted (HTTP 401)"),
        hint: "Check MASSIVE_API_KEY against the API Keys page of the Massive dashboard.",
        help: "api-key",
        settings: true,
        denied: false,
      })),
    );
    expect(vendor.sandbox.requests).toHaveLength(3);
    expect(await heldBars(temp, "I:SPX", ["2024-11-22"])).toEqual({
      "2024-11-22": truth(vendor.sandbox, "I:SPX", "2024-11-22"),
    });
    expect(problemsOf(temp.cache, "stocks", "2024-11-22", "2024-11-22")).toMatchObject([
      { ticker: "AAPL", state: "failed", step: "api" },
    ]);
  });

  test("of nobody there is tried for one request only", async () => {
    using temp = tempCache();
    const vendor = await startVendor();
    const settings = restSettings(vendor.sandbox);
    await vendor[Symbol.asyncDispose]();
    const clock = fakeClock();
    const tally = emptyTally();
    const rest = openRest(settings, { clock, retry: RETRY });
    await fillFromApi(contextOf(temp, { nowMs: MONDAY_MS }), rest, REQUESTS, tally);
    expect(clock.sleeps).toHaveLength(RETRY.attempts - 1);
    const { days, failures } = tally.result();
    expect([days.failed, days.denied]).toEqual([3, 0]);
    expect(failures.map(({ dataset, date, settings: ofSettings }) => [dataset, date, ofSettings])).toEqual([
      ["indices", "2024-11-21", false],
      ["indices", "2024-11-22", false],
      ["indices", "2024-11-22", false],
      ["stocks", "2024-11-22", false],
    ]);
  });

  test("is in the result of the api command", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const settings = { ...context.settings, rest: { ...restSettings(vendor.sandbox), apiKey: "wrong" } };
    const selection = { symbols: [parseSymbol("SPX"), parseSymbol("NDX")], wholeDatasets: [] };
    const options = { selection, from: "2024-11-21", to: "2024-11-22", ...PLAINLY };
    const result = await apiBackfill({ ...context, settings }, options);
    expect(result.days).toEqual({ flatfile: 0, api: 0, skipped: 0, pending: 0, denied: 0, failed: 2 });
    expect(result.failures.map(({ settings: ofSettings, denied }) => [ofSettings, denied])).toEqual(
      Array.from({ length: 4 }, () => [true, false]),
    );
    expect(vendor.sandbox.requests).toHaveLength(1);
  });

  test("is told from one of a single request, after which the others are asked", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const broken = { kind: "answer", answer: FAULT_ANSWERS.restInternalError() } as const;
    vendor.sandbox.faults.add({ match: /SPX/, times: 99, fault: broken });
    const tally = emptyTally();
    await fillFromApi(contextOf(temp, { nowMs: MONDAY_MS }), vendor.rest, REQUESTS, tally);
    expect(tally.result().days).toMatchObject({ api: 2, failed: 2 });
  });
});

test("a stopped run is no failure of its days", async () => {
  using temp = tempCache();
  await using vendor = await startVendor();
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  const context = contextOf(temp, { nowMs: MONDAY_MS, signal: stop.signal });
  const tally = emptyTally();
  const ended: unknown = await fillFromApi(context, vendor.rest, [requestFor("SPX", WEEK)], tally).catch(
    (error: unknown) => error,
  );
  expect(ended).toBe(stop.signal.reason);
  expect(tally.result().failures).toEqual([]);
});
