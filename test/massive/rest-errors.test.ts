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

const CHECK_ADDRESS =
  "Check MASSIVE_API_URL, and whether a proxy or a login page stands between here and the vendor.";
const RUN_AGAIN = "Run again later: what is finished is kept.";
const TRIES = 4;

function failing(status: number, words: string) {
  return {
    name: `HTTP ${status}`,
    answer: jsonAnswer(status, { status: "ERROR", error: "not now" }),
    code: "transient",
    requests: TRIES,
    reason: `${words} (HTTP ${status}); the vendor says: not now`,
    nextStep: RUN_AGAIN,
  };
}

const SENTENCES = [
  {
    name: "too many requests, however long we wait",
    answer: FAULT_ANSWERS.tooManyRequests(1),
    code: "rate-limited",
    requests: TRIES,
    reason:
      "the API allows no more requests for now (HTTP 429); the vendor says: You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue. https://polygon.io/pricing",
    nextStep: "Run again in some minutes; plans above Basic have no such limit.",
  },
  {
    name: "nothing there",
    answer: jsonAnswer(404, { status: "NOT_FOUND", message: "Data not found." }),
    code: "not-found",
    requests: 1,
    reason: "the API has nothing under this name (HTTP 404); the vendor says: Data not found.",
    nextStep: "Check the ticker (case matters) and MASSIVE_API_URL.",
  },
  {
    name: "a refusal",
    answer: jsonAnswer(400, { status: "ERROR", error: "bad limit" }),
    code: "unexpected-answer",
    requests: 1,
    reason: "the API refused the request (HTTP 400); the vendor says: bad limit",
    nextStep: CHECK_ADDRESS,
  },
  failing(408, "the API says that our requests reach it too slowly"),
  failing(413, "the API keeps saying that the request is too large"),
  failing(499, "the API says that we have gone before it could answer"),
  failing(500, "the API keeps failing inside"),
  failing(502, "the gateway before the API keeps getting no right answer from it"),
  failing(503, "the API is overloaded or under maintenance"),
  failing(504, "the gateway before the API keeps waiting for it in vain"),
  {
    name: "a gateway's page",
    answer: FAULT_ANSWERS.html(502),
    code: "transient",
    requests: TRIES,
    reason: "the gateway before the API keeps getting no right answer from it (HTTP 502)",
    nextStep: RUN_AGAIN,
  },
  {
    name: "a page instead of JSON",
    answer: FAULT_ANSWERS.html(200),
    code: "unexpected-answer",
    requests: 1,
    reason: "a web page came instead of JSON",
    nextStep: CHECK_ADDRESS,
  },
  {
    name: "a firewall's page",
    answer: FAULT_ANSWERS.html(403),
    code: "unexpected-answer",
    requests: 1,
    reason: "HTTP 403 without the vendor's JSON",
    nextStep: CHECK_ADDRESS,
  },
  {
    name: "a firewall's JSON",
    answer: jsonAnswer(403, { message: "Forbidden" }),
    code: "unexpected-answer",
    requests: 1,
    reason: "the API refused the request (HTTP 403); the vendor says: Forbidden",
    nextStep: CHECK_ADDRESS,
  },
  {
    name: "a refusal in the vendor's form that does not speak of the plan",
    answer: FAULT_ANSWERS.throttle403(),
    code: "unexpected-answer",
    requests: 1,
    reason: "the API refused the request (HTTP 403); the vendor says: forbidden",
    nextStep: CHECK_ADDRESS,
  },
  {
    name: "nothing at all",
    answer: textAnswer(204, "application/json", ""),
    code: "cut-answer",
    requests: TRIES,
    reason: "the answer was cut off: it is not whole JSON",
    nextStep: RUN_AGAIN,
  },
  {
    name: "JSON that is cut",
    answer: textAnswer(200, "application/json", '{"status":"O'),
    code: "cut-answer",
    requests: TRIES,
    reason: "the answer was cut off: it is not whole JSON",
    nextStep: RUN_AGAIN,
  },
  {
    name: "JSON of something else",
    answer: jsonAnswer(202, { status: "OK" }),
    code: "unexpected-answer",
    requests: 1,
    reason: "the answer is not one of bars",
    nextStep: CHECK_ADDRESS,
  },
  {
    name: "a way elsewhere",
    answer: textAnswer(302, "text/html", "", { location: "/" }),
    code: "unexpected-answer",
    requests: 1,
    reason: "the server sends us to another address (HTTP 302), where the key does not go",
    nextStep: CHECK_ADDRESS,
  },
] as const;

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

  test.each(SENTENCES)("$name", async ({ answer, code, requests, reason, nextStep }) => {
    const failed = await errorOf(answer);
    expect(wordsOf(failed.error)).toEqual({ kind: "source", operation: OPERATION, reason, nextStep });
    expect([failed.error.code, failed.requests]).toEqual([code, requests]);
  });

  test("an answer without an end is not read to it", async () => {
    await using vendor = await startVendor({ rest: { maxAnswerBytes: 100_000 } });
    const answer = textAnswer(200, "application/json", `{"results":[${"0,".repeat(200_000)}`);
    vendor.sandbox.faults.add({ match: ANY, fault: { kind: "answer", answer } });
    const error = await rejectionOf(ask(vendor));
    expect(wordsOf(error)).toEqual({
      kind: "source",
      operation: OPERATION,
      reason: "the answer is larger than 100.0 kB, which no page of bars is: reading it was ended",
      nextStep: CHECK_ADDRESS,
    });
    expect(vendor.sandbox.requests.length).toBe(1);
    expect(await ask(vendor)).toMatchObject({ status: "OK" });
  });

  test("the vendor's own words are kept short, on one line, and free of the key", async () => {
    const message = `key sandbox-api-key\n  refused ${"x".repeat(1000)}`;
    const { error } = await errorOf(jsonAnswer(400, { status: "ERROR", message }));
    expect(error.reason).toBe(
      `the API refused the request (HTTP 400); the vendor says: key *** refused ${"x".repeat(184)}…`,
    );
    expect(error.vendorSentence).toBe(`key *** refused ${"x".repeat(184)}…`);
    expect(Bun.inspect(error, { depth: 10 })).not.toContain("sandbox-api-key");
  });

  test.each([
    ["cut by the length of the sentence", `${"x".repeat(190)} sandbox-api-key`],
    ["in base64", `Basic ${btoa("user:sandbox-api-key")} refused`],
    ["spelt with escapes", JSON.parse('"sandbox\\u002dapi-key refused"')],
  ])("the vendor's own words do not hold a key that is %s", async (_, message) => {
    const { error } = await errorOf(jsonAnswer(403, { status: "NOT_AUTHORIZED", message }));
    const shown = `${error.reason} ${error.vendorSentence} ${Bun.inspect(error, { depth: 10 })}`;
    expect(error.vendorSentence).toContain("***");
    expect(shown).not.toMatch(/sandbox-a|c2FuZGJveC1hcGkta2V5|YW5kYm94LWFwaS1r|NhbmRib3gtYXBpLWtle/);
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
