import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { dayBars, minuteBarPages, type MinuteBarsPage } from "../../src/massive/aggregates.ts";
import { openRest, type RestClient } from "../../src/massive/rest-client.ts";
import { hostileServer, type HostileServer } from "../support/hostile-server.ts";
import { fakeClock } from "../massive/support.ts";
import { rejectionOf } from "../support/thrown.ts";

const DATE = "2024-11-22";
const OPEN_MS = Date.parse(`${DATE}T14:30:00Z`);
const QUESTION = { dataset: "indices", ticker: "I:SPX", from: DATE, to: DATE } as const;
const KEY = "api+hostile/key";
let vendor: HostileServer;
let rest: RestClient;

beforeEach(() => {
  vendor = hostileServer();
  const retry = { attempts: 2, baseDelayMs: 1, maxDelayMs: 1 };
  rest = openRest({ baseUrl: vendor.url, apiKey: KEY }, { retry });
});
afterEach(() => vendor[Symbol.asyncDispose]());

function bar(more: object = {}) {
  return { t: OPEN_MS, o: 1, h: 1, l: 1, c: 1, ...more };
}

async function pages(): Promise<MinuteBarsPage[]> {
  return Array.fromAsync(minuteBarPages(rest, QUESTION));
}

function says(json: unknown): void {
  vendor.rest = () => Response.json(json);
}

describe("an answer of a wrong shape is refused:", () => {
  test.each<[string, unknown]>([
    ["a list", []],
    ["null", null],
    ["a number", 5],
    ["a text", "OK"],
    ["no status", { results: [bar()] }],
    ["another status", { status: "ERROR", results: [bar()] }],
    ["a text for results", { status: "OK", results: "x" }],
    ["an object for results", { status: "OK", results: { 0: bar() } }],
    ["another ticker", { status: "OK", ticker: "I:NDX", results: [bar()] }],
    ["a ticker that is none", { status: "OK", ticker: ["I:SPX"], results: [bar()] }],
    ["a number for the next page", { status: "OK", results: [bar()], next_url: 5 }],
    ["an object for the next page", { status: "OK", results: [bar()], next_url: {} }],
    ["an error that calls itself OK", { status: "OK", error: "You lose." }],
  ])("%s", async (_, json) => {
    says(json);
    expect((await rejectionOf(pages())).reason).toMatch(
      /^the answer (cannot be used: it is not one of bars of this ticker|is not one of bars)$/,
    );
    expect((await rejectionOf(dayBars(rest, QUESTION))).kind).toBe("source");
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["numbers", 1],
    ["lists", []],
    ["nothing", {}],
    ["texts for numbers", bar({ o: "1" })],
    ["a price of a list", bar({ o: [1] })],
    ["no stamp", bar({ t: null })],
    ["a stamp with a fraction", bar({ t: OPEN_MS + 0.5 })],
    ["a stamp in seconds", bar({ t: OPEN_MS / 1000 })],
    ["a stamp in nanoseconds", bar({ t: OPEN_MS * 1e6 })],
    ["a stamp of the year 1", bar({ t: -62_135_596_800_000 })],
    ["a stamp beyond all dates", bar({ t: 8.64e15 + 60_000 })],
    ["a stamp of another week", bar({ t: OPEN_MS - 7 * 86_400_000 })],
    ["prices that add up to no number", bar({ o: 1e308, h: 1e308, c: 1e308 })],
    ["a high below the low", bar({ h: 0 })],
    ["negative volume", bar({ v: -1 })],
    ["trades with a fraction", bar({ n: 1.5 })],
    ["trades beyond all integers", bar({ n: 1e300 })],
  ])("bars of %s", async (_, element) => {
    says({ status: "OK", results: [element] });
    expect((await rejectionOf(pages())).reason).toStartWith(
      "the answer cannot be used: 1 of 1 bars are bad, first: ",
    );
  });

  test("prices beyond all numbers", async () => {
    vendor.rest = () =>
      new Response(`{"status":"OK","results":[{"t":${OPEN_MS},"o":1,"h":1e999,"l":1,"c":1}]}`);
    expect((await rejectionOf(pages())).reason).toContain("first: not a number");
  });

  test("of the same minute told three times, the last one counts", async () => {
    says({ status: "OK", results: [bar(), bar({ h: 2 }), bar({ h: 3 })] });
    expect((await pages()).flatMap(({ bars }) => bars.map(({ high }) => high))).toEqual([3]);
  });
});

