import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { expectExit, start, type Outcome } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { hostileVendor, type HostileRequest, type HostileVendor } from "../support/hostile-vendor.ts";
import { watchMemory } from "../support/memory-watch.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const [DATE, TODAY] = ["2024-11-21", "2024-11-22"];
const OPEN_MS = Date.parse(`${DATE}T14:30:00Z`);
const MEMORY_LIMIT_BYTES = 600e6;

interface Run {
  readonly outcome: Outcome;
  readonly peakBytes: number;
  readonly bars: readonly string[];
}

async function ask(dir: TempDir, { env }: HostileVendor): Promise<Run> {
  const command = ["api", "--symbols=SPX", `--from=${DATE}`, `--to=${DATE}`, `--today=${TODAY}`, "--verbose"];
  const running = start(command, { cwd: dir.path, env });
  const memory = watchMemory(running.pid);
  const outcome = await running.ended;
  return { outcome, peakBytes: memory.peakBytes(), bars: cachedBars(join(dir.path, "data")) };
}

function bar(minute: number, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { o: 1, h: 3, l: 1, c: 2, v: 1, vw: 2, n: 1, t: OPEN_MS + minute * 60_000, ...fields };
}

function page(results: unknown, fields: Readonly<Record<string, unknown>> = {}): Response {
  return Response.json({ status: "OK", ticker: "I:SPX", adjusted: false, results, ...fields });
}

describe("an answer of the API", () => {
  test.each<[string, () => Response]>([
    ["that is null", () => Response.json(null)],
    ["that is a list", () => Response.json([1, 2, 3])],
    ["that is a text", () => Response.json("bars")],
    ["whose results are an object", () => page({ t: 1 })],
    ["whose results are texts", () => page(["a", "b"])],
    ["whose bars have texts for numbers", () => page([bar(0, { o: "1", t: String(OPEN_MS) })])],
    ["whose bars have no prices", () => page([{ t: OPEN_MS }])],
    [
      "whose stamps are of other years",
      () => page([bar(0, { t: 0 }), bar(1, { t: 4e15 }), bar(2, { t: -1 })]),
    ],
    ["whose stamps lie between minutes", () => page([bar(0, { t: OPEN_MS + 1.5 })])],
    [
      "whose prices cannot be",
      () => page([bar(0, { h: 0.5 }), bar(1, { o: -1 }), bar(2, { c: 1e300, h: 1e301 })]),
    ],
    [
      "that is OK and says that it is not",
      () => Response.json({ status: "ERROR", error: "no\u001B[2J\u0007" }),
    ],
    ["of another ticker", () => page([bar(0)], { ticker: "I:NDX" })],
    [
      "that is nested without end",
      () => new Response(`{"results":${"[".repeat(200_000)}${"]".repeat(200_000)}}`),
    ],
    ["that never ends", () => new Response(endless())],
    [
      "that sends us elsewhere",
      () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
    ],
    [
      "that goes on at the same page",
      () => page([bar(0)], { next_url: "/v2/aggs/ticker/I:SPX/range/1/minute/1/2?cursor=x" }),
    ],
  ])("%s is told as a failure; nothing of it is kept", async (_, answer) => {
    using dir = tempDir();
    await using vendor = hostileVendor(answer);
    const { outcome, peakBytes, bars } = await ask(dir, vendor);
    expectExit(outcome, 4);
    expect(outcome.stdout).toMatch(
      /✖ Failures:\n {2}indices 2024-11-21 \(api\): .+\n {4}→ .+\n {2}More: massive-backfill help \S+\n/,
    );
    expect(outcome.stdout + outcome.stderr).not.toMatch(/(?![\n\t])\p{Cc}/u);
    expect(peakBytes).toBeLessThan(MEMORY_LIMIT_BYTES);
    expect(bars).toEqual([]);
    expect(vendor.requests.length).toBeLessThan(20);
  });

  test("with a page after each page, for ever, is given up", async () => {
    using dir = tempDir();
    let pages = 0;
    await using vendor = hostileVendor(({ path }: HostileRequest) => {
      pages += 1;
      return page([], { next_url: `http://127.0.0.1${path}?cursor=${pages}` });
    });
    const { outcome, bars } = await ask(dir, vendor);
    expectExit(outcome, 4);
    expect(bars).toEqual([]);
    expect(vendor.requests.length).toBeLessThan(20);
  });

  test.each([
    ["another port", (other: string) => `${other}/v2/aggs/next`],
    [
      "another host behind our name",
      (other: string) => `http://api.massive.com@${new URL(other).host}/v2/aggs/next`,
    ],
    ["an address without a protocol", (other: string) => `//${new URL(other).host}/v2/aggs/next`],
    ["a file", () => "file:///etc/passwd"],
  ])("whose next page is at %s is not followed there", async (_, next) => {
    using dir = tempDir();
    await using thief = hostileVendor(() => page([bar(1)]));
    await using vendor = hostileVendor(() => page([bar(0)], { next_url: next(thief.url) }));
    const { outcome } = await ask(dir, vendor);
    expectExit(outcome, 4);
    expect(thief.requests).toEqual([]);
  });
});

function endless(): ReadableStream<Uint8Array> {
  const chunk = Buffer.alloc(1 << 20, " ");
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue(chunk);
    },
  });
}
