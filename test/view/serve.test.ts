import { describe, expect, test } from "bun:test";
import { request } from "node:http";
import { beginRun, endRun, NOTHING_MOVED, noteStep } from "../../src/cache/runs.ts";
import { takeLock } from "../../src/cache/lock.ts";
import { markFailed, openTarget } from "../../src/cache/targets.ts";
import { NEW_YORK, zonedTimeMs } from "../../src/core/dates.ts";
import { barsFrom } from "../support/bars.ts";
import { writeDay } from "../support/cache-days.ts";
import { syncAll } from "../support/outbox.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { thrownBy } from "../support/thrown.ts";
import { refusalOf } from "../../src/view/guard.ts";
import { serveView } from "../../src/view/serve.ts";
import { answerOf, serve, serveContext } from "./support.ts";

const FRIDAY = "2024-11-22";
const OPEN_MS = zonedTimeMs(FRIDAY, "09:30", NEW_YORK);

async function spx(temp: TempCache, prices: readonly number[] = [1, 2, 3]): Promise<void> {
  await writeDay(temp.cache, { date: FRIDAY, blocks: [["I:SPX", barsFrom(OPEN_MS, prices)]] });
}

/** The status of a request with headers that fetch does not let one set. */
function statusOf(
  url: string,
  options: { method?: string; headers?: Record<string, string> },
): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

describe("who may ask", () => {
  test("is the browser of this machine, by this machine's own names", async () => {
    using temp = tempCache();
    const { url } = serve(temp);
    const { port } = new URL(url);
    const status = (host: string) => statusOf(url, { headers: { host } });
    expect(new URL(url).hostname).toBe("127.0.0.1");
    expect(await status(`127.0.0.1:${port}`)).toBe(200);
    expect(await status(`localhost:${port}`)).toBe(200);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      `127.0.0.1:${port}.evil.example`,
    ])
      expect(await status(host)).toBe(403);
  });

  test("may only look", async () => {
    using temp = tempCache();
    const { url } = serve(temp);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
      expect(await statusOf(`${url}api/runs`, { method })).toBe(405);
  });

  test("is no script of another page", async () => {
    using temp = tempCache();
    const { url } = serve(temp);
    const status = (site: string, mode = "cors") =>
      statusOf(`${url}api/runs`, { headers: { "sec-fetch-site": site, "sec-fetch-mode": mode } });
    expect([await status("cross-site"), await status("same-site"), await status("same-origin")]).toEqual([
      403, 403, 200,
    ]);
    // A link from another page opens this one.
    expect(await status("cross-site", "navigate")).toBe(200);
  });

  test("gets a page that loads nothing from elsewhere and is in no frame", async () => {
    using temp = tempCache();
    const { headers } = await fetch(serve(temp).url);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });

  test("gets nothing at other paths", async () => {
    using temp = tempCache();
    const { url } = serve(temp);
    for (const path of ["nothing", "api/", "api/nothing", "../../etc/passwd", "toString", "__proto__"])
      expect((await fetch(new URL(path, url))).status).toBe(404);
  });
});

test("a port is that of one page only", () => {
  using temp = tempCache();
  const { port } = new URL(serve(temp).url);
  expect(() => serve(temp, Number(port))).toThrow("in use");
});

function asked(host: string, port: number): number | null {
  return refusalOf(new Request("http://127.0.0.1/", { headers: { host } }), port)?.status ?? null;
}

test("a port that addresses leave out is no other name", () => {
  expect([asked("127.0.0.1", 80), asked("localhost", 80), asked("127.0.0.1:80", 80)]).toEqual([
    null,
    null,
    null,
  ]);
  expect([asked("127.0.0.1", 8080), asked("evil.example", 80), asked("", 80)]).toEqual([403, 403, 403]);
});

test("a port that is taken is told", () => {
  using temp = tempCache();
  using taken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") });
  const context = {
    cache: temp.cache,
    dataDir: "",
    version: "",
    target: null,
    synthetic: false,
    nowMs: () => 0,
  };
  const error = thrownBy(() => serveView(context, {}, taken.port ?? 0));
  expect([error.kind, error.operation, error.nextStep]).toEqual([
    "usage",
    `serve the page on port ${taken.port}`,
    "Choose another --port, or leave it out for one that is free.",
  ]);
});

