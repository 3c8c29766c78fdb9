import { describe, expect, test } from "bun:test";
import { parseSymbol } from "../../src/core/symbols.ts";
import { openRest } from "../../src/massive/rest-client.ts";
import { jsonAnswer } from "../../src/sandbox/http/answer.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { apiBackfill } from "../../src/workflows/api.ts";
import { askAll } from "../../src/workflows/ask-all.ts";
import { FRIDAY, MONDAY_MS, reasonOf, restSettings, startVendor } from "../massive/support.ts";
import { tempCache } from "../support/temp-cache.ts";
import { contextOf, PLAINLY } from "./run-context.ts";

function fridayOf(...names: readonly string[]) {
  return names.map((name) => ({ symbol: parseSymbol(name), from: FRIDAY, to: FRIDAY, dates: [FRIDAY] }));
}

/** The tickers that were asked for, in the order in which they arrived. */
function askedFor({ requests }: Sandbox): string[] {
  return requests.map(({ path }) => path.split("/")[4] ?? "");
}

const nobody = () => {};

/** Waits until the look-alike has seen `count` requests. */
async function arrived({ requests }: Sandbox, count: number): Promise<void> {
  while (requests.length < count) await new Promise((resolve) => setImmediate(resolve));
}

describe("requests that are asked together", () => {
  const NAMES = ["SPX", "NDX", "AAPL", "BRK.B", "X:BTC-USD"];

  test("are under way at once, after the first alone, and are answered in their order", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: /NDX/, fault: { kind: "slow", bytesPerSecond: 200_000 } });
    vendor.sandbox.faults.add({ match: /AAPL/, fault: { kind: "duplicate-bars" } });
    let done = 0;
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const answers = await askAll(context, vendor.rest, fridayOf(...NAMES), () => void done++);
    expect(answers.map(({ dataset, dates, requests }) => [dataset, dates, requests])).toEqual([
      ["indices", [FRIDAY], 1],
      ["indices", [FRIDAY], 1],
      ["stocks", [FRIDAY], 1],
      ["stocks", [FRIDAY], 1],
      ["crypto", [FRIDAY], 1],
    ]);
    expect(done).toBe(5);
    expect(askedFor(vendor.sandbox)[0]).toBe("I:SPX");
    expect(askedFor(vendor.sandbox).toSorted()).toEqual(["AAPL", "BRK.B", "I:NDX", "I:SPX", "X:BTCUSD"]);
  });

  test("are eight at most of one asset class", async () => {
    using temp = tempCache();
    const tickers = Array.from({ length: 12 }, (_, index) => `T${index}`);
    await using vendor = await startVendor({ sandbox: { tickers: { stocks: ["AAPL", ...tickers] } } });
    vendor.sandbox.faults.add({ match: /\/T\d+\//, times: 99, fault: { kind: "stall" } });
    const stop = new AbortController();
    const context = contextOf(temp, { nowMs: MONDAY_MS, signal: stop.signal });
    const reason = new Error("Ctrl-C");
    const asked = reasonOf(askAll(context, vendor.rest, fridayOf("AAPL", ...tickers), nobody));
    await arrived(vendor.sandbox, 9);
    // What was sent beyond that would have arrived before this.
    await fetch(`${vendor.sandbox.url}/v2/nothing`);
    expect(vendor.sandbox.requests).toHaveLength(10);
    stop.abort(reason);
    expect(await asked).toBe(reason);
    expect(vendor.sandbox.requests).toHaveLength(10);
  });

  test("of an asset class that the vendor wants spaced do not hold up another", async () => {
    using temp = tempCache();
    await using vendor = await startVendor();
    const stocks = ["AAPL", "BRK.B"];
    const limited = jsonAnswer(429, { status: "ERROR", error: "slower" }, { "retry-after": 60 });
    vendor.sandbox.faults.add({ match: /NDX/, fault: { kind: "answer", answer: limited } });
    const stop = new AbortController();
    const context = contextOf(temp, { nowMs: MONDAY_MS, signal: stop.signal });
    const rest = openRest(restSettings(vendor.sandbox));
    const isDone = Promise.withResolvers<void>();
    let done = 0;
    const names = ["SPX", ...Array.from({ length: 20 }, () => "NDX"), ...stocks];
    const asked = reasonOf(
      askAll(context, rest, fridayOf(...names), () => {
        // SPX, the stocks, and those of NDX that were under way with the one that was refused.
        if (temp.cache.db.query("SELECT 1 FROM manifest WHERE symbol = 'BRK.B'").get() !== null)
          isDone.resolve();
        done++;
      }),
    );
    await isDone.promise;
    stop.abort(new Error("enough"));
    await asked;
    expect(done).toBeLessThan(names.length);
    expect(askedFor(vendor.sandbox)).toEqual(expect.arrayContaining(stocks));
  });
});

