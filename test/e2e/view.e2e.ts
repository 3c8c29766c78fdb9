import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { servedPage } from "../support/served-view.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-24";
const AT = `--today=${TODAY}`;
const HYBRID = ["hybrid", "--symbols=SPX,AAPL", "--from=2024-11-18", `--to=${TODAY}`, AT];
let sandbox: Sandbox;
let dir: TempDir;

beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
  dir = tempDir();
  expectExit(await run(HYBRID, { cwd: dir.path, env: sandbox.environment }), 0);
});
afterAll(async () => {
  await sandbox.stop();
  dir[Symbol.dispose]();
});

describe("view", () => {
  test("serves the page and its data to this machine, and ends with Ctrl-C", async () => {
    const page = await servedPage([AT], { cwd: dir.path });
    expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const html = await fetch(page.url);
    expect([html.status, html.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await html.text()).toContain("<title>massive-backfill");
    expect(await page.json("/api/overview")).toMatchObject({
      today: TODAY,
      symbols: [
        { symbol: "AAPL", first: "2024-11-18", last: "2024-11-22" },
        { symbol: "SPX", first: "2024-11-18", last: "2024-11-22" },
      ],
    });
    const outcome = await page.stop();
    expectExit(outcome, 0);
  });

  test("says what status --json and show --json say", async () => {
    await using page = await servedPage([AT], { cwd: dir.path });
    const status = await run(["status", "--symbols=SPX", "--json", AT], { cwd: dir.path });
    const { cacheBytes: _, ...expected } = status.json();
    expect(await page.json("/api/status?symbol=SPX")).toMatchObject(expected);
    const show = await run(["show", "SPX", "--date=2024-11-22", "--timeframe=5m", "--json", AT], {
      cwd: dir.path,
    });
    const { command: __, ...bars } = show.json();
    expect(await page.json("/api/bars?symbol=SPX&timeframe=5m&from=2024-11-22&to=2024-11-22")).toEqual(bars);
  });

  test("refuses other names, other methods, and to be changed", async () => {
    await using page = await servedPage([AT], { cwd: dir.path });
    const foreign = await fetch(`${page.url}api/runs`, { headers: { host: "evil.example" } });
    expect([foreign.status, await foreign.text()]).toEqual([
      403,
      `This page is at ${page.url} and answers to no other name.\n`,
    ]);
    const post = await fetch(`${page.url}api/runs`, { method: "POST", body: "{}" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET"]);
  });

  test("stays right while a run in another process goes on", async () => {
    await using page = await servedPage([AT], { cwd: dir.path });
    expect(await page.json("/api/bars?symbol=X:BTC-USD")).toMatchObject({
      error: expect.stringContaining("nothing of it"),
    });
    const more = ["hybrid", "--symbols=X:BTC-USD", "--from=2024-11-20", `--to=${TODAY}`, AT];
    const running = start(more, { cwd: dir.path, env: sandbox.environment });
    expectExit(await running.ended, 0);
    expect(await page.json("/api/bars?symbol=X:BTC-USD")).toMatchObject({ dataset: "crypto", from: TODAY });
    expect(await page.json("/api/runs")).toMatchObject({
      runs: [
        {
          command: "hybrid",
          state: "done",
          barsCached: expect.any(Number),
          downloadedBytes: expect.any(Number),
        },
        { command: "hybrid", state: "done" },
      ],
    });
  });

  test("prints its address as JSON", async () => {
    const running = start(["view", "--no-open", "--json", AT], { cwd: dir.path });
    await running.said("}\n");
    running.signal("SIGTERM");
    expect((await running.ended).json()).toMatchObject({
      command: "view",
      url: expect.stringContaining("127.0.0.1"),
    });
  });

  test.each([
    [["--port=99999"], 2, 'read --port: "99999" is not a whole number up to 65535'],
    [["--data-dir=nowhere"], 2, "view nowhere: nothing is cached there"],
  ])("says what is wrong with %j", async (args, code, words) => {
    const outcome = await run(["view", "--no-open", ...args], { cwd: dir.path });
    expectExit(outcome, code);
    expect(outcome.stderr).toContain(words);
  });
});
