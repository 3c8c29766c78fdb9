import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { openRest } from "../../src/massive/rest-client.ts";
import { FAULT_ANSWERS } from "../../src/sandbox/sandbox.ts";
import { jsonAnswer, textAnswer, type Answer } from "../../src/sandbox/http/answer.ts";
import { rejectionOf, thrownBy, wordsOf } from "../support/thrown.ts";
import { ask, fakeClock, OPERATION, restSettings, RETRY, startVendor } from "./support.ts";

const ANY = /./;

/** The error of a question whose every answer is `answer`. */
async function errorOf(answer: Answer) {
  await using vendor = await startVendor();
  vendor.sandbox.faults.add({ match: ANY, times: 1000, fault: { kind: "answer", answer } });
  const error = await rejectionOf(ask(vendor));
  return { error, requests: vendor.sandbox.requests.length };
}

describe("a failed question is explained", () => {
  test("a wrong key", async () => {
    await using vendor = await startVendor();
    const settings = { ...restSettings(vendor.sandbox), apiKey: "wrong-key" };
    const rest = openRest(settings, { clock: fakeClock(), retry: RETRY });
    const error = await rejectionOf(ask({ rest }));
    expect(wordsOf(error)).toEqual({
      kind: "settings",
      operation: OPERATION,
      reason: "the API key is not accepted (HTTP 401); the vendor says: Unknown API Key",
      nextStep: "Check MASSIVE_API_KEY against the API Keys page of the Massive dashboard.",
    });
    expect(error.code).toBe("bad-credentials");
    expect(vendor.sandbox.requests.length).toBe(1);
  });

  test("a ticker outside the plan", async () => {
    await using vendor = await startVendor({ sandbox: { rest: { tickers: ["I:NDX"] } } });
    const error = await rejectionOf(ask(vendor));
    expect(wordsOf(error)).toEqual({
      kind: "settings",
      operation: OPERATION,
      reason:
        "the subscription does not include this ticker (HTTP 403); the vendor says: You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing",
      nextStep: "Leave the ticker out, or choose a plan that has it: indices are entitled one by one.",
    });
    expect(error.code).toBe("not-entitled");
    expect(vendor.sandbox.requests.length).toBe(1);
  });

  test("a date outside the plan", async () => {
    await using vendor = await startVendor({ sandbox: { rest: { from: "2024-11-25" } } });
    const error = await rejectionOf(ask(vendor));
    expect(wordsOf(error)).toEqual({
      kind: "settings",
      operation: OPERATION,
      reason:
        "the subscription does not include these dates (HTTP 403); the vendor says: Your plan doesn't include this data timeframe. Please upgrade your plan at https://polygon.io/pricing",
      nextStep: "Ask for later dates, or choose a plan with a longer history.",
    });
    expect(error.code).toBe("not-entitled-date");
  });

  test("too many requests, however long we wait", async () => {
    const { error, requests } = await errorOf(FAULT_ANSWERS.tooManyRequests(1));
    expect([error.kind, error.code]).toEqual(["source", "rate-limited"]);
    expect(error.reason).toStartWith(
      "the API allows no more requests for now (HTTP 429); the vendor says: You've exceeded",
    );
    expect(requests).toBe(4);
  });

  test.each([
    ["nothing there", jsonAnswer(404, { status: "NOT_FOUND", message: "Data not found." }), "not-found", 1],
    ["a refusal", jsonAnswer(400, { status: "ERROR", error: "bad limit" }), "unexpected-answer", 1],
    ["a server that fails", FAULT_ANSWERS.restInternalError(), "transient", 4],
    ["a gateway's page", FAULT_ANSWERS.html(502), "transient", 4],
    ["a page instead of JSON", FAULT_ANSWERS.html(200), "unexpected-answer", 1],
    ["a firewall's page", FAULT_ANSWERS.html(403), "unexpected-answer", 1],
    ["nothing at all", textAnswer(204, "application/json", ""), "cut-answer", 4],
    ["JSON of something else", jsonAnswer(202, { status: "OK" }), "unexpected-answer", 1],
    ["JSON that is cut", textAnswer(200, "application/json", '{"status":"O'), "cut-answer", 4],
    ["a way elsewhere", textAnswer(302, "text/html", "", { location: "/" }), "unexpected-answer", 1],
  ])("%s", async (_, answer, code, requests) => {
    const failed = await errorOf(answer);
    expect([failed.error.kind, failed.error.code, failed.requests]).toEqual(["source", code, requests]);
  });

  test("the vendor's own words are kept short, on one line, and free of the key", async () => {
    const message = `key sandbox-api-key\n  refused ${"x".repeat(1000)}`;
    const { error } = await errorOf(jsonAnswer(400, { status: "ERROR", message }));
    expect(error.reason).toBe(
      `the API refused the request (HTTP 400); the vendor says: key *** refused ${"x".repeat(172)}…`,
    );
    expect(Bun.inspect(error, { depth: 10 })).not.toContain("sandbox-api-key");
  });

  test("a client does not show its key", async () => {
    await using vendor = await startVendor();
    expect(Bun.inspect(vendor.rest, { depth: 10 })).not.toContain("sandbox-api-key");
    expect(JSON.stringify(vendor.rest)).not.toContain("sandbox-api-key");
  });

  test("a key that cannot be sent is refused before anything is", () => {
    const error = thrownBy(() => openRest({ baseUrl: "http://127.0.0.1", apiKey: "kéy" }));
    expect([error.kind, error.code]).toEqual(["settings", "bad-credentials"]);
    expect(error.message).not.toContain("kéy");
  });

  test("a server that nobody runs", async () => {
    const options = { clock: fakeClock(), retry: RETRY };
    const rest = openRest({ baseUrl: "http://127.0.0.1:1", apiKey: "key" }, options);
    expect(wordsOf(await rejectionOf(ask({ rest })))).toEqual({
      kind: "source",
      operation: OPERATION,
      reason: "the API cannot be reached (ECONNREFUSED)",
      nextStep: "Check the network connection and MASSIVE_API_URL, then run again.",
    });
  });

  test("a server without TLS is not asked twice", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const listening = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", () => listening.resolve());
    await listening.promise;
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const options = { clock: fakeClock(), retry: RETRY };
    const rest = openRest({ baseUrl: `https://127.0.0.1:${port}`, apiKey: "key" }, options);
    try {
      const error = await rejectionOf(ask({ rest }));
      expect([error.kind, error.code, connections]).toEqual(["source", "tls", 1]);
    } finally {
      server.close();
    }
  });
});
