import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import type { Fault } from "../../src/sandbox/faults.ts";
import { FAULT_ANSWERS, startSandbox, syntheticTickers } from "../../src/sandbox/sandbox.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { BUCKET, failureOf, FRIDAY_KEY, MONDAY_MS, objectBytes, restGet, s3Client } from "./support.ts";

const BARS = "/v2/aggs/ticker/I:SPX/range/1/minute/2024-11-22/2024-11-22?limit=100";

let sandbox: Sandbox;
let right: Uint8Array;

beforeAll(async () => {
  sandbox = await startSandbox({ nowMs: () => MONDAY_MS });
  right = await objectBytes(sandbox, FRIDAY_KEY);
});

beforeEach(() => sandbox.faults.clear());

afterAll(() => sandbox.stop());

function strike(fault: Fault, times = 1): void {
  sandbox.faults.add({ match: /2024-11-22/, fault, times });
}

/** What a bare TCP client receives: the text, and how the connection ended. */
async function rawGet(path: string): Promise<{ text: string; end: string }> {
  const socket = connect({ port: Number(new URL(sandbox.url).port), host: "127.0.0.1" });
  let text = "";
  let end = "closed";
  socket.setEncoding("latin1");
  socket.on("data", (piece: string) => {
    text += piece;
  });
  socket.on("error", (error: Error & { code?: string }) => {
    end = error.code ?? "error";
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer sandbox-api-key\r\n\r\n`);
  await new Promise((resolve) => socket.once("close", resolve));
  return { text, end };
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf("\r\n\r\n") + 4);
}

describe("connections", () => {
  test("a reset is a TCP reset, in the middle of the body", async () => {
    strike({ kind: "reset", afterBytes: 1000 });
    const { text, end } = await rawGet(BARS);
    expect(end).toBe("ECONNRESET");
    expect(bodyOf(text).length).toBeLessThanOrEqual(1000);
  });

  test("a reset may come before the headers", async () => {
    strike({ kind: "reset" });
    expect(await rawGet(BARS)).toEqual({ text: "", end: "ECONNRESET" });
    expect(sandbox.requests.at(-1)?.status).toBe(0);
  });

  test("a short body ends in order after fewer bytes than its Content-Length", async () => {
    strike({ kind: "short", afterBytes: 700 });
    const { text, end } = await rawGet(BARS);
    expect(end).toBe("closed");
    expect(bodyOf(text).length).toBe(700);
    expect(Number(/content-length: (\d+)/i.exec(text)?.[1])).toBeGreaterThan(700);
  });

  test.each([
    ["reset", { kind: "reset", afterBytes: 1000 }],
    ["short", { kind: "short", afterBytes: 1000 }],
    ["an early reset", { kind: "reset" }],
  ] as const)("%s fails fetch, node:http and the AWS SDK, once", async (_, fault) => {
    strike(fault, 3);
    const viaFetch = failureOf(restGet(sandbox, BARS).then((answer) => answer.text()));
    expect((await viaFetch).code).toBe("ECONNRESET");
    const viaNode = failureOf(nodeGet(sandbox.url + BARS));
    expect((await viaNode).code).toBe("ECONNRESET");
    expect((await failureOf(objectBytes(sandbox, FRIDAY_KEY))).code).toBe("ECONNRESET");
    expect(await objectBytes(sandbox, FRIDAY_KEY)).toEqual(right);
  });

  test("a stall lasts until the client gives up, before the headers or in the body", async () => {
    strike({ kind: "stall" }, 2);
    const silent = fetch(sandbox.url + BARS, { signal: AbortSignal.timeout(50) });
    expect((await failureOf(silent)).name).toBe("TimeoutError");
    const unanswered = s3Client(sandbox).send(new GetObjectCommand({ Bucket: BUCKET, Key: FRIDAY_KEY }), {
      abortSignal: AbortSignal.timeout(50),
    });
    expect((await failureOf(unanswered)).name).toBe("AbortError");
    strike({ kind: "stall", afterBytes: 1000 });
    const answer = await fetch(sandbox.url + BARS, {
      headers: { authorization: "Bearer sandbox-api-key" },
      signal: AbortSignal.timeout(100),
    });
    let received = 0;
    const reading = async (): Promise<void> => {
      for await (const piece of answer.body ?? []) received += piece.length;
    };
    expect((await failureOf(reading())).name).toBe("TimeoutError");
    expect(received).toBe(1000);
  });

  test("stop ends a stall", async () => {
    const other = await startSandbox({ nowMs: () => MONDAY_MS });
    other.faults.add({ match: /./, fault: { kind: "stall", afterBytes: 10 } });
    const answer = await restGet(other, BARS);
    const stalled = failureOf(answer.text());
    await other.stop();
    expect((await stalled).code).toBe("ECONNRESET");
  });

  test("stop does not wait for a client that left while its answer was being made", async () => {
    const tickers = { indices: syntheticTickers("indices", 300) };
    const other = await startSandbox({ nowMs: () => MONDAY_MS, tickers });
    other.faults.add({ match: /./, fault: { kind: "stall" } });
    const leave = new AbortController();
    const left = failureOf(
      s3Client(other).send(new GetObjectCommand({ Bucket: BUCKET, Key: FRIDAY_KEY }), {
        abortSignal: leave.signal,
      }),
    );
    while (other.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leave.abort();
    expect((await left).name).toBe("AbortError");
    await other.stop();
    expect(other.requests.map((request) => request.status)).toEqual([0]);
  });

  test("a rate limit holds for each connection, and for one request", async () => {
    const seconds = 0.3;
    const timed = async (): Promise<number> => {
      const startMs = performance.now();
      expect((await objectBytes(sandbox, FRIDAY_KEY)).length).toBe(right.length);
      return (performance.now() - startMs) / 1000;
    };
    sandbox.faults.bytesPerSecond = right.length / seconds;
    for (const took of await Promise.all([timed(), timed()]))
      expect(took).toBeWithin(seconds * 0.9, seconds * 1.8);
    sandbox.faults.bytesPerSecond = undefined;
    strike({ kind: "slow", bytesPerSecond: right.length / seconds });
    expect(await timed()).toBeGreaterThan(seconds * 0.9);
    expect(await timed()).toBeLessThan(seconds * 0.9);
  });
});

describe("answers", () => {
  test.each([
    ["SlowDown", 503, FAULT_ANSWERS.slowDown()],
    ["InternalError", 500, FAULT_ANSWERS.internalError()],
    ["Unknown", 403, FAULT_ANSWERS.throttle403("")],
    ["Error", 403, FAULT_ANSWERS.throttle403()],
    ["Unknown", 502, FAULT_ANSWERS.html(502)],
  ])("S3 may answer %s %i", async (name, status, answer) => {
    strike({ kind: "answer", answer });
    expect(await failureOf(objectBytes(sandbox, FRIDAY_KEY))).toMatchObject({ name, status });
    expect(await objectBytes(sandbox, FRIDAY_KEY)).toEqual(right);
  });

  test.each([
    [429, "application/json", "7", FAULT_ANSWERS.tooManyRequests(7)],
    [429, "application/json", null, FAULT_ANSWERS.tooManyRequests(undefined)],
    [500, "application/json", null, FAULT_ANSWERS.restInternalError()],
    [200, "text/html", null, FAULT_ANSWERS.html()],
  ])("REST may answer %i as %s, retry after %p", async (status, contentType, retryAfter, answer) => {
    strike({ kind: "answer", answer });
    const got = await restGet(sandbox, BARS);
    expect([got.status, got.headers.get("content-type"), got.headers.get("retry-after")]).toEqual([
      status,
      contentType,
      retryAfter,
    ]);
    await got.text();
    expect((await restGet(sandbox, BARS)).status).toBe(200);
  });

  test("a body may have flipped bytes", async () => {
    strike({ kind: "flip", atByte: 500 });
    const broken = await objectBytes(sandbox, FRIDAY_KEY);
    const different = [...broken.keys()].filter((index) => broken[index] !== right[index]);
    expect(different).toEqual(Array.from({ length: 16 }, (_, index) => 500 + index));
  });

  test("JSON may be cut", async () => {
    strike({ kind: "cut-json" });
    const answer = await restGet(sandbox, BARS);
    expect(await failureOf(answer.json())).toMatchObject({ name: "SyntaxError" });
  });

  test("next_url may lead to another host", async () => {
    strike({ kind: "foreign-next-url", origin: "https://elsewhere.example" });
    expect(await (await restGet(sandbox, BARS)).text()).toContain(
      '"next_url":"https://elsewhere.example/v2/aggs/ticker/I:SPX/range/1/minute/',
    );
  });

  test.each(["I:SPX", "MSFT"])("bars of %s may be there twice", async (ticker) => {
    const path = BARS.replace("I:SPX", ticker);
    const stamps = async (): Promise<string[]> =>
      (await (await restGet(sandbox, path)).text()).match(/"t":\d+/g) ?? [];
    const single = await stamps();
    strike({ kind: "duplicate-bars" });
    expect(await stamps()).toEqual(single.flatMap((stamp) => [stamp, stamp]));
  });
});

test("a rule strikes the requests that match it, after some that pass, so many times", async () => {
  sandbox.faults.add({
    match: /NDX/,
    skip: 1,
    times: 2,
    fault: { kind: "answer", answer: FAULT_ANSWERS.restInternalError() },
  });
  const statuses: number[] = [];
  for (const ticker of ["I:NDX", "I:SPX", "I:NDX", "I:NDX", "I:NDX"])
    statuses.push((await restGet(sandbox, BARS.replace("I:SPX", ticker))).status);
  expect(statuses).toEqual([200, 200, 500, 500, 200]);
});

/** The body of a GET by node:http; fails if the connection breaks off. */
async function nodeGet(url: string): Promise<number> {
  const request = get(url, { headers: { authorization: "Bearer sandbox-api-key" } });
  const [message] = await once(request, "response");
  let received = 0;
  for await (const piece of message) received += piece.length;
  return received;
}
