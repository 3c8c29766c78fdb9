import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { eveningMs } from "../../src/core/publication.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, cachedDays, manifestOf } from "../support/cache-contents.ts";
import { newDatabase, physicalRows, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { apiTruthOf, sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

const NONE_REPLACED = { days: 0, added: 0, changed: 0, removed: 0 };

describe("the guide's 90 days", () => {
  const [FROM, TODAY] = ["2024-08-26", "2024-11-24"];
  const COMMAND = ["hybrid", "--symbols=SPX,NDX", "--days=90", `--today=${TODAY}`];
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await sandboxAt(TODAY);
  });
  afterAll(() => sandbox.stop());

  test("reach the cache and Postgres bar by bar, and a second run does nothing", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, "guide");
    const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
    const dates = sessionDates("SPX", FROM, TODAY);
    const truth = [...truthOf(sandbox, "NDX", dates), ...truthOf(sandbox, "SPX", dates)];

    const first = await run([...COMMAND, "--json"], options);
    expectExit(first, 0);
    const target = `127.0.0.1:${postgres.port}/guide public.historical_bars`;
    expect(first.json()).toEqual({
      schemaVersion: 1,
      command: "hybrid",
      from: FROM,
      to: TODAY,
      days: { flatfile: 64, api: 0, skipped: 0, pending: 0, denied: 0, failed: 0 },
      files: { downloaded: 64, reused: 0, bytes: expect.any(Number) },
      bars: { cached: truth.length, changed: truth.length, rejected: 0 },
      replaced: { provisional: NONE_REPLACED, republished: NONE_REPLACED },
      requests: 0,
      refusals: [],
      symbolsWithoutBars: [],
      cheaper: null,
      derived: null,
      sync: {
        target,
        batches: 128,
        bars: truth.length,
        inserted: truth.length,
        updated: 0,
        unchanged: 0,
        deleted: 0,
        pending: 0,
        notes: ["Created the table public.historical_bars"],
        error: null,
        hint: null,
        help: null,
      },
      failures: [],
      durationMs: expect.any(Number),
    });
    expect(differences(cachedBars(dataDir), truth)).toEqual([]);
    expect(differences(await storedBars(url), truth)).toEqual([]);

    const [manifest, rows] = [manifestOf(dataDir), await physicalRows(url)];
    sandbox.clearRequests();
    const second = await run(COMMAND, options);
    expectExit(second, 0);
    expect(second.stdout).toContain("ALREADY UP TO DATE: NOTHING WAS FETCHED");
    expect(new Set(sandbox.requests.map(({ path }) => path))).toEqual(new Set(["/flatfiles/"]));
    expect(manifestOf(dataDir)).toEqual(manifest);
    expect(differences(cachedBars(dataDir), truth)).toEqual([]);
    expect(differences(await physicalRows(url), rows)).toEqual([]);
  });

  test("are summed up in the guide's words", async () => {
    using dir = tempDir();
    const outcome = await run(
      ["hybrid", "--symbols=SPX,NDX", "--days=5", `--today=${TODAY}`, "--table=weekly"],
      { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: postgres.url } },
    );
    expectExit(outcome, 0);
    const summary = outcome.stdout
      .replaceAll(/[\d.]+ (?:kB|MB)/g, "# kB")
      .replace(/Duration: [\d.]+ s/, "Duration: # s")
      .replace(/Rate: [\d,]+/, "Rate: #");
    expect(summary).toBe(`╔════════════════════════════════════════════════════════╗
║  HYBRID BACKFILL COMPLETE                              ║
╚════════════════════════════════════════════════════════╝

📊 Summary:
  Symbols: SPX, NDX
  Days: 2024-11-19 to 2024-11-24

📥 Data sources:
  ├─ Flat files (historical): 4 days (4 files downloaded, # kB)
  ├─ API (recent): 0 days
  └─ Already in the cache: 0 days

💾 Cache:
  ├─ Bars cached: 3,120 (3,120 new or changed)
  └─ Folder: ./data

🐘 Postgres:
  ├─ Target: 127.0.0.1:${postgres.port}/postgres public.weekly
  ├─ Synced: 3,120 bars in 8 batches (3,120 inserted, 0 updated, 0 deleted)
  └─ Created the table public.weekly

⏱  Performance:
  ├─ Duration: # s
  ├─ Rate: # bars/s
  └─ Download: # kB (# kB/s)

➜ Next steps:
  1. Look at the coverage: massive-backfill status --table=weekly
  2. Look at charts, in the browser: massive-backfill view
`);
  });
});

