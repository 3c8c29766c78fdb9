import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eveningMs } from "../../src/core/publication.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { cachedBars, manifestOf } from "../support/cache-contents.ts";
import { contentsOf, filesOf } from "../support/folder.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { apiTruthOf, lookAlike, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";
const SYMBOLS = ["NDX", "SPX", "VIX"];
let postgres: TestPostgres;
/** The same data as the demo's own look-alike, by which its bars are judged. */
let same: Sandbox;

beforeAll(async () => {
  [postgres, same] = await Promise.all([startPostgres(), startSandbox({ nowMs: () => eveningMs(TODAY) })]);
});
afterAll(() => Promise.all([postgres.remove(), same.stop()]));

async function truth(): Promise<string[]> {
  const dates = sessionDates("SPX", "2024-08-24", "2024-11-21");
  const files = SYMBOLS.flatMap((symbol) => truthOf(same, symbol, dates));
  const today = SYMBOLS.map((symbol) => apiTruthOf(same, symbol, TODAY, eveningMs(TODAY)));
  return [...files, ...(await Promise.all(today)).flat()];
}

describe("the demo", () => {
  test("needs no settings: 90 days of three symbols without a gap, in under a minute; again it fetches nothing", async () => {
    using dir = tempDir();
    const first = await run(["demo", "--json"], { cwd: dir.path });
    expectExit(first, 0);
    expect(first.durationMs).toBeLessThan(60_000);
    expect(first.stderr).toContain("All bars in data/demo are synthetic: no market data.");
    expect(first.json()).toMatchObject({
      command: "demo",
      days: { api: 1, skipped: 0, pending: 0, denied: 0, failed: 0 },
      bars: { rejected: 0 },
      sync: null,
      failures: [],
    });
    const [from, to] = ["from", "to"].map((name) => String(first.json()[name]));
    const status = await run(
      [
        "status",
        "--json",
        "--check",
        "--data-dir=data/demo",
        `--from=${from}`,
        `--to=${to}`,
        `--today=${to}`,
      ],
      { cwd: dir.path },
    );
    expectExit(status, 0);
    const sessions = sessionDates("SPX", from ?? "", to ?? "");
    expect(status.json()).toMatchObject({
      symbols: SYMBOLS.map((symbol) => ({
        symbol,
        totals: { complete: sessions.length - 1, provisional: 1, partial: 0, missing: 0, pending: 0 },
      })),
      gaps: 0,
    });

    const manifest = manifestOf(join(dir.path, "data", "demo"));
    const second = await run(["demo"], { cwd: dir.path });
    expectExit(second, 0);
    expect(second.stdout).toContain("ALREADY UP TO DATE: NOTHING WAS FETCHED");
    expect(second.stderr).not.toContain("download");
    expect(manifestOf(join(dir.path, "data", "demo"))).toEqual(manifest);
  });

  test("leaves the database and the account of the environment alone", async () => {
    using dir = tempDir();
    const url = await newDatabase(postgres, "not_for_demos");
    await using account = await lookAlike(TODAY);
    const env = {
      ...account.sandbox.environment,
      DATABASE_URL: url,
      MASSIVE_DATA_DIR: "real-data",
      MASSIVE_SYMBOLS: "AAPL",
    };
    expectExit(await run(["demo", `--today=${TODAY}`], { cwd: dir.path, env }), 0);
    const tables = await withSql(url, (sql) => sql`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`);
    expect(tables).toHaveLength(0);
    expect(account.sandbox.requests).toEqual([]);
    expect(existsSync(join(dir.path, "real-data"))).toBe(false);
    expect(differences(cachedBars(join(dir.path, "data", "demo")), await truth())).toEqual([]);
  });

  test("fills the database that it is given", async () => {
    using dir = tempDir();
    const url = await newDatabase(postgres, "for_demos");
    const command = ["demo", `--today=${TODAY}`, `--database-url=${url}`, "--table=demo_bars"];
    expectExit(await run(command, { cwd: dir.path }), 0);
    expect(differences(await storedBars(url, "demo_bars"), await truth())).toEqual([]);
  });

  test("refuses a folder with real bars, and marks its own", async () => {
    using dir = tempDir();
    await using account = await lookAlike(TODAY);
    const options = { cwd: dir.path, env: account.sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", "--days=1", `--today=${TODAY}`], options), 0);
    const before = filesOf(join(dir.path, "data"));
    const refused = await run(["demo", "--data-dir=data", "--json"], { cwd: dir.path });
    expectExit(refused, 2);
    expect(refused.json()).toEqual({
      schemaVersion: 1,
      command: "demo",
      error: {
        kind: "usage",
        operation: "run the demo in data",
        reason: "the folder holds a cache of real bars, which synthetic ones must not mix with",
        nextStep: "Leave out --data-dir, or name an empty folder.",
        help: "command-line",
      },
    });
    expect(filesOf(join(dir.path, "data"))).toEqual(before);

    expectExit(await run(["demo", `--today=${TODAY}`], { cwd: dir.path }), 0);
    expect(readFileSync(join(dir.path, "data", "demo", "SYNTHETIC-DATA.txt"), "utf8")).toContain(
      "no market data",
    );
  });

  test("keeps its bars apart from real ones: other commands refuse its folder", async () => {
    using dir = tempDir();
    await using account = await lookAlike(TODAY);
    expectExit(await run(["demo", `--today=${TODAY}`, "--quiet"], { cwd: dir.path }), 0);
    const before = contentsOf(join(dir.path, "data", "demo"));
    const flags = ["--data-dir=data/demo", "--symbols=SPX", "--days=5", `--today=${TODAY}`, "--json"];
    for (const command of ["hybrid", "api", "download"]) {
      const options = { cwd: dir.path, env: account.sandbox.environment };
      const refused = await run([command, ...flags], options);
      expectExit(refused, 2);
      expect(refused.json()).toMatchObject({ command, error: { kind: "usage" } });
    }
    expect(account.sandbox.requests).toEqual([]);
    expect(contentsOf(join(dir.path, "data", "demo"))).toEqual(before);
  });

  test("keeps its bars out of the database that is set for real ones", async () => {
    using dir = tempDir();
    const url = await newDatabase(postgres, "set_for_real_bars");
    expectExit(await run(["demo", `--today=${TODAY}`, "--quiet"], { cwd: dir.path }), 0);
    const options = { cwd: dir.path, env: { DATABASE_URL: url } };
    const refused = await run(["sync", "--data-dir=data/demo", "--json"], options);
    expectExit(refused, 2);
    expect(refused.json()).toEqual({
      schemaVersion: 1,
      command: "sync",
      error: {
        kind: "usage",
        operation: "sync data/demo",
        reason:
          "the folder holds the demo's synthetic bars, and the database of your settings is for real ones",
        nextStep: "Say which database may have them: --database-url=postgres://…",
        help: "command-line",
      },
    });
    const tables = await withSql(url, (sql) => sql`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`);
    expect(tables).toHaveLength(0);

    expectExit(await run(["sync", "--data-dir=data/demo", `--database-url=${url}`], { cwd: dir.path }), 0);
    expect(differences(await storedBars(url), await truth())).toEqual([]);
  });

  test("that was killed completes when it is run again", async () => {
    using dir = tempDir();
    const running = start(["demo", `--today=${TODAY}`], { cwd: dir.path });
    await running.said("download indices 2024-09-17");
    running.signal("SIGKILL");
    await running.ended;
    expectExit(await run(["demo", `--today=${TODAY}`], { cwd: dir.path }), 0);
    expect(differences(cachedBars(join(dir.path, "data", "demo")), await truth())).toEqual([]);
  });
});

describe("sandbox", () => {
  test("prints the settings to paste, serves them, and ends with Ctrl-C", async () => {
    using dir = tempDir();
    const port = await freePort();
    const running = start(["sandbox", `--port=${port}`, "--tickers=12", `--today=${TODAY}`], {
      cwd: dir.path,
    });
    await running.said(`export MASSIVE_API_URL=http://127.0.0.1:${port}\n`);
    const env = {
      ...same.environment,
      MASSIVE_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      MASSIVE_API_URL: `http://127.0.0.1:${port}`,
    };
    const command = ["hybrid", "--symbols=SPX,I:ZAAAA", "--days=1", `--today=${TODAY}`, "--json"];
    const outcome = await run(command, { cwd: dir.path, env });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ days: { flatfile: 1, api: 1 }, bars: { cached: 4 * 390 } });
    running.signal("SIGINT");
    const ended = await running.ended;
    expectExit(ended, 0);
    // With a folder of its own, so that synthetic bars do not get among real ones.
    const settings = { ...env, MASSIVE_DATA_DIR: "./data/sandbox" };
    const pasted = Object.entries(settings).map(([name, value]) => `export ${name}=${value}\n`);
    expect(ended.stdout).toEndWith(pasted.join(""));
  });
});

async function freePort(): Promise<number> {
  const probe = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = probe;
  await probe.stop(true);
  return port ?? 0;
}
