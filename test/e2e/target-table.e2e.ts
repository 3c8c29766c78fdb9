import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, chownSync, statSync } from "node:fs";
import { join } from "node:path";
import { openCache } from "../../src/cache/cache.ts";
import { differences } from "../support/bar-lines.ts";
import { barsFrom } from "../support/bars.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { writeDay } from "../support/cache-days.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { expectRefusal } from "../support/refusal.ts";
import { smallDisk } from "../support/small-disk.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const DATES = ["2024-11-18", "2024-11-19", "2024-11-20", "2024-11-21", "2024-11-22"];
const COLUMNS = `symbol text, timeframe text, timestamp bigint, open numeric, high numeric, low numeric,
  close numeric, volume numeric, vwap numeric, trades integer, PRIMARY KEY (symbol, timeframe, timestamp)`;
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.remove());

/** A folder with a cache of 390 bars of SPX on each of five days. */
async function filledFolder(): Promise<TempDir> {
  const dir = tempDir();
  const cache = openCache(join(dir.path, "data"));
  for (const date of DATES) {
    const prices = Array.from({ length: 390 }, (_, minute) => 5900 + minute / 100);
    const blocks = [["I:SPX", barsFrom(Date.parse(`${date}T14:30:00Z`), prices)]] as const;
    await writeDay(cache, { date, blocks });
  }
  cache.close();
  return dir;
}

describe("a target that cannot take bars is told before a row is sent, and the SQL makes it one that can:", () => {
  test("a user who may only read", async () => {
    using dir = await filledFolder();
    const url = await newDatabase(postgres, "readable");
    await withSql(url, (sql) =>
      sql.unsafe(`CREATE TABLE historical_bars (${COLUMNS});
        CREATE ROLE reader LOGIN PASSWORD 'reader-password'; GRANT SELECT ON historical_bars TO reader`),
    );
    const reader = url.replace(/\/\/postgres:[^@]*@/, "//reader:reader-password@");
    const fix = "GRANT INSERT, UPDATE, DELETE ON public.historical_bars TO reader;";
    await expectRefusal(
      dir.path,
      ["sync"],
      { DATABASE_URL: reader },
      {
        code: 5,
        kind: "target",
        operation: `prepare the table public.historical_bars in 127.0.0.1:${postgres.port}/readable`,
        reason: "the user reader lacks INSERT, UPDATE, DELETE on it, which its owner postgres can grant",
        nextStep: fix,
      },
    );
    expect(await storedBars(url)).toEqual([]);
    await withSql(url, (sql) => sql.unsafe(fix));
    expectExit(await run(["sync"], { cwd: dir.path, env: { DATABASE_URL: reader } }), 0);
    expect(differences(await storedBars(url), cachedBars(join(dir.path, "data")))).toEqual([]);
  });

  test("a table with prices in another type and no key", async () => {
    using dir = await filledFolder();
    const url = await newDatabase(postgres, "misfit");
    await withSql(url, (sql) =>
      sql.unsafe(`CREATE TABLE historical_bars (symbol text, timeframe text, timestamp bigint, open real,
        high numeric, low numeric, close numeric, volume numeric, vwap numeric, trades integer)`),
    );
    const fix =
      "ALTER TABLE public.historical_bars ALTER COLUMN open TYPE numeric USING open::numeric; CREATE UNIQUE INDEX ON public.historical_bars (symbol, timeframe, timestamp);";
    await expectRefusal(
      dir.path,
      ["sync"],
      { DATABASE_URL: url },
      {
        code: 5,
        kind: "target",
        operation: `prepare the table public.historical_bars in 127.0.0.1:${postgres.port}/misfit`,
        reason:
          "open is real, which keeps 7 digits, not numeric; it has no unique key (symbol, timeframe, timestamp)",
        nextStep: fix,
      },
    );
    await withSql(url, (sql) => sql.unsafe(fix));
    expectExit(await run(["sync"], { cwd: dir.path, env: { DATABASE_URL: url } }), 0);
    expect(differences(await storedBars(url), cachedBars(join(dir.path, "data")))).toEqual([]);
  });
});

test("a full disk of the server ends the sync with exit 5, and the next one goes on when there is room", async () => {
  using dir = await filledFolder();
  using diskDir = tempDir();
  chmodSync(diskDir.path, 0o755);
  using disk = smallDisk(join(diskDir.path, "disk"), 200_000);
  const url = await newDatabase(postgres, "full_disk");
  await giveToServer(url, disk.path);
  await withSql(url, (sql) => sql.unsafe(`CREATE TABLESPACE small LOCATION '${disk.path}'`));
  await withSql(url, (sql) => sql.unsafe(`CREATE TABLE historical_bars (${COLUMNS}) TABLESPACE small`));
  const options = { cwd: dir.path, env: { DATABASE_URL: url } };
  const full = await run(["sync", "--json"], options);
  expectExit(full, 5);
  expect(full.json()).toMatchObject({
    error: {
      kind: "target",
      reason: expect.stringMatching(/^could not extend file .*: No space left on device$/),
      nextStep: "Free space on the database server's disk, then run sync again.",
    },
  });
  await withSql(url, (sql) => sql.unsafe("ALTER TABLE historical_bars SET TABLESPACE pg_default"));
  await withSql(url, (sql) => sql.unsafe("DROP TABLESPACE small"));
  expectExit(await run(["sync"], options), 0);
  expect(differences(await storedBars(url), cachedBars(join(dir.path, "data")))).toEqual([]);
});

/** The server wants to own the folder of a tablespace, and may run as another user than the test. */
async function giveToServer(url: string, folder: string): Promise<void> {
  const [settings] = await withSql(url, (sql) =>
    sql.unsafe<{ data: string }[]>("SELECT current_setting('data_directory') AS data"),
  );
  const { uid, gid } = statSync(settings?.data ?? "");
  chownSync(folder, uid, gid);
}
