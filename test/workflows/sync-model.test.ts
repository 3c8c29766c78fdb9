import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { newDatabase, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startStrikeProxy } from "../support/strike-proxy.ts";
import { tempCache } from "../support/temp-cache.ts";
import { SyncStage } from "./sync-stage.ts";
import { drawnSteps, LOST_CLAIM } from "./sync-steps.ts";

// A failure is made as short as it can be, which takes a while.
setDefaultTimeout(120_000);

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

const MOST_STEPS = 50;
/** What the drawn steps have to come to, or they prove little. */
const ALL_MET = [
  "cut at COMMIT",
  "cut at COPY",
  "cut at answer to COMMIT",
  "deleted",
  "inserted",
  "row of others",
  "table emptied",
  "unchanged",
  "updated",
];
const SHRINK_LIMIT_MS = 30_000;

test("whatever happens to cache, tables and connections, a sync does exactly what a plain model says", async () => {
  const url = new URL(await newDatabase(server, "model"));
  await using proxy = await startStrikeProxy(server.port);
  await withSql(url.href, async (sql) => {
    const databaseUrl = Object.assign(new URL(url), { port: String(proxy.port) }).href;
    const met = new Set<string>();
    let runs = 0;
    const property = fc.asyncProperty(drawnSteps(MOST_STEPS), async (steps) => {
      runs++;
      using temp = tempCache();
      const tables = [`first_${runs}`, `second_${runs}`];
      const stage = new SyncStage({ temp, sql, proxy, databaseUrl, tables, met });
      for (const [at, step] of steps.entries())
        expect({ at, faults: await stage.take(step) }).toEqual({ at, faults: [] });
    });
    await fc.assert(property, {
      seed: 20241124,
      numRuns: 9,
      // Without its bias fast-check draws long runs as often as short ones.
      unbiased: true,
      examples: [[LOST_CLAIM]],
      interruptAfterTimeLimit: SHRINK_LIMIT_MS,
    });
    expect([...met].toSorted()).toEqual(ALL_MET);
  });
});