describe("an answer that is too much", () => {
  test.each<[string, string]>([
    ["lists in lists", "[".repeat(100_000) + "]".repeat(100_000)],
    ["a bar in a bar", `[${'{"t":'.repeat(90_000)}1${"}".repeat(90_000)}]`],
    ["nameless bars in bars", `[${'{"":'.repeat(90_000)}1${"}".repeat(90_000)}]`],
    ["lists in lists, millions of them", "[".repeat(5_000_000)],
    ["millions of empty bars", `[${"{},".repeat(2_000_000)}{}]`],
  ])("is refused at once: %s", async (_, results) => {
    vendor.rest = () => new Response(`{"status":"OK","results":${results}}`);
    const error = await rejectionOf(pages());
    expect(error.kind).toBe("source");
    expect(error.reason.length).toBeLessThan(300);
    expect(vendor.requests).toHaveLength(1);
  });

  test.each<[string, () => ConstructorParameters<typeof Response>[0]]>([
    ["long text", () => `{"status":"OK","x":"${"x".repeat(70e6)}"}`],
    ["gzip bomb", () => Bun.gzipSync(Buffer.alloc(80e6, 32))],
    [
      "body without end",
      () => {
        const spaces = Buffer.alloc(1 << 20, 32);
        return new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(spaces) });
      },
    ],
  ])("is read no further than 64 MB: a %s", async (what, body) => {
    const headers: Record<string, string> = what === "gzip bomb" ? { "content-encoding": "gzip" } : {};
    vendor.rest = () => new Response(body(), { headers });
    expect((await rejectionOf(pages())).code).toBe("too-large-answer");
  });
});

describe("a next page", () => {
  test.each([
    "http://evil.example/v2/x",
    "//evil.example/v2/x",
    "https://127.0.0.1/v2/x",
    "http://127.0.0.1:1/v2/x",
    "http://localhost/v2/x",
    "http://user:password@127.0.0.1/v2/x",
    "http://127.0.0.1\\@evil.example/",
    "http://127.0.0.1.evil.example/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "/v2/relative",
    "?cursor=1",
    "\u001b[2J",
    " ",
  ])("anywhere but at the server that we ask is not fetched: %j", async (next) => {
    says({ status: "OK", results: [bar()], next_url: next });
    const error = await rejectionOf(pages());
    expect(error.code).toBe("foreign-next-url");
    expect(error.reason).not.toMatch(/password|\p{Cc}/u);
    expect(vendor.requests).toHaveLength(1);
  });

  test("at another server does not get the key, nor a redirect there", async () => {
    const seen: string[] = [];
    using evil = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        seen.push(request.url);
        return Response.json({ status: "OK" });
      },
    });
    says({ status: "OK", results: [bar()], next_url: `http://127.0.0.1:${evil.port}/v2/x` });
    expect((await rejectionOf(pages())).code).toBe("foreign-next-url");
    for (const status of [301, 302, 303, 307, 308]) {
      vendor.rest = () =>
        new Response(null, { status, headers: { location: `http://127.0.0.1:${evil.port}/` } });
      expect((await rejectionOf(pages())).code).toBe("unexpected-answer");
    }
    expect(seen).toEqual([]);
  });

  test.each<[string, (request: number) => string, (request: number) => object[]]>([
    ["the same one", () => "same", () => [bar()]],
    ["ever new ones with the same bars", String, () => [bar()]],
    ["ever new ones without bars", String, () => []],
    ["ever new ones with ever later bars", String, (request) => [bar({ t: OPEN_MS + request * 60_000 })]],
  ])("without end is given up after 200: %s", async (_, cursor, results) => {
    rest = openRest({ baseUrl: vendor.url, apiKey: KEY }, { clock: fakeClock() });
    vendor.rest = () => {
      const request = vendor.requests.length;
      const next = `${vendor.url}/v2/next?cursor=${cursor(request)}`;
      return Response.json({ status: "OK", results: results(request), next_url: next });
    };
    expect((await rejectionOf(pages())).code).toBe("bad-answer");
    expect(vendor.requests.length).toBeLessThanOrEqual(200);
  });
});

describe("what the server says of an error", () => {
  test("comes on one line, short, without control characters and without the key", async () => {
    vendor.rest = () =>
      Response.json(
        { status: "ERROR", error: `\u001b[2J\u009b5n${KEY}\r\n${"x".repeat(5000)}` },
        { status: 400 },
      );
    const { reason } = await rejectionOf(pages());
    expect(reason).not.toMatch(/\p{Cc}/u);
    expect(reason).not.toContain(KEY);
    expect(reason.length).toBeLessThan(400);
  });

  test("may be of any shape", async () => {
    for (const error of [null, 5, [], {}, { message: "x" }, "constructor"])
      for (const status of [400, 401, 403, 404, 418]) {
        vendor.rest = () => Response.json({ status: error, error, message: error }, { status });
        expect(["source", "settings"]).toContain((await rejectionOf(pages())).kind);
      }
  });
});
