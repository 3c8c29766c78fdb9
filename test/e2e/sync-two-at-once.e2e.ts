import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, start, type Outcome, type RunOptions } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { waitingSessions } from "../support/lock-watch.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { outboxOf, reviseDays, revisedDates } from "../support/revised-days.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const DATES = revisedDates(0, 12);
/** Versions of the two caches that are brought at once. */
const VERSIONS = [
  [3, 3],
  [4, 5],
  [6, 6],
  [7, 8],
  [9, 9],
];
const SYNC = ["sync", "--json", "--retry-timeout=30"];
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

/** Starts syncs behind a lock on the whole table, and lets them all go when they wait for it. */
async function runTogether(url: string, folders: readonly RunOptions[]): Promise<Outcome[]> {
  const syncs = await withSql(url, (client) =>
    client.begin(async (transaction) => {
      await transaction`LOCK TABLE historical_bars`;
      const running = folders.map((options) => start(SYNC, options));
      await waitingSessions(url, folders.length);
      return running.map(({ ended }) => ({ ended }));
    }),
  );
  return Promise.all(syncs.map(({ ended }) => ended));
}

describe("two caches that bring the same bars into one table at once", () => {
  test("both finish, whether the bars are new, corrected or gone", async () => {
    using first = tempDir();
    using second = tempDir();
    const url = await newDatabase(postgres, "shared");
    const folders = [first, second].map(({ path }) => ({ cwd: path, env: { DATABASE_URL: url } }));
    const dataDirs = [first, second].map(({ path }) => join(path, "data"));
    const [mine = "", yours = ""] = dataDirs;

    // Their first versions differ, so that each has other bars to correct and to delete later.
    await reviseDays(mine, DATES.slice(0, 8), 1);
    await reviseDays(yours, DATES.slice(0, 8), 2);
    for (const options of folders) expectExit(await run(SYNC, options), 0);
    for (const [myVersion = 0, yourVersion = 0] of VERSIONS) {
      await reviseDays(mine, DATES, myVersion);
      await reviseDays(yours, DATES, yourVersion);
      for (const outcome of await runTogether(url, folders)) expectExit(outcome, 0);
      for (const dataDir of dataDirs) expect(outboxOf(dataDir, url).batches).toBe(0);
      // Of two caches that contradict each other either may come last.
      if (myVersion === yourVersion) expect(differences(await storedBars(url), cachedBars(mine))).toEqual([]);
    }
  });

  test("both finish in a database that has no table yet", async () => {
    using first = tempDir();
    using second = tempDir();
    for (const name of ["new_1", "new_2", "new_3"]) {
      const url = await newDatabase(postgres, name);
      const folders = [first, second].map(({ path }) => ({ cwd: path, env: { DATABASE_URL: url } }));
      for (const { cwd } of folders) await reviseDays(join(cwd, "data"), DATES, 1);
      const outcomes = await Promise.all(
        folders.map((options) => run([...SYNC, "--batch-rows=3000"], options)),
      );
      for (const outcome of outcomes) expectExit(outcome, 0);
      expect(differences(await storedBars(url), cachedBars(join(first.path, "data")))).toEqual([]);
    }
  });
});

test("two syncs of one cache: the second is told so at once, and the first finishes", async () => {
  using dir = tempDir();
  const dataDir = join(dir.path, "data");
  const url = await newDatabase(postgres, "one_cache");
  const options = { cwd: dir.path, env: { DATABASE_URL: url } };
  await reviseDays(dataDir, DATES, 1);
  expectExit(await run(SYNC, options), 0);
  await reviseDays(dataDir, DATES, 2);
  const { ended } = await withSql(url, (client) =>
    client.begin(async (transaction) => {
      await transaction`LOCK TABLE historical_bars`;
      const first = start(SYNC, options);
      await waitingSessions(url, 1);
      const second = await run(["sync"], options);
      expectExit(second, 7);
      expect(second.stderr).toMatch(
        new RegExp(
          `^\\[error\\] lock ./data for sync: another run is at work there \\(sync, process ${first.pid}, since [^)]*\\)\n  → Wait until it is done, or use another --data-dir.\n  More: massive-backfill help locked\n$`,
        ),
      );
      return { ended: first.ended };
    }),
  );
  expectExit(await ended, 0);
  expect(differences(await storedBars(url), cachedBars(dataDir))).toEqual([]);
});
