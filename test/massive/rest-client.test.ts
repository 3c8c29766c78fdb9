import { describe, expect, test } from "bun:test";
import { openRest } from "../../src/massive/rest-client.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { jsonAnswer } from "../../src/sandbox/http/answer.ts";
import { rejectionOf } from "../support/thrown.ts";
import { ask, OPERATION, reasonOf, restSettings, startVendor } from "./support.ts";

const ANY = /./;

describe("getJson", () => {
  test("sends the key as a header", async () => {
    await using vendor = await startVendor();
    expect(await ask(vendor)).toMatchObject({ status: "OK", ticker: "I:SPX" });
    expect(vendor.sandbox.requests.map(({ query }) => query)).toEqual([""]);
  });

  test.each([408, 413, 429, 499, 500, 502, 503, 504])("tries again after HTTP %d", async (status) => {
    await using vendor = await startVendor();
    const answer = jsonAnswer(status, { status: "ERROR", error: "not now" });
    vendor.sandbox.faults.add({ match: ANY, times: 3, fault: { kind: "answer", answer } });
    expect(await ask(vendor)).toMatchObject({ status: "OK" });
    expect(vendor.sandbox.requests.length).toBe(4);
    expect(vendor.clock.sleeps.length).toBe(3);
  });

  test.each([
    ["a reset connection", { kind: "reset" }],
    ["an answer that was cut off", { kind: "reset", afterBytes: 100 }],
    ["an answer that ends early", { kind: "short", afterBytes: 100 }],
    ["JSON that ends early", { kind: "cut-json" }],
  ] as const)("tries again after %s", async (_, fault) => {
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: ANY, fault });
    expect(await ask(vendor)).toMatchObject({ status: "OK" });
    expect(vendor.clock.sleeps.length).toBe(1);
  });

  test("pauses longer from try to try", async () => {
    await using vendor = await startVendor();
    const fault = { kind: "answer", answer: FAULT_ANSWERS.restInternalError() } as const;
    vendor.sandbox.faults.add({ match: ANY, times: 3, fault });
    await ask(vendor);
    expect(vendor.clock.sleeps.map((ms, index) => ms >= 50 * 2 ** index && ms <= 100 * 2 ** index)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test.each([
    ["7", 7000],
    ["120", 120_000],
  ])("waits as long as Retry-After says, two minutes at most (%s s)", async (seconds, waitedMs) => {
    await using vendor = await startVendor();
    const answer = jsonAnswer(503, { status: "ERROR" }, { "retry-after": seconds });
    vendor.sandbox.faults.add({ match: ANY, fault: { kind: "answer", answer } });
    await ask(vendor);
    expect(vendor.clock.sleeps).toEqual([waitedMs]);
  });

  test.each([429, 503])(
    "leaves a server alone that wants more than two minutes (HTTP %d)",
    async (status) => {
      await using vendor = await startVendor();
      const answer = jsonAnswer(status, { status: "ERROR" }, { "retry-after": "3600" });
      vendor.sandbox.faults.add({ match: ANY, times: 9, fault: { kind: "answer", answer } });
      const error = await rejectionOf(ask(vendor));
      expect(["rate-limited", "transient"]).toContain(error.code ?? "");
      expect([vendor.sandbox.requests.length, vendor.clock.sleeps]).toEqual([1, []]);
    },
  );

  test("understands a date in Retry-After, and one that is nonsense", async () => {
    await using vendor = await startVendor();
    const dates = [new Date(Date.now() + 60_000).toUTCString(), "later"];
    for (const date of dates) {
      const answer = jsonAnswer(503, { status: "ERROR" }, { "retry-after": date });
      vendor.sandbox.faults.add({ match: ANY, fault: { kind: "answer", answer } });
      await ask(vendor);
    }
    const [byDate = 0, byBackoff = 0] = vendor.clock.sleeps;
    expect(byDate).toBeWithin(50_000, 60_001);
    expect(byBackoff).toBeWithin(50, 101);
  });

  test("after a 429 spaces the requests of that asset class only", async () => {
    await using vendor = await startVendor();
    const answer = FAULT_ANSWERS.tooManyRequests(undefined);
    vendor.sandbox.faults.add({ match: /I:SPX/, fault: { kind: "answer", answer } });
    await ask(vendor, "I:SPX");
    await ask(vendor, "I:NDX");
    expect(vendor.clock.sleeps).toEqual([12_000, 12_000]);
    await ask(vendor, "AAPL");
    await ask(vendor, "BRK.B");
    expect(vendor.clock.sleeps).toEqual([12_000, 12_000]);
  });

  test("a plan that allows a few requests is kept to evenly by all who ask at once", async () => {
    await using vendor = await startVendor({ sandbox: { rest: { requestsPerMinute: 60 } } });
    const rest = openRest(restSettings(vendor.sandbox));
    const tickers = ["I:SPX", "I:NDX", "I:VIX", "I:SPX"];
    const startMs = performance.now();
    await Promise.all(tickers.map((ticker) => ask({ rest }, ticker)));
    expect(performance.now() - startMs).toBeWithin(1000, 5000);
    const statuses = vendor.sandbox.requests.map(({ status }) => status);
    // Two go through, the others learn of the limit together, and from then on nobody is refused.
    expect(statuses).toEqual([200, 200, 429, 429, 200, 200]);
  });

  test("however many ask at once, no more than 50 requests a second are sent", async () => {
    await using vendor = await startVendor();
    await Promise.all(Array.from({ length: 60 }, () => ask(vendor)));
    await Promise.all(Array.from({ length: 60 }, () => ask(vendor, "AAPL")));
    expect(vendor.sandbox.requests).toHaveLength(120);
    expect(vendor.clock.now()).toBe(2000);
  });

  test("tells of each request that is sent, whatever came of it", async () => {
    await using vendor = await startVendor();
    const answer = FAULT_ANSWERS.restInternalError();
    // A connection that was used before is made again by the platform itself, without a word to us.
    vendor.sandbox.faults.add({ match: ANY, fault: { kind: "reset" } });
    vendor.sandbox.faults.add({ match: ANY, fault: { kind: "answer", answer } });
    let sent = 0;
    const url = `${vendor.rest.baseUrl}/v2/aggs/ticker/I:SPX/range/1/minute/2024-11-22/2024-11-22`;
    await vendor.rest.getJson({ url, dataset: "indices", operation: OPERATION, onSent: () => void sent++ });
    expect([sent, vendor.sandbox.requests.length]).toEqual([3, 3]);
  });

  test("keeps within a limit that is known from the start", async () => {
    await using vendor = await startVendor({ rest: { requestsPerMinute: 6 } });
    for (let question = 0; question < 3; question++) await ask(vendor);
    expect(vendor.clock.sleeps).toEqual([10_000, 10_000]);
  });

  test("does not wait for ever for a silent server", async () => {
    const retry = { attempts: 2, baseDelayMs: 1, maxDelayMs: 1 };
    await using vendor = await startVendor({ rest: { timeoutMs: 100, retry } });
    vendor.sandbox.faults.add({ match: ANY, fault: { kind: "stall" } });
    vendor.sandbox.faults.add({ match: ANY, fault: { kind: "stall", afterBytes: 100 } });
    const error = await rejectionOf(ask(vendor));
    expect([error.kind, error.code, error.reason]).toEqual([
      "source",
      "transient",
      "the API does not answer in time (no answer within 0.1 s)",
    ]);
  });

  test("ends at once when it is aborted", async () => {
    await using vendor = await startVendor();
    vendor.sandbox.faults.add({ match: ANY, fault: { kind: "stall", afterBytes: 100 } });
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const asked = ask(vendor, "I:SPX", controller.signal);
    setImmediate(() => controller.abort(reason));
    expect(await reasonOf(asked)).toBe(reason);
  });

  test("ends at once when it is aborted while it waits for its turn", async () => {
    await using vendor = await startVendor();
    const rest = openRest(restSettings(vendor.sandbox), { requestsPerMinute: 1 });
    await ask({ rest });
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const asked = ask({ rest }, "I:SPX", controller.signal);
    setImmediate(() => controller.abort(reason));
    expect(await reasonOf(asked)).toBe(reason);
    expect(vendor.sandbox.requests.length).toBe(1);
  });

  test("a bug of ours is not taken for a failure of the server", async () => {
    await using vendor = await startVendor();
    const asked = vendor.rest.getJson({ url: "no address", dataset: "indices", operation: OPERATION });
    expect(await reasonOf(asked)).toBeInstanceOf(TypeError);
  });
});