describe("a vendor that keeps failing", () => {
  const NAMES = Array.from({ length: 30 }, (_, index) => `T${index}`);

  test.each([
    ["in one asset class", 503, "transient"],
    ["in the words of a limit", 429, "rate-limited"],
  ])("is left alone with the rest of the requests: %s", async (_, status, code) => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { tickers: { stocks: NAMES } } });
    const answer = jsonAnswer(status, { status: "ERROR" }, { "retry-after": "60" });
    const failing = { kind: "answer", answer } as const;
    vendor.sandbox.faults.add({ match: /ticker\/T/, times: Infinity, fault: failing });
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const requests = fridayOf(...NAMES, "SPX");
    const answers = await askAll(context, vendor.rest, requests, nobody);
    expect(answers.map(({ trouble }) => trouble?.code ?? "answered")).toEqual([
      ...NAMES.map(() => code),
      "answered",
    ]);
    // The first, and those that were under way when enough had failed; the look-alike's retries are four.
    const tried = new Set(askedFor(vendor.sandbox).filter((name) => name.startsWith("T")));
    expect(tried.size).toBeLessThanOrEqual(1 + 8 + 3);
    expect(answers.flatMap(({ failures }) => failures)).toHaveLength(NAMES.length);
  });

  test("now and then is no reason to stop asking", async () => {
    using temp = tempCache();
    await using vendor = await startVendor({ sandbox: { tickers: { stocks: NAMES } } });
    const answer = jsonAnswer(500, { status: "ERROR" });
    vendor.sandbox.faults.add({
      match: /ticker\/T(?:3|9|15|21|27)\//,
      times: Infinity,
      fault: { kind: "answer", answer },
    });
    const context = contextOf(temp, { nowMs: MONDAY_MS });
    const answers = await askAll(context, vendor.rest, fridayOf(...NAMES), nobody);
    expect(answers.filter(({ trouble }) => trouble === null)).toHaveLength(25);
  });
});

test.each([2, 90])("%d days of three indices are three requests", async (days) => {
  using temp = tempCache();
  await using vendor = await startVendor({
    sandbox: { historyFrom: "2024-01-01", tickers: { indices: ["I:SPX", "I:NDX", "I:VIX"] } },
  });
  const context = contextOf(temp, { nowMs: MONDAY_MS });
  const settings = { ...context.settings, rest: restSettings(vendor.sandbox) };
  const from = Temporal.PlainDate.from(FRIDAY).subtract({ days }).toString();
  const selection = { symbols: ["SPX", "NDX", "VIX"].map((name) => parseSymbol(name)), wholeDatasets: [] };
  const result = await apiBackfill({ ...context, settings }, { ...PLAINLY, selection, from, to: FRIDAY });
  expect([result.requests, vendor.sandbox.requests.length, result.failures]).toEqual([3, 3, []]);
  const again = await apiBackfill({ ...context, settings }, { ...PLAINLY, selection, from, to: FRIDAY });
  expect([again.requests, vendor.sandbox.requests.length]).toEqual([0, 3]);
});
