import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { countedSql, differingSql, FOREX_DAYS, NYSE_2024, UTC_DAYS } from "../support/aggregated-sql.ts";
import { expectExit, run } from "../support/binary.ts";
import { newDatabase, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { sandboxAt } from "../support/truth.ts";

setDefaultTimeout(120_000);

const TODAY = "2025-01-02";
const YEAR = ["--from=2024-01-01", "--to=2024-12-31", `--today=${TODAY}`];
const TIMEFRAMES = { "5m": 5, "15m": 15, "30m": 30, "1h": 60, "1d": 1440 } as const;
const CALENDARS = {
  SPX: NYSE_2024,
  AAPL: NYSE_2024,
  "X:BTC-USD": UTC_DAYS,
  "C:EUR-USD": FOREX_DAYS,
} as const;

let sandbox: Sandbox;
let postgres: TestPostgres;
let dir: TempDir;
let url: string;
let options: { cwd: string; env: Record<string, string> };

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
  dir = tempDir();
  url = await newDatabase(postgres, "aggregates");
  options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
});
afterAll(async () => {
  await Promise.all([sandbox.stop(), postgres.remove()]);
  dir[Symbol.dispose]();
});

describe("a year of minutes", () => {
  test("becomes coarser bars in the run that brings them, and reaches Postgres with them", async () => {
    const symbols = `--symbols=${Object.keys(CALENDARS).join(",")}`;
    const outcome = await run(
      ["hybrid", symbols, ...YEAR, "--source=api", "--timeframes=1m,5m,15m,30m,1h,1d", "--json"],
      options,
    );
    expectExit(outcome, 0);
    const { derived } = outcome.json();
    expect(derived).toMatchObject({
      timeframes: Object.keys(TIMEFRAMES).map((timeframe) => ({ timeframe, session: "regular" })),
      changed: 0,
      removed: 0,
    });
  });

  test.each(Object.entries(CALENDARS))("of %s is what PostgreSQL makes of it", async (symbol, calendar) => {
    await withSql(url, async (sql) => {
      await sql.unsafe(countedSql(symbol, calendar));
      for (const [timeframe, minutes] of Object.entries(TIMEFRAMES)) {
        expect(await sql.unsafe(differingSql(symbol, timeframe, minutes, calendar))).toHaveLength(0);
        const [row] = await sql`
          SELECT count(*)::int AS rows FROM historical_bars WHERE symbol = ${symbol} AND timeframe = ${timeframe}`;
        expect(row?.["rows"]).toBeGreaterThan(250);
      }
    });
  });

  test("is left alone by a second run, and by aggregate", async () => {
    const again = await run(["hybrid", ...YEAR, "--source=api", "--json"], options);
    expectExit(again, 0);
    expect(again.json()).toMatchObject({ derived: { batches: 0 }, sync: { batches: 0 } });
    const aggregated = await run(["aggregate"], options);
    expectExit(aggregated, 0);
    expect(aggregated.stdout).toContain("5m, 15m, 30m, 1h, 1d bars: up to date\n");
  });

  test("changes by exactly the bars of a minute that is corrected", async () => {
    const path = join(dir.path, "2024-07-03.csv");
    const rows = sandbox
      .truth("indices", "I:SPX", "2024-07-03")
      .map((bar, index) =>
        [
          "I:SPX",
          bar.open,
          bar.close,
          index === 100 ? 99_999 : bar.high,
          bar.low,
          `${bar.windowStartMs}000000`,
        ].join(","),
      );
    await Bun.write(path, `ticker,open,close,high,low,window_start\n${rows.join("\n")}\n`);
    const parsed = await run(
      ["parse", `--file=${path}`, "--dataset=indices", "--symbols=SPX", "--json"],
      options,
    );
    expectExit(parsed, 0);
    expect(parsed.json()).toMatchObject({
      bars: { changed: 1 },
      derived: { days: 1, changed: 5, added: 0, removed: 0 },
    });
    const synced = await run(["sync", "--json"], options);
    expectExit(synced, 0);
    expect(synced.json()).toMatchObject({ sync: { batches: 6, updated: 6, inserted: 0, deleted: 0 } });
    await withSql(url, async (sql) => {
      await sql.unsafe(countedSql("SPX", NYSE_2024));
      for (const [timeframe, minutes] of Object.entries(TIMEFRAMES))
        expect(await sql.unsafe(differingSql("SPX", timeframe, minutes, NYSE_2024))).toHaveLength(0);
    });
  });
});