test("the overview has every symbol, and from when to when it has bars", async () => {
  using temp = tempCache();
  await spx(temp);
  expect(await answerOf(serve(temp), "/api/overview")).toEqual([
    200,
    {
      schemaVersion: 1,
      version: "1.2.3",
      dataDir: temp.dataDir,
      synthetic: false,
      today: "2024-11-25",
      from: FRIDAY,
      to: "2024-11-25",
      timeframes: ["1m", "5m", "15m", "30m", "1h", "1d"],
      symbols: [
        {
          symbol: "SPX",
          ticker: "I:SPX",
          dataset: "indices",
          first: FRIDAY,
          last: FRIDAY,
        },
      ],
    },
  ]);
});

test("an empty cache has an overview too", async () => {
  using temp = tempCache();
  expect(await answerOf(serve(temp), "/api/overview")).toMatchObject([
    200,
    { symbols: [], from: "2024-11-25" },
  ]);
});

test("the coverage of a symbol is what status --json says of it", async () => {
  using temp = tempCache();
  await spx(temp);
  const [status, json] = await answerOf(serve(temp), "/api/status?symbol=SPX");
  expect(status).toBe(200);
  expect(json).toMatchObject({
    schemaVersion: 1,
    timeframe: "1m",
    from: FRIDAY,
    to: "2024-11-25",
    symbols: [
      {
        symbol: "SPX",
        days: [
          { date: FRIDAY, state: "partial", source: "flatfile", bars: 3, expected: 390, synced: false },
          { date: "2024-11-23", state: "closed" },
          { date: "2024-11-24", state: "closed" },
          { date: "2024-11-25", state: "pending" },
        ],
        totals: { partial: 1, bars: 3 },
      },
    ],
    gaps: 1,
  });
});

test("the coverage of a symbol begins with its own first day, had or failed", async () => {
  using temp = tempCache();
  await spx(temp);
  await writeDay(temp.cache, {
    date: "2024-11-25",
    blocks: [["I:NDX", barsFrom(OPEN_MS + 3 * 86_400_000, [1])]],
  });
  const view = serve(temp);
  expect(await answerOf(view, "/api/status?symbol=NDX")).toMatchObject([
    200,
    { from: "2024-11-25", gaps: 1 },
  ]);
  temp.cache.db.run(
    `INSERT INTO day_problems VALUES ('indices', 'I:NDX', 1, ${Date.UTC(2024, 10, 21) / 86_400_000}, 'failed', 'read', 'broken', 'again', 1)`,
  );
  expect(await answerOf(view, "/api/status?symbol=NDX")).toMatchObject([200, { from: "2024-11-21" }]);
});

test("the bars of a chart are what show --json says of them", async () => {
  using temp = tempCache();
  await spx(temp);
  const [, json] = await answerOf(
    serve(temp),
    `/api/bars?symbol=SPX&timeframe=5m&from=${FRIDAY}&to=${FRIDAY}`,
  );
  expect(json).toMatchObject({
    schemaVersion: 1,
    symbol: "SPX",
    timeframe: "5m",
    made: "now",
    holes: [{ from: OPEN_MS + 180_000, minutes: 387 }],
    bars: [{ timestamp: OPEN_MS, open: 1, high: 3, low: 1, close: 3, volume: null, incomplete: true }],
  });
  expect(await answerOf(serve(temp), "/api/bars?symbol=SPX")).toMatchObject([
    200,
    { from: FRIDAY, to: FRIDAY },
  ]);
});

test.each([
  ["/api/bars", "read symbol: it is missing"],
  ["/api/bars?symbol=NDX", "show NDX: the cache has nothing of it (indices)"],
  ["/api/bars?symbol=SPX&timeframe=2m", 'read --timeframe: "2m" is not a timeframe'],
  ["/api/bars?symbol=SPX&from=2024-02-30", 'read from: "2024-02-30" is not a date'],
  ["/api/bars?symbol=SPX&from=2024-11-23&to=2024-11-22", "read from: 2024-11-23 is after 2024-11-22"],
  ["/api/bars?symbol=SPX&from=0001-01-01&to=2024-11-22", "read from: the range is too long"],
  ["/api/status?symbol=", "read symbol: it is missing"],
  ["/api/status?symbol=SPX&from=2024-11-23&to=2024-11-22", "read from: 2024-11-23 is after 2024-11-22"],
  ["/api/status?symbol=SPX&from=yesterday", 'read from: "yesterday" is not a date'],
])("%s is answered with what is wrong", async (path, error) => {
  using temp = tempCache();
  await spx(temp);
  expect(await answerOf(serve(temp), path)).toEqual([
    400,
    { schemaVersion: 1, error, hint: expect.any(String) },
  ]);
});

