import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Sql } from "postgres";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { cachedBars, manifestOf } from "../support/cache-contents.ts";
import { newDatabase, physicalRows, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { lookAlike, sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-11", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
const DATES = sessionDates("SPX", FROM, TODAY);
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

describe("a database that is down", () => {
  test("costs nothing: all is cached with exit 5, and sync brings it later", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, "outage");
    const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
    const truth = [...truthOf(sandbox, "NDX", DATES), ...truthOf(sandbox, "SPX", DATES)];
    const target = `127.0.0.1:${postgres.port}/outage public.historical_bars`;

    await postgres.stop();
    try {
      const down = await run(
        ["hybrid", "--symbols=SPX,NDX", ...RANGE, "--json", "--retry-timeout=1"],
        options,
      );
      expectExit(down, 5);
      expect(down.json()).toMatchObject({
        days: { flatfile: DATES.length, failed: 0 },
        bars: { cached: truth.length },
        sync: {
          target,
          batches: 0,
          bars: 0,
          inserted: 0,
          updated: 0,
          unchanged: 0,
          deleted: 0,
          pending: 2 * DATES.length,
          notes: [],
          error: `connect to 127.0.0.1:${postgres.port}/outage: nothing listens there: the connection was refused`,
          hint: expect.stringContaining("Start the database."),
          help: "postgres",
        },
        failures: [],
      });
      expect(differences(cachedBars(dataDir), truth)).toEqual([]);
      expectExit(await run(["sync", "--retry-timeout=0"], options), 5);
    } finally {
      await postgres.start();
    }

    const synced = await run(["sync", "--json"], options);
    expectExit(synced, 0);
    expect(synced.json()).toEqual({
      schemaVersion: 1,
      command: "sync",
      sync: {
        target,
        batches: 2 * DATES.length,
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
      derived: null,
      durationMs: expect.any(Number),
    });
    expect(differences(await storedBars(url), truth)).toEqual([]);

    const [manifest, rows] = [manifestOf(dataDir), await physicalRows(url)];
    const again = await run(["sync"], options);
    expectExit(again, 0);
    expect(again.stdout).toContain("Nothing to sync: Postgres has it all.");
    expect(manifestOf(dataDir)).toEqual(manifest);
    expect(differences(await physicalRows(url), rows)).toEqual([]);
  });

  test("and dies in the middle of a sync is made equal by the next one", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, "crash");
    await withSql(url, (sql) => sql.unsafe(guideTable("NUMERIC")));
    const options = { cwd: dir.path, env: sandbox.environment };
    const fill = ["hybrid", "--symbols=SPX,NDX,VIX", "--days=90", `--today=${TODAY}`, "--quiet"];
    expectExit(await run(fill, options), 0);

    // A transaction holds 50,000 bars: the last days of VIX are in the last one, which has to wait.
    const crashed = await whileHolding(url, "VIX", async (waiting) => {
      const sync = start(["sync", `--database-url=${url}`, "--json", "--retry-timeout=0"], options);
      await waiting();
      await postgres.stop("kill");
      return sync.ended;
    });
    expectExit(crashed, 5);
    expect(crashed.json()).toMatchObject({ command: "sync", error: { kind: "target" } });
    await postgres.start();

    const [all, half] = [cachedBars(dataDir), await storedBars(url)];
    const symbols = half.map((line) => line.split(" ")[0]);
    expect(symbols.filter((symbol) => symbol !== "VIX")).toHaveLength(2 * 64 * 390);
    expect(half.length).toBeLessThan(all.length);
    const rest = await run(["sync", `--database-url=${url}`, "--json"], options);
    expectExit(rest, 0);
    const missing = all.length - half.length;
    expect(rest.json()).toMatchObject({
      sync: { batches: missing / 390, inserted: missing, updated: 0, deleted: 0 },
    });
    expect(differences(await storedBars(url), all)).toEqual([]);
  });
});

describe("Ctrl-C", () => {
  test("while Postgres keeps a sync waiting ends it at once, and the next one completes", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, "interrupted");
    await withSql(url, (sql) => sql.unsafe(guideTable("NUMERIC")));
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE, "--quiet"], options), 0);
    const { stopped, durationMs } = await whileHolding(url, "SPX", async (waiting) => {
      const sync = start(["sync", `--database-url=${url}`], options);
      await waiting();
      const signalledMs = performance.now();
      sync.signal("SIGINT");
      const watchdog = setTimeout(() => sync.signal("SIGKILL"), 4000);
      const ended = await sync.ended;
      clearTimeout(watchdog);
      return { stopped: ended, durationMs: performance.now() - signalledMs };
    });
    expectExit(stopped, 130);
    expect(durationMs).toBeLessThan(3000);
    expectExit(await run(["sync", `--database-url=${url}`], options), 0);
    expect(differences(await storedBars(url), cachedBars(dataDir))).toEqual([]);
  });
});