test("a coarser bar that somebody changed in Postgres is found by verify --target and mended", async () => {
  await withSql(url, async (sql) => {
    await sql`UPDATE historical_bars SET close = close + 1
      WHERE symbol = 'AAPL' AND timeframe = '1d' AND timestamp = ${Date.UTC(2024, 10, 22, 14, 30)}`;
  });
  const command = ["verify", "--target", "--symbols=AAPL", "--from=2024-11-18", "--to=2024-11-22"];
  const found = await run([...command, "--repair", "--json"], options);
  expectExit(found, 6);
  expect(found.json()).toMatchObject({
    checks: [
      {
        kinds: { "rows-different": 1 },
        faults: [{ date: "2024-11-22", detail: expect.stringMatching(/^1d: 1 of 1 bar differ/) }],
      },
    ],
  });
  expectExit(await run(["sync"], options), 0);
  expectExit(await run(command, options), 0);
});

test("bars that a stopped run left behind their minutes are told by a plan, and made by sync", async () => {
  const day = ["--from=2024-11-22", "--to=2024-11-22"];
  const database = new Database(join(dir.path, "data", "massive.sqlite"));
  // As a run leaves it that is killed before it makes them.
  database.run("DELETE FROM derivations WHERE timeframe_minutes = 60 AND epoch_day = 20049");
  database.close();
  const plan = await run(["sync", "--dry-run"], options);
  expectExit(plan, 0);
  expect(plan.stdout).toStartWith("First coarser bars of 4 days are made from the minutes.\n");
  const verified = await run(["verify", "--target", ...day], options);
  expect(verified.stdout).toContain("Coarser bars of 4 days wait to be made from their present minutes");
  const synced = await run(["sync"], options);
  expectExit(synced, 0);
  expect(synced.stdout).toContain("made from 4 days");
  const again = await run(["verify", "--cache", "--target", ...day], options);
  expectExit(again, 0);
  expect(again.stdout).not.toContain("wait");
});

test("a plan names the bars that would be made, and those that are kept", async () => {
  const plan = ["hybrid", ...YEAR, "--source=api", "--dry-run"];
  const outcome = await run(plan, options);
  expectExit(outcome, 0);
  expect(outcome.stdout).toContain("  Then 5m, 15m, 30m, 1h, 1d bars are made from the minutes.\n");
  expect((await run([...plan, "--timeframes=1h", "--json"], options)).json()).toMatchObject({
    timeframes: ["5m", "15m", "30m", "1h", "1d"],
  });
});

describe("a command line that cannot be right", () => {
  test.each([
    [["aggregate", "--timeframes=2m"], '"2m" is not a timeframe'],
    [["aggregate", "--timeframes=,"], "it names none"],
    [["aggregate", "--session=night"], '"night" is neither'],
    [
      ["aggregate", "--session=all", "--symbols=SPX"],
      "5m bars are made of regular minutes, and would be of both kinds",
    ],
    [["aggregate", "--symbols=NOPE"], "the cache has nothing of NOPE"],
    [["aggregate", "--dataset=options"], "the cache has no minutes of these symbols"],
    [
      ["aggregate", "--from=2010-01-01", "--to=2010-02-01"],
      "the cache has no minutes of these symbols from 2010-01-01 to 2010-02-01",
    ],
    [["hybrid", "--timeframes=7m"], '"7m" is not a timeframe'],
    [["aggregate", "--data-dir=nowhere"], "nothing is cached there"],
  ])("%j is refused", async (args, words) => {
    const outcome = await run(args, options);
    expectExit(outcome, 2);
    expect(outcome.stderr).toContain(words);
  });
});
