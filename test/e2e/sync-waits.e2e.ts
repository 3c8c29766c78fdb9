import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { TransactionSql } from "postgres";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, start, type Outcome } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { waitingSessions } from "../support/lock-watch.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { reviseDays, revisedDates } from "../support/revised-days.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const DATES = revisedDates(0, 6);
const SYNC = ["sync", "--json", "--batch-rows=2000", "--retry-timeout=30"];
let postgres: TestPostgres;
let databases = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

function sql(url: string, statement: string): Promise<unknown> {
  return withSql(url, (client) => client.unsafe(statement));
}

/** A sync of `dir` to `url` that runs while another session is in the middle of a transaction. */
async function syncBeside(
  dir: string,
  url: string,
  other: (transaction: TransactionSql, startSync: () => void) => Promise<void>,
): Promise<Outcome> {
  const started = Promise.withResolvers<Promise<Outcome>>();
  await withSql(url, (client) =>
    client.begin((transaction) =>
      other(transaction, () => started.resolve(start(SYNC, { cwd: dir, env: { DATABASE_URL: url } }).ended)),
    ),
  );
  return started.promise;
}

async function expectEqual(url: string, dataDir: string): Promise<void> {
  expect(differences(await storedBars(url), cachedBars(dataDir))).toEqual([]);
}

function lockBars(which: string): string {
  return `SELECT FROM historical_bars WHERE symbol = 'AAPL' AND ${which} FOR UPDATE`;
}

describe("a sync goes on by itself when", () => {
  test("a role with too many connections has room again", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = new URL(await newDatabase(postgres, "crowded"));
    await reviseDays(dataDir, DATES, 0);
    await sql(
      url.href,
      `CREATE ROLE crowd LOGIN PASSWORD 'crowd-password' CONNECTION LIMIT 0;
        GRANT CREATE ON SCHEMA public TO crowd; GRANT TEMPORARY ON DATABASE crowded TO crowd`,
    );
    const crowd = new URL(url);
    [crowd.username, crowd.password] = ["crowd", "crowd-password"];
    const options = { cwd: dir.path, env: { DATABASE_URL: crowd.href } };
    const syncing = start(SYNC, options);
    await syncing.said('too many connections for role "crowd". Trying again for up to 30.0 s.');
    await sql(url.href, "ALTER ROLE crowd CONNECTION LIMIT 5");
    expectExit(await syncing.ended, 0);
    await expectEqual(url.href, dataDir);
  });

  test.each([
    ["the table is no longer locked", "LOCK TABLE historical_bars IN ACCESS EXCLUSIVE MODE"],
    ["its rows are no longer locked", "SELECT FROM historical_bars FOR UPDATE"],
    ["nobody else writes to the table any more", "LOCK TABLE historical_bars IN EXCLUSIVE MODE"],
  ])("%s", async (_, statement) => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    databases++;
    const url = await newDatabase(postgres, `locked_${databases}`);
    await reviseDays(dataDir, DATES, 0);
    expectExit(await run(SYNC, { cwd: dir.path, env: { DATABASE_URL: url } }), 0);
    await reviseDays(dataDir, DATES, 1);
    const outcome = await syncBeside(dir.path, url, async (transaction, startSync) => {
      await transaction.unsafe(statement);
      startSync();
      await waitingSessions(url, 1);
    });
    expectExit(outcome, 0);
    expect(outcome.stderr).not.toContain("Trying again");
    await expectEqual(url, dataDir);
  });

  test("the server has ended a deadlock at its cost", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const url = await newDatabase(postgres, "deadlock");
    await reviseDays(dataDir, DATES, 0);
    expectExit(await run(SYNC, { cwd: dir.path, env: { DATABASE_URL: url } }), 0);
    await reviseDays(dataDir, DATES, 1);
    const outcome = await syncBeside(dir.path, url, async (transaction, startSync) => {
      // The server looks for deadlocks in the session that has waited for so long: in the sync's.
      await transaction.unsafe("SET LOCAL deadlock_timeout = '30s'");
      const half = Date.parse(DATES[2] ?? "");
      await transaction.unsafe(lockBars(`timestamp >= ${half}`));
      startSync();
      await waitingSessions(url, 1);
      await transaction.unsafe(lockBars(`timestamp < ${half}`));
    });
    expectExit(outcome, 0);
    expect(outcome.stderr).toContain("deadlock detected. Trying again for up to 30.0 s.");
    await expectEqual(url, dataDir);
  });
});
