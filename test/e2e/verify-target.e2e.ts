import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run } from "../support/binary.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-18", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
let sandbox: Sandbox;
let server: TestPostgres;

beforeAll(async () => {
  [sandbox, server] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(async () => {
  await sandbox.stop();
  await server.remove();
});

test("Postgres is compared with the cache, and --repair lets sync mend what differs", async () => {
  using dir = tempDir();
  const url = await newDatabase(server, "verified");
  const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
  const verify = (...flags: string[]) => run(["verify", "--target", ...flags], options);

  // Before anything is cached, and before anything is synced.
  expectExit(await verify(), 2);
  const { DATABASE_URL: _, ...noDatabase } = options.env;
  const filled = await run(["hybrid", "--symbols=SPX,AAPL", ...RANGE], { cwd: dir.path, env: noDatabase });
  expectExit(filled, 0);
  const unsynced = await verify();
  expectExit(unsynced, 0);
  expect(unsynced.stdout).toContain("10 days not synced yet, so not compared: run sync.");

  expectExit(await run(["sync"], options), 0);
  const before = await storedBars(url);
  const clean = await verify("--json");
  expectExit(clean, 0);
  expect(clean.json()).toMatchObject({
    checks: [{ check: "target", lookedAt: { days: 10, bars: before.length }, notes: [] }],
    faults: 0,
  });

  const spx = "symbol = 'SPX' AND timestamp";
  const [lost, edited] = [Date.parse("2024-11-19T15:00Z"), Date.parse("2024-11-20T15:00Z")];
  await withSql(url, (sql) =>
    sql.unsafe(
      `DELETE FROM historical_bars WHERE ${spx} >= ${lost} AND timestamp < ${lost + 600_000};
       UPDATE historical_bars SET close = close * 2 WHERE ${spx} = ${edited}`,
    ),
  );
  const found = await verify();
  expectExit(found, 6);
  expect(found.stdout).toContain("SPX 2024-11-19: 10 of 390 bars lack, the first at 10:00 New York");
  expect(found.stdout).toMatch(
    /SPX 2024-11-20: 1 of 390 bars differ, the first at 10:00 New York: close [\d.]+ in Postgres, [\d.]+ in the cache/,
  );
  expect(found.stdout).toEndWith("→ massive-backfill verify --target --repair\n");

  const repaired = await verify("--repair");
  expectExit(repaired, 6);
  expect(repaired.stdout).toContain("Made 2 days unsynced: the next sync mends them.");
  expect(repaired.stdout).toEndWith("→ massive-backfill sync\n");
  const status = await run(["status", "--json", "--today=2024-11-24"], options);
  expect(status.json()).toMatchObject({ sync: { unsyncedBatches: 2 } });
  expectExit(await run(["sync"], options), 0);
  expectExit(await verify(), 0);
  expect(await storedBars(url)).toEqual(before);
});

test("a database that is away ends it with exit code 5, and none that is set with 3", async () => {
  using dir = tempDir();
  const options = { cwd: dir.path, env: sandbox.environment };
  expectExit(await run(["hybrid", "--symbols=SPX", "--days=3", `--today=${TODAY}`], options), 0);
  const none = await run(["verify", "--target"], options);
  expectExit(none, 3);
  expect(none.stderr).toContain("compare with Postgres: no database is set");
  const url = await newDatabase(server, "lost");
  expectExit(await run(["sync", `--database-url=${url}`], options), 0);
  await withSql(url, (sql) => sql.unsafe("ALTER TABLE historical_bars RENAME TO others"));
  const lost = await run(["verify", "--target", `--database-url=${url}`], options);
  expectExit(lost, 6);
  expect(lost.stdout).toContain("has no such table, but 2 days were synced to it");
  await server.stop();
  try {
    const away = await run(["verify", "--target", `--database-url=${url}`], options);
    expect([away.code, away.stdout]).toEqual([5, ""]);
    expect(away.stderr).toContain("nothing listens there: the connection was refused");
  } finally {
    await server.start();
  }
});
