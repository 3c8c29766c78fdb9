import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, manifestOf } from "../support/cache-contents.ts";
import { newDatabase, physicalRows, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY, DATE] = ["2024-11-18", "2024-11-24", "2024-11-20"];
const DATES = sessionDates("SPX", FROM, TODAY);
const HYBRID = [
  "hybrid",
  "--symbols=SPX,NDX,AAPL",
  `--from=${FROM}`,
  `--to=${TODAY}`,
  `--today=${TODAY}`,
  "--json",
];
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

/** The bars of a line list by symbol and minute. */
function byMinute(lines: readonly string[]): Map<string, string> {
  return new Map(lines.map((line) => [line.split(" ").slice(0, 3).join(" "), line]));
}

test("a day that is published anew is read anew: changed, removed and added bars arrive everywhere", async () => {
  using dir = tempDir();
  const dataDir = join(dir.path, "data");
  const url = await newDatabase(postgres, "republished");
  const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
  const truth = () => ["AAPL", "NDX", "SPX"].flatMap((symbol) => truthOf(sandbox, symbol, DATES));
  expectExit(await run(HYBRID, options), 0);
  const [old, oldRows] = [truth(), await physicalRows(url)];
  // Rows of somebody else: another symbol's, and one of ours at a minute this cache never had.
  const foreign = [`MINE 1m ${DATE}T15:00 1 2 0.5 1.5 7 - -`, `SPX 1m ${DATE}T03:00 1 2 0.5 1.5 7 - -`];
  await withSql(url, async (sql) => {
    for (const [symbol, time] of [
      ["MINE", "15:00"],
      ["SPX", "03:00"],
    ] as const)
      await sql`INSERT INTO historical_bars VALUES (${symbol}, '1m', ${Date.parse(`${DATE}T${time}:00Z`)}, 1, 2, 0.5, 1.5, 7)`;
  });

  sandbox.republish("indices", DATE, ["I:SPX"]);
  sandbox.republish("stocks", DATE, ["AAPL"]);
  sandbox.clearRequests();
  const outcome = await run(HYBRID, options);
  expectExit(outcome, 0);

  const [before, after] = [byMinute(old), byMinute(truth())];
  const added = [...after.keys()].filter((minute) => !before.has(minute)).length;
  const removed = [...before.keys()].filter((minute) => !after.has(minute)).length;
  const changed = [...after].filter(
    ([minute, line]) => before.has(minute) && before.get(minute) !== line,
  ).length;
  expect([added > 0, removed > 0, changed > 0]).toEqual([true, true, true]);
  expect(outcome.json()).toMatchObject({
    days: { flatfile: 2, api: 0, skipped: 2 * DATES.length - 2, failed: 0 },
    files: { downloaded: 2, reused: 0 },
    bars: { changed: added + removed + changed },
    sync: { batches: 2, inserted: added, updated: changed, deleted: removed, pending: 0 },
  });
  const fetched = sandbox.requests.filter(({ query }) => query.includes("GetObject")).map(({ path }) => path);
  expect(new Set(fetched)).toEqual(
    new Set([
      `/flatfiles/us_indices/minute_aggs_v1/2024/11/${DATE}.csv.gz`,
      `/flatfiles/us_stocks_sip/minute_aggs_v1/2024/11/${DATE}.csv.gz`,
    ]),
  );
  expect(differences(cachedBars(dataDir), truth())).toEqual([]);
  expect(differences(await storedBars(url), [...truth(), ...foreign])).toEqual([]);

  // Rows that did not change were not written again, and the batch beside it kept its revision.
  const rows = new Set(await physicalRows(url));
  const rewritten = oldRows.filter((row) => !rows.has(row));
  expect(rewritten).toHaveLength(removed + changed);
  const revisions = (manifestOf(dataDir)["batches"] ?? []).map((batch) => Object(batch).revision);
  expect(revisions.toSorted((a, b) => b - a).slice(0, 3)).toEqual([2, 2, 1]);

  const again = await run(HYBRID, options);
  expectExit(again, 0);
  expect(again.json()).toMatchObject({
    days: { flatfile: 0 },
    files: { downloaded: 0 },
    sync: { batches: 0 },
  });
});

test("a day that is published anew while Postgres is down is made right there later", async () => {
  using dir = tempDir();
  const url = await newDatabase(postgres, "republished_offline");
  const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
  expectExit(await run(HYBRID, options), 0);
  await postgres.stop();
  try {
    sandbox.republish("indices", DATE, ["I:NDX"]);
    expectExit(await run(HYBRID, options), 5);
    // Back and forth: what was removed at first may be there again.
    sandbox.republish("indices", DATE, ["I:SPX", "I:NDX"]);
    expectExit(await run(HYBRID, options), 5);
  } finally {
    await postgres.start();
  }
  expectExit(await run(["sync"], options), 0);
  const truth = ["AAPL", "NDX", "SPX"].flatMap((symbol) => truthOf(sandbox, symbol, DATES));
  expect(differences(await storedBars(url), truth)).toEqual([]);
});
