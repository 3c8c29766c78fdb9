import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars, cachedDays } from "../support/cache-contents.ts";
import { newDatabase, storedBars, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-18", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
const DATES = sessionDates("SPX", FROM, TODAY);
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

describe("a table that has lost its rows", () => {
  test.each([
    ["dropped", "DROP TABLE historical_bars", "sync"],
    ["truncated", "TRUNCATE historical_bars", "sync"],
    ["dropped", "DROP TABLE historical_bars", "hybrid"],
    ["truncated", "TRUNCATE historical_bars", "hybrid"],
  ])("%s is filled again: %s, then %s", async (name, statement, command) => {
    using dir = tempDir();
    const url = await newDatabase(postgres, `${name}_${command}`);
    const options = { cwd: dir.path, env: { ...sandbox.environment, DATABASE_URL: url } };
    const truth = ["NDX", "SPX"].flatMap((symbol) => truthOf(sandbox, symbol, DATES));
    const fill = ["hybrid", "--symbols=NDX,SPX", ...RANGE];
    expectExit(await run(fill, options), 0);
    expect(differences(await storedBars(url), truth)).toEqual([]);

    await withSql(url, (sql) => sql.unsafe(statement));
    const outcome = await run([...(command === "sync" ? ["sync"] : fill), "--json"], options);
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({
      sync: {
        batches: 2 * DATES.length,
        bars: truth.length,
        inserted: truth.length,
        updated: 0,
        deleted: 0,
        pending: 0,
        error: null,
      },
    });
    expect(differences(await storedBars(url), truth)).toEqual([]);

    const again = await run(["sync", "--json"], options);
    expectExit(again, 0);
    expect(again.json()).toMatchObject({ sync: { batches: 0, bars: 0 } });
  });
});

describe("a downloaded file that was damaged since, with the size it had", () => {
  const DAMAGED = "2024-11-20";

  test("is fetched once more by itself when it is read again", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    const path = join(dataDir, "flat-files", "indices", `${DAMAGED}.csv.gz`);
    const whole = readFileSync(path);
    const middle = whole.length >> 1;
    writeFileSync(
      path,
      whole.map((byte, index) => (index >= middle && index < middle + 16 ? byte ^ 0xff : byte)),
    );

    // On its own, without the vendor, it can only be told.
    const parse = await run(["parse", "--symbols=SPX,NDX", "--json"], { cwd: dir.path });
    expectExit(parse, 4);
    expect(parse.json()).toMatchObject({
      days: { flatfile: DATES.length - 1, failed: 1 },
      failures: [{ dataset: "indices", date: DAMAGED, step: "parse" }],
    });

    sandbox.clearRequests();
    const healed = await run(["hybrid", "--symbols=SPX,NDX", ...RANGE, "--json"], options);
    expectExit(healed, 0);
    expect(healed.stderr).toContain(`${DAMAGED}.csv.gz is damaged: fetching it again`);
    expect(healed.json()).toMatchObject({
      days: { flatfile: 1, failed: 0 },
      files: { bytes: whole.length },
      failures: [],
    });
    const fetched = sandbox.requests.filter(({ path: asked }) => asked.endsWith(".csv.gz"));
    expect(new Set(fetched.map(({ path: asked }) => asked.split("/").at(-1)))).toEqual(
      new Set([`${DAMAGED}.csv.gz`]),
    );
    expect(readFileSync(path).equals(whole)).toBe(true);
    const truth = ["NDX", "SPX"].flatMap((symbol) => truthOf(sandbox, symbol, DATES));
    expect(differences(cachedBars(dataDir), truth)).toEqual([]);
  });
});

describe("a default range", () => {
  test("reaches back to the last run, however long ago that was", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    const first = ["hybrid", "--symbols=SPX", "--from=2024-05-28", "--to=2024-05-31", "--today=2024-06-02"];
    expectExit(await run(first, options), 0);
    const second = await run(["hybrid", `--today=${TODAY}`, "--json"], options);
    expectExit(second, 0);
    expect(second.json()).toMatchObject({ from: "2024-05-31", to: TODAY, days: { pending: 0, failed: 0 } });
    expect(cachedDays(join(dir.path, "data")).map((line) => line.split(" ")[1] ?? "")).toEqual(
      sessionDates("SPX", "2024-05-28", TODAY),
    );
    const third = await run(["hybrid", `--today=${TODAY}`, "--json"], options);
    expectExit(third, 0);
    expect(third.json()).toMatchObject({ from: "2024-08-26", to: TODAY, days: { flatfile: 0 } });
  });

  test("of every ticker of a dataset is not held back by one that is no more", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    const all = ["--symbols=*", "--dataset=indices"];
    expectExit(await run(["hybrid", ...all, ...RANGE], options), 0);
    const stamp = Date.parse("2023-03-28T15:00:00Z");
    writeFileSync(
      join(dir.path, "2023-03-28.csv"),
      `ticker,open,close,high,low,window_start\nI:NOMORE,1,1,1,1,${stamp}000000\n`,
    );
    expectExit(await run(["parse", "--file=2023-03-28.csv", ...all], options), 0);
    const plan = await run(["hybrid", `--today=${TODAY}`, "--dry-run", "--json"], options);
    expectExit(plan, 0);
    expect(plan.json()).toMatchObject({ from: "2024-08-26", to: TODAY });
  });
});

describe("symbols without a bar", () => {
  test("are named, since they are misspelt most likely", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    const command = ["hybrid", "--symbols=SPX,NDXX,I:SPXX", ...RANGE];
    const json = await run([...command, "--json"], options);
    expectExit(json, 0);
    expect(json.json()).toMatchObject({ symbolsWithoutBars: ["NDXX", "SPXX"] });
    const text = await run(command, options);
    expectExit(text, 0);
    expect(text.stdout).toContain("  Datasets: indices, stocks (each date counts once for each of them)\n");
    expect(text.stdout).toContain("  1. No bars at all for NDXX, SPXX: is the ticker right?\n");
  });
});

describe("days before the vendor's history", () => {
  test("are left out, and it is said where that begins", async () => {
    using dir = tempDir();
    const command = ["hybrid", "--symbols=SPX", "--from=2023-02-01", "--to=2023-02-15", `--today=${TODAY}`];
    const outcome = await run(command, { cwd: dir.path, env: sandbox.environment });
    expectExit(outcome, 0);
    expect(outcome.stderr).toContain("The vendor's indices begin on 2023-02-14: earlier days are left out.");
    expect(cachedDays(join(dir.path, "data"))).toEqual([
      "SPX 2023-02-14 flatfile 390",
      "SPX 2023-02-15 flatfile 390",
    ]);
  });
});
