import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, manifestOf } from "../support/cache-contents.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { smallCache } from "../support/small-cache.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

/** A folder with a small cache, an empty database, and how to run the program with both. */
async function setUp(dir: TempDir, name: string) {
  const dataDir = join(dir.path, "data");
  await smallCache(dataDir);
  const url = await newDatabase(postgres, name);
  const options = { cwd: dir.path, env: { DATABASE_URL: url } };
  return { dataDir, url, sync: (...flags: string[]) => run(["sync", ...flags], options) };
}

describe("sync --dry-run", () => {
  test("says what would go, asks neither database nor lock, and changes nothing", async () => {
    using dir = tempDir();
    const { dataDir, sync } = await setUp(dir, "dry_run");
    const before = manifestOf(dataDir);
    const nowhere = "--database-url=postgres://nobody@127.0.0.1:1/market";
    const planned = await sync("--dry-run", nowhere);
    expectExit(planned, 0);
    expect(planned.stdout)
      .toBe(`To sync (nothing was done): 2 batches, 3 bars, to 127.0.0.1:1/market public.historical_bars
  NDX  2024-11-21 to 2024-11-21         1 batch             1 bars
  SPX  2024-11-21 to 2024-11-21         1 batch             2 bars
`);
    const json = await sync("--dry-run", "--json", "--symbols=SPX", nowhere);
    expectExit(json, 0);
    expect(json.json()).toEqual({
      schemaVersion: 1,
      command: "sync",
      dryRun: true,
      target: "127.0.0.1:1/market public.historical_bars",
      waitingDays: 0,
      batches: 1,
      bars: 2,
      symbols: [{ symbol: "SPX", batches: 1, bars: 2, from: "2024-11-21", to: "2024-11-21" }],
    });
    expect(manifestOf(dataDir)).toEqual(before);
  });
});

describe("sync --all", () => {
  test("mends a database that was restored from a backup, where a plain sync sees nothing to do", async () => {
    using dir = tempDir();
    const { dataDir, url, sync } = await setUp(dir, "restored");
    expectExit(await sync(), 0);
    await withSql(url, (sql) =>
      sql.unsafe("DELETE FROM historical_bars WHERE symbol = 'NDX'; UPDATE historical_bars SET open = 1"),
    );
    const plain = await sync();
    expectExit(plain, 0);
    expect(plain.stdout).toContain("Nothing to sync: Postgres has it all.");
    const planned = await sync("--dry-run", "--all", "--json");
    expect(planned.json()).toMatchObject({ batches: 2, bars: 3 });
    const all = await sync("--all", "--json");
    expectExit(all, 0);
    expect(all.json()).toMatchObject({
      sync: { batches: 2, inserted: 1, updated: 2, unchanged: 0, pending: 0 },
    });
    expect(await storedBars(url)).toEqual(cachedBars(dataDir));
  });
});

describe("a sync that is narrowed", () => {
  test.each([
    ["narrow_symbol", ["--symbols=SPX"], 2],
    ["narrow_dataset", ["--dataset=stocks"], 0],
    ["narrow_from", ["--from=2024-11-22"], 0],
    ["narrow_to", ["--endDate=2024-11-21"], 3],
  ])("%s: brings just that", async (name, flags, bars) => {
    using dir = tempDir();
    const { url, sync } = await setUp(dir, name);
    const narrowed = await sync(...flags, "--json");
    expectExit(narrowed, 0);
    expect(narrowed.json()).toMatchObject({ sync: { bars, pending: 0 } });
    expect(await storedBars(url)).toHaveLength(bars);
    expectExit(await sync("--batch-rows=1"), 0);
    expect(await storedBars(url)).toHaveLength(3);
  });

  test("to a symbol that the cache does not have is refused", async () => {
    using dir = tempDir();
    const { sync } = await setUp(dir, "narrow_unknown");
    const refused = await sync("--symbols=VIX");
    expectExit(refused, 2);
    expect(refused.stderr).toContain("choose what to sync: the cache has nothing of VIX (indices)");
  });
});

test("a folder without a cache is refused, and nothing is made there or in the database", async () => {
  using dir = tempDir();
  const { url, sync } = await setUp(dir, "no_cache");
  const refused = await sync("--data-dir=dta");
  expectExit(refused, 2);
  expect(refused.stderr).toContain("sync dta: nothing is cached there");
  expect(readdirSync(dir.path)).toEqual(["data"]);
  const [table] = await withSql(url, (sql) => sql`SELECT to_regclass('historical_bars') AS name`);
  expect(table).toEqual({ name: null });
});

test("status shows why the last sync failed, until one succeeds", async () => {
  using dir = tempDir();
  const { url } = await setUp(dir, "last_error");
  const options = { cwd: dir.path, env: { DATABASE_URL: url } };
  const status = async () => (await run(["status", "--symbols=SPX", "--days=0"], options)).stdout;
  const refusal = new URL(url);
  refusal.password = "wrong";
  expectExit(await run(["sync", `--database-url=${refusal.href}`], options), 3);
  expect(await status()).toMatch(
    /Postgres: 2 batches \(3 bars\) not synced to .*, the oldest since .* UTC\n {2}The last sync failed \(.* UTC\): connect to .*: password authentication failed for user "postgres"\n/,
  );
  expectExit(await run(["sync"], options), 0);
  expect(await status()).toContain("Postgres: all synced to ");
});