test("the outbox has every database with what it lacks, and why", async () => {
  using temp = tempCache();
  await spx(temp);
  await openTarget(temp.cache, "db.example:5432/market public.historical_bars");
  const id = await openTarget(temp.cache, "other.example:5432/market public.historical_bars");
  await markFailed(temp.cache, id, { error: "nothing listens there", atMs: OPEN_MS });
  const lacking = { unsyncedBatches: 1, unsyncedBars: 3, oldestUnsyncedAt: "1970-01-01T00:00:01.000Z" };
  expect(await answerOf(serve(temp), "/api/outbox")).toEqual([
    200,
    {
      schemaVersion: 1,
      targets: [
        { target: "db.example:5432/market public.historical_bars", ...lacking, lastError: null },
        {
          target: "other.example:5432/market public.historical_bars",
          ...lacking,
          lastError: { error: "nothing listens there", at: "2024-11-22T14:30:00.000Z" },
        },
      ],
    },
  ]);
});

test("runs are told from those that never came to their end", async () => {
  using temp = tempCache();
  await beginRun(temp.cache, "hybrid", 1000);
  const failed = await beginRun(temp.cache, "sync", 2000);
  await endRun(temp.cache, failed, NOTHING_MOVED, { endedAtMs: 2500, error: "no connection" });
  const atWork = await beginRun(temp.cache, "hybrid", 3000);
  await noteStep(temp.cache, atWork, { step: "read files", stepUnit: "files", stepDone: 3, stepTotal: 9 });
  const view = serve(temp);
  const states = async () => {
    const [, json] = await answerOf(view, "/api/runs");
    return json;
  };
  expect(await states()).toMatchObject({
    runs: [
      {
        command: "hybrid",
        state: "killed",
        step: "read files",
        stepUnit: "files",
        stepDone: 3,
        stepTotal: 9,
        endedAt: null,
      },
      { command: "sync", state: "failed", error: "no connection", durationMs: 500 },
      { command: "hybrid", state: "killed", durationMs: null },
    ],
  });
  const lock = takeLock(temp.dataDir, "verify");
  try {
    // Somebody else's lock, who has taken it since.
    expect(await states()).toMatchObject({ runs: [{ state: "killed" }, {}, {}] });
    await beginRun(temp.cache, "hybrid", Date.now());
    expect(await states()).toMatchObject({
      runs: [{ state: "running" }, { state: "killed" }, { state: "failed" }, { state: "killed" }],
    });
  } finally {
    lock.release();
  }
});

test("a database of the settings that was never synced to lacks everything", async () => {
  using temp = tempCache();
  await spx(temp);
  const name = "db.example:5432/market public.historical_bars";
  const old = await openTarget(temp.cache, "other.example:5432/market public.historical_bars");
  await syncAll(temp.cache, old);
  const view = serveContext({ cache: temp.cache, dataDir: temp.dataDir, target: name });
  expect(await answerOf(view, "/api/outbox")).toMatchObject([
    200,
    { targets: [{ unsyncedBatches: 0 }, { target: name, unsyncedBatches: 1, unsyncedBars: 3 }] },
  ]);
  expect(await answerOf(view, "/api/status?symbol=SPX")).toMatchObject([
    200,
    { sync: { target: name, unsyncedBatches: 1 }, symbols: [{ days: [{ synced: false }, {}, {}, {}] }] },
  ]);
  expect(await answerOf(serve(temp), "/api/status?symbol=SPX")).toMatchObject([
    200,
    { symbols: [{ days: [{ synced: true }, {}, {}, {}] }] },
  ]);
});
