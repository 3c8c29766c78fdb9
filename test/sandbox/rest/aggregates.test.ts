import { describe, expect, test } from "bun:test";
import type { Bar } from "../../../src/core/bar.ts";
import { MINUTE_MS } from "../../../src/core/bar.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import { SPLIT_FACTOR } from "../../../src/sandbox/sandbox.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { MONDAY_MS, rangePath, restGet, withSandbox } from "../support.ts";

const FRIDAY = "2024-11-22";

interface Result {
  t: number;
  o: number;
  h: number;
  l: number;
  c: number;
  v?: number;
  vw?: number;
  n?: number;
}

interface Body {
  ticker: string;
  queryCount: number;
  resultsCount?: number;
  adjusted?: boolean;
  results?: Result[];
  status: string;
  request_id: string;
  next_url?: string;
  count: number;
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && "queryCount" in value;
}

async function bodyOf(sandbox: Sandbox, path: string): Promise<Body> {
  const answer = await restGet(sandbox, path);
  const body: unknown = await answer.json();
  if (answer.status !== 200 || !isBody(body))
    throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`);
  return body;
}

async function resultsOf(sandbox: Sandbox, path: string): Promise<Result[]> {
  return (await bodyOf(sandbox, path)).results ?? [];
}

function asBar(result: Result): Bar {
  return {
    windowStartMs: result.t,
    open: result.o,
    high: result.h,
    low: result.l,
    close: result.c,
    volume: result.v ?? null,
    vwap: null,
    transactions: result.n ?? null,
  };
}

describe("aggregates", () => {
  test.each<[Dataset, string, string]>([
    ["indices", "I:SPX", "I:SPX"],
    ["stocks", "AAPL", "AAPL"],
    ["options", "O:SPY261218C00650000", "O:SPY261218C00650000"],
    ["crypto", "X:BTC-USD", "X:BTCUSD"],
    ["forex", "C:EUR-USD", "C:EURUSD"],
  ])("%s: the bars of the flat file", async (dataset, ticker, restTicker) => {
    await withSandbox({}, async (sandbox) => {
      const truth = sandbox.truth(dataset, ticker, FRIDAY);
      const first = truth[0]?.windowStartMs ?? 0;
      const last = truth.at(-1)?.windowStartMs ?? 0;
      const results = await resultsOf(sandbox, rangePath(restTicker, first, last, "adjusted=false"));
      expect(results.map(asBar)).toEqual(truth);
      expect(results.every((result) => "vw" in result === (dataset !== "indices"))).toBe(true);
    });
  });

  test("dates are whole days of New York, both included", async () => {
    await withSandbox({}, async (sandbox) => {
      const days = ["2024-11-21", FRIDAY].flatMap((date) => sandbox.truth("indices", "I:SPX", date));
      const results = await resultsOf(sandbox, rangePath("I:SPX", "2024-11-21", FRIDAY));
      expect(results.map(asBar)).toEqual(days);
      const crypto = await resultsOf(sandbox, rangePath("X:BTCUSD", FRIDAY, FRIDAY));
      expect([crypto[0]?.t, crypto.at(-1)?.t, crypto.length]).toEqual([
        Date.parse("2024-11-22T05:00Z"),
        Date.parse("2024-11-23T04:59Z"),
        1440,
      ]);
    });
  });

  test("index answers have the vendor's fields and no others", async () => {
    await withSandbox({}, async (sandbox) => {
      const { request_id: requestId, ...body } = await bodyOf(
        sandbox,
        rangePath("I:SPX", FRIDAY, FRIDAY, "limit=1"),
      );
      const bar = sandbox.truth("indices", "I:SPX", FRIDAY)[0];
      expect(requestId).toMatch(/^[0-9a-f]{32}$/);
      expect(body).toEqual({
        ticker: "I:SPX",
        queryCount: 1,
        results: [
          {
            o: bar?.open ?? 0,
            c: bar?.close ?? 0,
            h: bar?.high ?? 0,
            l: bar?.low ?? 0,
            t: bar?.windowStartMs ?? 0,
          },
        ],
        status: "OK",
        count: 1,
        next_url: `${sandbox.url}/v2/aggs/ticker/I:SPX/range/1/minute/1732285860000/${FRIDAY}?cursor=bGltaXQ9MSZzb3J0PWFzYw`,
      });
    });
  });

  test("without data `results` is absent", async () => {
    await withSandbox({}, async (sandbox) => {
      const body = await bodyOf(sandbox, rangePath("NOBODY", FRIDAY, FRIDAY));
      expect({ ...body, request_id: "" }).toEqual({
        ticker: "NOBODY",
        queryCount: 0,
        resultsCount: 0,
        adjusted: true,
        status: "OK",
        request_id: "",
        count: 0,
      });
    });
  });

  test.each(["asc", "desc"])("pages hang together without loss, sorted %s", async (sort) => {
    await withSandbox({}, async (sandbox) => {
      let truth = ["2024-11-21", FRIDAY].flatMap((date) => sandbox.truth("stocks", "AAPL", date));
      if (sort === "desc") truth = truth.toReversed();
      const bars: Bar[] = [];
      let pages = 0;
      let next: string | undefined = rangePath(
        "AAPL",
        "2024-11-21",
        FRIDAY,
        `adjusted=false&sort=${sort}&limit=500`,
      );
      while (next !== undefined) {
        const body: Body = await bodyOf(sandbox, next);
        bars.push(...(body.results ?? []).map(asBar));
        next = body.next_url;
        pages += 1;
      }
      expect(bars).toEqual(truth);
      expect(pages).toBe(Math.ceil(truth.length / 500));
    });
  });

  test("next_url does not carry the key", async () => {
    await withSandbox({}, async (sandbox) => {
      const body = await bodyOf(
        sandbox,
        rangePath("I:SPX", FRIDAY, FRIDAY, "limit=5&apiKey=sandbox-api-key"),
      );
      expect(body.next_url).not.toContain("sandbox-api-key");
      expect((await fetch(body.next_url ?? "")).status).toBe(401);
    });
  });

  test("the limit is 5000 bars unless said otherwise", async () => {
    await withSandbox({}, async (sandbox) => {
      const week = await bodyOf(sandbox, rangePath("X:BTCUSD", "2024-11-18", FRIDAY));
      expect([week.results?.length, week.next_url === undefined]).toEqual([5000, false]);
      const all = await bodyOf(sandbox, rangePath("X:BTCUSD", "2024-11-18", FRIDAY, "limit=50000"));
      expect([all.results?.length, all.next_url === undefined]).toEqual([7200, true]);
    });
  });

  test("the first stock is adjusted for a split unless asked not to be", async () => {
    await withSandbox({}, async (sandbox) => {
      const [raw] = await resultsOf(sandbox, rangePath("AAPL", FRIDAY, FRIDAY, "adjusted=false&limit=1"));
      const [adjusted] = await resultsOf(sandbox, rangePath("AAPL", FRIDAY, FRIDAY, "limit=1"));
      expect(adjusted?.o).toBeCloseTo((raw?.o ?? 0) / SPLIT_FACTOR, 5);
      expect(adjusted?.v).toBe((raw?.v ?? 0) * SPLIT_FACTOR);
      expect(await resultsOf(sandbox, rangePath("MSFT", FRIDAY, FRIDAY))).toEqual(
        await resultsOf(sandbox, rangePath("MSFT", FRIDAY, FRIDAY, "adjusted=false")),
      );
    });
  });

  test("one bar a day has the day's range, the session's open and close, and the auction's volume", async () => {
    await withSandbox({}, async (sandbox) => {
      const truth = sandbox.truth("stocks", "MSFT", FRIDAY);
      const [day] = await resultsOf(sandbox, `/v2/aggs/ticker/MSFT/range/1/day/${FRIDAY}/${FRIDAY}`);
      const session = truth.filter(
        ({ windowStartMs }) =>
          windowStartMs >= Date.parse("2024-11-22T14:30Z") && windowStartMs < Date.parse("2024-11-22T21:00Z"),
      );
      const volume = truth.reduce((sum, bar) => sum + (bar.volume ?? 0), 0);
      expect([(day?.v ?? 0) >= volume, (day?.v ?? 0) <= volume * 1.12]).toEqual([true, true]);
      expect(day).toMatchObject({
        t: Date.parse("2024-11-22T05:00Z"),
        o: session[0]?.open ?? 0,
        c: session.at(-1)?.close ?? 0,
        h: Math.max(...truth.map((bar) => bar.high)),
        l: Math.min(...truth.map((bar) => bar.low)),
      });
    });
  });

  test("follows a republished day", async () => {
    await withSandbox({}, async (sandbox) => {
      sandbox.republish("indices", FRIDAY, ["I:SPX"]);
      const results = await resultsOf(sandbox, rangePath("I:SPX", FRIDAY, FRIDAY));
      expect(results.map(asBar)).toEqual(sandbox.truth("indices", "I:SPX", FRIDAY));
    });
  });
});

describe("today", () => {
  const TODAY = "2024-11-25";

  test("shows the minutes that have begun; the running one still changes", async () => {
    let nowMs = MONDAY_MS + 20_000;
    await withSandbox({ nowMs: () => nowMs }, async (sandbox) => {
      const path = rangePath("AAPL", TODAY, TODAY, "adjusted=false");
      const truth = sandbox.truth("stocks", "AAPL", TODAY).filter((bar) => bar.windowStartMs <= MONDAY_MS);
      const early = (await resultsOf(sandbox, path)).map(asBar);
      nowMs += 20_000;
      const later = (await resultsOf(sandbox, path)).map(asBar);
      nowMs += 20_000;
      const over = (await resultsOf(sandbox, path)).map(asBar);
      expect(early.slice(0, -1)).toEqual(truth.slice(0, -1));
      expect(early.at(-1)?.windowStartMs).toBe(MONDAY_MS);
      expect(later.at(-1)).not.toEqual(early.at(-1));
      expect(over.slice(0, truth.length)).toEqual(truth);
      expect(later.at(-1)).not.toEqual(truth.at(-1));
    });
  });

  test("a delayed plan lacks the last fifteen minutes and says so", async () => {
    await withSandbox({ rest: { delayed: true } }, async (sandbox) => {
      const body = await bodyOf(sandbox, rangePath("I:SPX", TODAY, TODAY));
      expect([body.status, body.results?.at(-1)?.t]).toEqual(["DELAYED", MONDAY_MS - 15 * MINUTE_MS]);
    });
  });
});
