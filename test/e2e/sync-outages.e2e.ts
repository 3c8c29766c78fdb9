import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { Random } from "../../src/sandbox/market/random.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, isObject, run, start, type Running, type RunOptions } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { FOREIGN_LINES, insertForeignRows, physicalForeignRows } from "../support/foreign-rows.ts";
import { newDatabase, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { outboxOf, reviseDays, revisedDates } from "../support/revised-days.ts";
import { tempDir } from "../support/temp-dir.ts";

// Each test is many rounds with a server that is started again.
setDefaultTimeout(180_000);

const SEED = 20241122;
const FIRST_DAYS = 64;
const SYNC = ["sync", "--batch-rows=2000", "--retry-timeout=30", "--json"];
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

/** A cache whose 100,000 bars, and the rows of others, are in a database. */
interface Stage {
  readonly url: string;
  readonly dataDir: string;
  readonly options: RunOptions;
}

async function setUp(path: string, name: string): Promise<Stage> {
  const url = await newDatabase(postgres, name);
  const stage = { url, dataDir: join(path, "data"), options: { cwd: path, env: { DATABASE_URL: url } } };
  await reviseDays(stage.dataDir, revisedDates(0, FIRST_DAYS), 0);
  expectExit(await run(SYNC, stage.options), 0);
  await insertForeignRows(url);
  return stage;
}

/** Corrects and shortens every fourth day, lets some bars come back, and adds a day. */
async function changeCache(stage: Stage, round: number): Promise<void> {
  const old = revisedDates(0, FIRST_DAYS).filter((_, index) => index % 4 === round % 4);
  await reviseDays(stage.dataDir, [...old, ...revisedDates(FIRST_DAYS + round, 1)], round + 1);
}

/** How long a sync of one round's changes takes that nothing disturbs, from the start of the program. */
async function undisturbedMs(stage: Stage): Promise<number> {
  await changeCache(stage, 0);
  const outcome = await run(SYNC, stage.options);
  expectExit(outcome, 0);
  const { sync } = outcome.json();
  const counts = ["inserted", "updated", "deleted"].map((name) => (isObject(sync) ? sync[name] : 0));
  expect(counts.map((count) => Number(count) > 1000)).toEqual([true, true, true]);
  await expectEqual(stage);
  return outcome.durationMs;
}

/** Postgres has what the cache has and the rows of others, and there is nothing left to send. */
async function expectEqual({ url, dataDir, options }: Stage): Promise<void> {
  expect(differences(await storedBars(url), [...cachedBars(dataDir), ...FOREIGN_LINES])).toEqual([]);
  expect(outboxOf(dataDir, url)).toEqual({ batches: 0, bars: 0, oldestMs: null });
  const again = await run(SYNC, options);
  expectExit(again, 0);
  expect(again.json()).toMatchObject({ sync: { batches: 0, bars: 0, deleted: 0, pending: 0 } });
}

/**
 * Plays rounds: the cache changes, a sync starts, and at a random moment of it `strike` happens, which sees that
 * the round comes to its end and says whether it had hit the sync. Returns how many were hit.
 */
async function play(
  rounds: number,
  stage: Stage,
  strike: (syncing: Running, round: number) => Promise<boolean>,
): Promise<number> {
  const random = new Random(SEED);
  const [durationMs, foreign] = [await undisturbedMs(stage), await physicalForeignRows(stage.url)];
  let hits = 0;
  for (let round = 1; round <= rounds; round++) {
    await changeCache(stage, round);
    const momentMs = random.next() * durationMs;
    try {
      const syncing = start(SYNC, stage.options);
      await Bun.sleep(momentMs);
      if (await strike(syncing, round)) hits++;
      await expectEqual(stage);
    } catch (error) {
      const moment = `round ${round}, ${momentMs.toFixed(1)} of ${durationMs.toFixed(1)} ms after the start`;
      throw new Error(`seed ${SEED}, ${moment}: ${String(error)}`, { cause: error });
    }
  }
  expect(await physicalForeignRows(stage.url)).toEqual(foreign);
  return hits;
}

test("a Postgres that is killed or stopped, and started again, at 20 moments of a sync ends equal to the cache", async () => {
  using dir = tempDir();
  const stage = await setUp(dir.path, "outages");
  const hits = await play(20, stage, async (syncing, round) => {
    await postgres.stop(round % 2 === 0 ? "fast" : "kill");
    await postgres.start();
    const outcome = await syncing.ended;
    expectExit(outcome, 0);
    return outcome.stderr.includes("Trying again for up to");
  });
  expect(hits).toBeGreaterThanOrEqual(10);
});

test("a sync that is killed at 5 moments is finished by the next one", async () => {
  using dir = tempDir();
  const stage = await setUp(dir.path, "killed");
  const hits = await play(5, stage, async (syncing, round) => {
    syncing.signal("SIGKILL");
    const { code } = await syncing.ended;
    // What was sent may have arrived, and may be gone from the cache by now.
    await changeCache(stage, round + 4);
    expectExit(await run(SYNC, stage.options), 0);
    return code === null;
  });
  expect(hits).toBeGreaterThanOrEqual(2);
});
