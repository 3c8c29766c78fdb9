import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Bar } from "../../src/core/bar.ts";
import { openCache } from "../../src/cache/cache.ts";
import { openConnection } from "../../src/postgres/connect.ts";
import { explainPostgresError } from "../../src/postgres/errors.ts";
import { query } from "../postgres/query.ts";
import { differences } from "../support/bar-lines.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { expectExit, run, start, type Outcome } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { writeDay } from "../support/cache-days.ts";
import { findPgbouncer, startPgbouncer, type TestPgbouncer } from "../support/pgbouncer.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { expectRefusal } from "../support/refusal.ts";
import { tempDir } from "../support/temp-dir.ts";
import { rejectionOf } from "../support/thrown.ts";

setDefaultTimeout(60_000);

const DATES = ["2024-11-20", "2024-11-21", "2024-11-22"];
const BARS_PER_DAY = 390;
const OPTIONS = { connectTimeoutMs: 10_000, applicationName: "test" };
const PROGRAM = findPgbouncer();

if (PROGRAM === null) {
  test("NOT RUN: sync through pgbouncer, which is not installed here", () => {
    console.error(
      "NOT RUN: sync through pgbouncer, which is not installed here (Debian: apt-get install pgbouncer)",
    );
  });
} else {
  describe("through pgbouncer in transaction mode", () => throughPgbouncer(PROGRAM));
}

/** Writes a day of `ticker` for each date, all prices from `price` upwards, into the cache of `dataDir`. */
async function fill(dataDir: string, ticker: string, price: number, dates = DATES): Promise<void> {
  const cache = openCache(dataDir);
  for (const date of dates) {
    const prices = Array.from({ length: BARS_PER_DAY }, (_, minute) => price + minute / 100);
    const blocks: [string, Bar[]][] = [[ticker, barsFrom(Date.parse(`${date}T14:30:00Z`), prices)]];
    await writeDay(cache, { date, blocks, readAtMs: price });
  }
  cache.close();
}