function guideTable(volumeType: string): string {
  return `CREATE TABLE historical_bars (
    symbol TEXT NOT NULL, timeframe TEXT NOT NULL, timestamp BIGINT NOT NULL,
    open NUMERIC NOT NULL, high NUMERIC NOT NULL, low NUMERIC NOT NULL, close NUMERIC NOT NULL,
    volume ${volumeType}, vwap NUMERIC, trades INTEGER, created_at TIMESTAMPTZ DEFAULT NOW(),
    PRIMARY KEY (symbol, timeframe, timestamp))`;
}

/**
 * Runs `work` while an open transaction holds the key of a bar of `symbol`, so that whoever writes that bar has
 * to wait; `work` is given a way to learn that somebody waits.
 */
async function whileHolding<T>(
  url: string,
  symbol: string,
  work: (waiting: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const stamp = Date.parse(`${DATES.at(-1)}T15:00:00Z`);
  const result = Promise.withResolvers<T>();
  const hold = withSql(url, (holder) =>
    holder.begin(async (sql) => {
      await sql`INSERT INTO historical_bars VALUES (${symbol}, '1m', ${stamp}, 1, 1, 1, 1)`;
      await withSql(url, (watcher) => work(() => somebodyWaits(watcher))).then(result.resolve, result.reject);
    }),
  );
  // The server dies under the open transaction: that it fails is meant to be.
  await hold.catch(() => {});
  return result.promise;
}

async function somebodyWaits(sql: Sql): Promise<void> {
  let waiting = 0;
  while (waiting === 0) {
    const [row] = await sql<{ count: number }[]>`SELECT count(*)::int FROM pg_locks WHERE NOT granted`;
    waiting = row?.count ?? 0;
  }
}

describe("another target", () => {
  test("has nothing of what the first one has: everything is unsynced there, and only there", async () => {
    using dir = tempDir();
    const [first, second] = [await newDatabase(postgres, "first"), await newDatabase(postgres, "second")];
    const env = sandbox.environment;
    const options = { cwd: dir.path, env };
    const truth = truthOf(sandbox, "SPX", DATES);
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE, `--database-url=${first}`], options), 0);

    const unsynced = async (...target: string[]) => {
      const status = await run(["status", "--json", ...RANGE, ...target], options);
      expectExit(status, 0);
      return status.json()["sync"];
    };
    const none = { unsyncedBatches: 0, unsyncedBars: 0, oldestUnsyncedAt: null, lastError: null };
    const all = {
      unsyncedBatches: DATES.length,
      unsyncedBars: truth.length,
      oldestUnsyncedAt: expect.any(String),
      lastError: null,
    };
    const server = `127.0.0.1:${postgres.port}`;
    const [atFirst, atSecond] = [`--database-url=${first}`, `--database-url=${second}`];
    expect(await unsynced(atFirst)).toEqual({ target: `${server}/first public.historical_bars`, ...none });
    expect(await unsynced(atFirst, "--table=other")).toEqual({
      target: `${server}/first public.other`,
      ...all,
    });
    expect(await unsynced(atSecond)).toEqual({ target: `${server}/second public.historical_bars`, ...all });

    expectExit(await run(["sync", atSecond, "--table=other"], options), 0);
    expect(differences(await storedBars(second, "other"), truth)).toEqual([]);
    expect(await unsynced(atSecond, "--table=other")).toEqual({
      target: `${server}/second public.other`,
      ...none,
    });
    expect(await unsynced(atSecond)).toEqual({ target: `${server}/second public.historical_bars`, ...all });
    expect(await unsynced(atFirst)).toEqual({ target: `${server}/first public.historical_bars`, ...none });
  });

  test("with the guide's own table gets whole volumes, said once, and keeps its foreign rows", async () => {
    using dir = tempDir();
    const url = await newDatabase(postgres, "guide_table");
    await withSql(url, (sql) =>
      sql.unsafe(`${guideTable("BIGINT")};
        INSERT INTO historical_bars VALUES ('AAPL', '1m', 1, 1, 2, 0.5, 1.5, 7, NULL, NULL),
          ('AAPL', '5m', 1771858800000, 1, 2, 0.5, 1.5, 7, NULL, NULL)`),
    );
    await using fractional = await lookAlike("2026-02-24");
    const outcome = await run(
      ["hybrid", "--symbols=AAPL", "--from=2026-02-23", "--to=2026-02-23", "--today=2026-02-24", "--json"],
      { cwd: dir.path, env: { ...fractional.sandbox.environment, DATABASE_URL: url } },
    );
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({
      sync: { notes: ["Values were rounded to fit the table's columns: volume bigint"] },
    });
    const whole = truthOf(fractional.sandbox, "AAPL", ["2026-02-23"]).map((line) => {
      const fields = line.split(" ");
      return fields.with(7, String(Math.round(Number(fields[7])))).join(" ");
    });
    const foreign = [
      "AAPL 1m 1970-01-01T00:00 1 2 0.5 1.5 7 - -",
      "AAPL 5m 2026-02-23T15:00 1 2 0.5 1.5 7 - -",
    ];
    expect(differences(await storedBars(url), [...foreign, ...whole])).toEqual([]);
  });
});