describe("all datasets in one run", () => {
  const [FROM, TODAY] = ["2026-02-18", "2026-02-24"];
  const SYMBOLS = [
    "AAPL",
    "BCpC",
    "C:EUR-USD",
    "I:AAVE100",
    "O:SPY261218C00650000",
    "SPX",
    "X:BTC-USD",
    "ZZZZ",
  ];
  const COMMAND = [
    "hybrid",
    `--symbols=${SYMBOLS.join(",")}`,
    `--from=${FROM}`,
    `--to=${TODAY}`,
    `--today=${TODAY}`,
  ];
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await sandboxAt(TODAY);
  });
  afterAll(() => sandbox.stop());

  /** Published days from flat files, the last one, whose file is not there yet, from the API. */
  async function truth(): Promise<string[]> {
    const lines: string[] = [];
    for (const symbol of SYMBOLS) {
      const dates = sessionDates(symbol, FROM, TODAY);
      lines.push(
        ...truthOf(
          sandbox,
          symbol,
          dates.filter((date) => date < TODAY),
        ),
      );
      lines.push(...(await apiTruthOf(sandbox, symbol, TODAY, eveningMs(TODAY))));
    }
    return lines;
  }

  // Far from New York and UTC: nothing may depend on the zone of the machine.
  test.each(["Asia/Tokyo", "America/Los_Angeles"])("come out equal on a machine in %s", async (zone) => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, `mixed_${zone.replace("/", "_").toLowerCase()}`);
    const env = { ...sandbox.environment, TZ: zone };
    sandbox.clearRequests();

    const outcome = await run([...COMMAND, `--database-url=${url}`, "--json"], { cwd: dir.path, env });
    expectExit(outcome, 0);
    expect(outcome.stderr).not.toMatch(/\[(?:warn|error)\]/);
    const expected = await truth();
    expect(differences(cachedBars(dataDir), expected)).toEqual([]);
    expect(differences(await storedBars(url), expected)).toEqual([]);
    expect(outcome.json()["days"]).toEqual({
      // Four of indices, stocks and options each, six of crypto, five of forex; the last one of each by API.
      flatfile: 4 + 4 + 4 + 6 + 5,
      api: 5,
      skipped: 0,
      pending: 0,
      denied: 0,
      failed: 0,
    });
    const sources = new Map(cachedDays(dataDir).map((line) => [line.split(" ").slice(0, 2).join(" "), line]));
    expect(sources.get("AAPL 2026-02-23")).toMatch(/^AAPL 2026-02-23 flatfile \d{3}$/);
    expect(sources.get("AAPL 2026-02-24")).toMatch(/^AAPL 2026-02-24 api \d{3}$/);
    expect(sources.get("ZZZZ 2026-02-23")).toBe("ZZZZ 2026-02-23 flatfile 0");
    expect(sources.get("X:BTC-USD 2026-02-22")).toMatch(/^X:BTC-USD 2026-02-22 flatfile \d{3,4}$/);
  });

  test("have fractional volumes and six decimals from 2026-02-23 on, and none before", async () => {
    const before = truthOf(sandbox, "AAPL", ["2026-02-20"]).map((line) => line.split(" ")[7] ?? "");
    const after = truthOf(sandbox, "AAPL", ["2026-02-23"]).map((line) => line.split(" ")[7] ?? "");
    expect([
      before.some((volume) => volume.includes(".")),
      after.some((volume) => volume.includes(".")),
    ]).toEqual([false, true]);
  });

  test("ask the API for prices as they were traded, with the key in the header only", async () => {
    using dir = tempDir();
    sandbox.clearRequests();
    await run(["api", "--symbols=AAPL,SPX", `--days=0`, `--today=${TODAY}`], {
      cwd: dir.path,
      env: sandbox.environment,
    });
    expect(sandbox.requests.map(({ path, query, status }) => ({ path, query, status }))).toEqual([
      {
        path: `/v2/aggs/ticker/AAPL/range/1/minute/${TODAY}/${TODAY}`,
        query: "sort=asc&limit=50000&adjusted=false",
        status: 200,
      },
      {
        path: `/v2/aggs/ticker/I:SPX/range/1/minute/${TODAY}/${TODAY}`,
        query: "sort=asc&limit=50000",
        status: 200,
      },
    ]);
    const expected = await Promise.all(
      ["AAPL", "SPX"].map((symbol) => apiTruthOf(sandbox, symbol, TODAY, eveningMs(TODAY))),
    );
    expect(differences(cachedBars(join(dir.path, "data")), expected.flat())).toEqual([]);
  });
});