function throughPgbouncer(program: string): void {
  let postgres: TestPostgres;
  let narrow: TestPgbouncer;

  beforeAll(async () => {
    postgres = await startPostgres();
    // One server connection for all who write to a database.
    narrow = await startPgbouncer(program, postgres, { poolSize: 1 });
  });
  afterAll(async () => {
    await narrow.remove();
    await postgres.remove();
  });

  /** Runs `sync --json` for the cache in `cwd`. */
  function sync(cwd: string, database: string): Promise<Outcome> {
    return run(["sync", "--json"], { cwd, env: { DATABASE_URL: narrow.url(database) } });
  }

  test("a sync brings everything, its corrections and its deletions, and leaves nothing in the session", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, "pooled");
    await fill(dataDir, "I:SPX", 5900);
    const before = await sessionOf(narrow.url("pooled"));

    const first = await sync(dir.path, "pooled");
    expectExit(first, 0);
    expect(first.json()).toMatchObject({ sync: { inserted: DATES.length * BARS_PER_DAY, pending: 0 } });
    expect(differences(await storedBars(url), cachedBars(dataDir))).toEqual([]);

    await fill(dataDir, "I:SPX", 6000, ["2024-11-21"]);
    const cache = openCache(dataDir);
    const onlyBar = bar(Date.parse("2024-11-22T15:00:00Z"), 5950);
    await writeDay(cache, { date: "2024-11-22", blocks: [["I:SPX", [onlyBar]]], readAtMs: 7000 });
    cache.close();
    const second = await sync(dir.path, "pooled");
    expectExit(second, 0);
    expect(second.json()).toMatchObject({
      sync: { inserted: 0, updated: BARS_PER_DAY + 1, deleted: BARS_PER_DAY - 1, pending: 0 },
    });
    expect(differences(await storedBars(url), cachedBars(dataDir))).toEqual([]);
    const verified = await run(["verify", "--target"], {
      cwd: dir.path,
      env: { DATABASE_URL: narrow.url("pooled") },
    });
    expectExit(verified, 0);
    expect(verified.stdout).toContain(`${DATES.length} days`);
    expect(await sessionOf(narrow.url("pooled"))).toEqual(before);
  });

  test("a wrong password and an unknown database end with exit 3 and change nothing", async () => {
    using dir = tempDir();
    await fill(join(dir.path, "data"), "I:SPX", 5900);
    const wrong = new URL(narrow.url("postgres"));
    wrong.password = "wrong-password";
    const address = `127.0.0.1:${narrow.port}`;
    await expectRefusal(
      dir.path,
      ["sync"],
      { DATABASE_URL: wrong.href },
      {
        code: 3,
        kind: "settings",
        operation: `connect to ${address}/postgres`,
        reason: "SASL authentication failed",
        nextStep: "Check the user and the password in the database URL.",
      },
    );
    await expectRefusal(
      dir.path,
      ["sync"],
      { DATABASE_URL: narrow.url("nope") },
      {
        code: 3,
        kind: "settings",
        operation: `connect to ${address}/nope`,
        reason: 'database "nope" does not exist',
        nextStep: "Check the database name in the database URL, or create the database.",
      },
    );
  });

  test("two caches that share one server connection both get everything there", async () => {
    using one = tempDir();
    using other = tempDir();
    const url = await newDatabase(postgres, "shared");
    await fill(join(one.path, "data"), "I:SPX", 5900);
    await fill(join(other.path, "data"), "I:NDX", 20_000);
    const outcomes = await Promise.all([sync(one.path, "shared"), sync(other.path, "shared")]);
    for (const outcome of outcomes) expectExit(outcome, 0);
    const truth = [other, one].flatMap(({ path }) => cachedBars(join(path, "data")));
    expect(differences(await storedBars(url), truth)).toEqual([]);
  });

  test("a pooler that is killed in the middle of a sync keeps nothing from arriving once it is back", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, "restarted");
    await using wide = await startPgbouncer(program, postgres);
    const env = { DATABASE_URL: wide.url("restarted") };
    await fill(dataDir, "I:SPX", 5900, ["2024-11-20"]);
    expectExit(await run(["sync"], { cwd: dir.path, env }), 0);
    await fill(dataDir, "I:SPX", 5950);

    const interrupted = await whileLocked(url, async (waiting) => {
      const running = start(["sync"], { cwd: dir.path, env });
      const early = await Promise.race([waiting().then(() => null), running.ended]);
      if (early !== null) throw new Error(`it did not wait:\n${early.stdout}${early.stderr}`);
      await wide.kill();
      await wide.start();
      return running;
    });
    // A run that gave up in the meantime is done again.
    const { code } = await interrupted.ended;
    expect([0, 5]).toContain(code ?? -1);
    expectExit(await run(["sync"], { cwd: dir.path, env }), 0);
    expect(differences(await storedBars(url), cachedBars(dataDir))).toEqual([]);
  });

  test("a pooler that is full, or cannot reach its server, is worth another try", async () => {
    await using tight = await startPgbouncer(program, postgres, {
      poolSize: 1,
      settings: ["max_client_conn = 2", "query_wait_timeout = 1", "server_connect_timeout = 1"],
    });
    const url = tight.url("postgres");
    const [first, second] = [await openConnection(url, OPTIONS), await openConnection(url, OPTIONS)];
    const full = await rejectionOf(openConnection(url, OPTIONS));
    await query(first, "BEGIN; SELECT 1");
    const waiting = await query(second, "SELECT 1").catch((error) => explainPostgresError(error, "ask"));
    await Promise.all([first.close(), second.close()]);
    await postgres.stop();
    const unserved = await rejectionOf(openConnection(tight.url("another"), OPTIONS));
    await postgres.start();
    expect([full, waiting, unserved]).toMatchObject([
      { kind: "target", code: "transient", reason: "no more connections allowed (max_client_conn)" },
      { kind: "target", code: "transient" },
      { kind: "target", code: "transient", reason: "query_wait_timeout" },
    ]);
  });
}

/** What lives in the server's session behind the pooler, whoever has used it; the process tells sessions apart. */
async function sessionOf(url: string): Promise<Record<string, unknown>[]> {
  const connection = await openConnection(url, OPTIONS);
  try {
    return await query(
      connection,
      `SELECT pg_backend_pid() AS process,
        (SELECT count(*)::int FROM pg_class WHERE relpersistence = 't') AS "temporaryTables",
        (SELECT count(*)::int FROM pg_prepared_statements) AS "preparedStatements",
        (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS "advisoryLocks",
        (SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings
          WHERE source = 'session') AS settings`,
    );
  } finally {
    await connection.close();
  }
}

/**
 * Runs `work` while all that bars are written to is locked, so that whoever writes has to wait; `work` is given a way to
 * learn that somebody does.
 */
async function whileLocked<T>(url: string, work: (waiting: () => Promise<void>) => Promise<T>): Promise<T> {
  return withSql(url, (holder) =>
    holder.begin(async (sql) => {
      await sql.unsafe("LOCK TABLE historical_bars IN SHARE ROW EXCLUSIVE MODE");
      return { result: await withSql(url, (watcher) => work(() => somebodyWaits(watcher))) };
    }),
  ).then(({ result }) => result);
}

async function somebodyWaits(sql: Parameters<Parameters<typeof withSql>[1]>[0]): Promise<void> {
  let waiting = 0;
  while (waiting === 0) {
    const [row] = await sql<{ count: number }[]>`SELECT count(*)::int FROM pg_locks WHERE NOT granted`;
    waiting = row?.count ?? 0;
  }
}
