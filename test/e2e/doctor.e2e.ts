import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, isObject, run, type Outcome } from "../support/binary.ts";
import { filesOf } from "../support/folder.ts";
import { holdLock } from "../support/lock-holder.ts";
import { newDatabase, withSql } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { smallDisk } from "../support/small-disk.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { lookAlike, sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

function doctor(
  dir: TempDir,
  env: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<Outcome> {
  return run(["doctor", `--today=${TODAY}`, ...flags], { cwd: dir.path, env });
}

/** The lines of the doctor, as `state name: what was found`, and what mends it. */
async function linesOf(
  dir: TempDir,
  env: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<{ readonly code: number | null; readonly lines: readonly string[]; readonly outcome: Outcome }> {
  const outcome = await doctor(dir, env, "--json", ...flags);
  const { checks } = outcome.json();
  const lines = (Array.isArray(checks) ? checks : []).map((check: unknown) => {
    if (!isObject(check)) throw new Error("a check is no object");
    const { state, name, found, fix } = check;
    const mend = typeof fix === "string" ? ` → ${fix}` : "";
    return `${String(state)} ${String(name)}: ${String(found)}${mend}`;
  });
  return { code: outcome.code, lines, outcome };
}

/** A folder that has two days of an index. */
async function filled(): Promise<TempDir> {
  const dir = tempDir();
  const command = ["hybrid", "--symbols=SPX", "--days=2", `--today=${TODAY}`];
  expectExit(await run(command, { cwd: dir.path, env: sandbox.environment }), 0);
  return dir;
}

describe("where all is well", () => {
  test("every line is green or about what is not set, nothing is written, and the code is 0", async () => {
    using dir = tempDir();
    const url = await newDatabase(postgres, "doctor_well");
    const { code, lines } = await linesOf(dir, { ...sandbox.environment, DATABASE_URL: url });
    expect(
      lines.map((line) => line.replace(/[\d.]+ GB/, "N GB").replace(/after [\d.]+ s/, "after N s")),
    ).toEqual([
      "green keys: S3 keys and an API key are set",
      `green S3 keys: accepted by ${sandbox.url}`,
      "green flat files of indices: readable from 2023-02-14 (the whole history) to 2024-11-21",
      "green flat files of stocks: readable from 2003-09-10 (the whole history) to 2024-11-21",
      "green flat files of options: readable from 2014-06-02 (the whole history) to 2024-11-21",
      "green flat files of crypto: readable from 2013-11-04 (the whole history) to 2024-11-21",
      "green flat files of forex: readable from 2009-09-25 (the whole history) to 2024-11-21",
      `green API key: accepted by ${sandbox.url}; no limit of requests was met`,
      expect.stringMatching(
        /^green calendar: knows all \d+ days that the exchange has announced to close on/,
      ),
      "green clock: right to the minute",
      "green disk: N GB free",
      "green data directory: ./data will be made",
      "skipped cache: none yet: the first run makes it",
      "green lock: nobody is at work",
      expect.stringMatching(
        /^green Postgres: 127\.0\.0\.1:\d+\/doctor_well: PostgreSQL [\d.]+, not encrypted, answers after N s$/,
      ),
      "green table: public.historical_bars is not there yet: the first sync makes it",
    ]);
    expect(code).toBe(0);
    expect(filesOf(dir.path)).toEqual({});
    expect(
      await withSql(url, (sql) => sql`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`),
    ).toHaveLength(0);
  });

  test("settings are shown with where they came from, and no key is", async () => {
    using dir = tempDir();
    const lines = Object.entries(sandbox.environment).map(([name, value]) => `${name}='${value}'\n`);
    writeFileSync(join(dir.path, ".env.local"), lines.join(""));
    chmodSync(join(dir.path, ".env.local"), 0o600);
    const text = await doctor(dir, { MASSIVE_SYMBOLS: "SPX" }, "--data-dir=bars");
    expectExit(text, 0);
    expect(text.stdout).toMatch(/\n {4}MASSIVE_AWS_ACCESS_KEY +E2EA…, 16 characters \(\.env\.local\)\n/);
    expect(text.stdout).toMatch(/\n {4}MASSIVE_DATA_DIR +bars \(flag\)\n/);
    expect(text.stdout).toMatch(/\n {4}MASSIVE_SYMBOLS +SPX \(environment\)\n/);
    expect(text.stdout).toEndWith("\nAll is well.\n");
    const json = await doctor(dir, {}, "--json");
    expect(json.json()["settings"]).toContainEqual({
      name: "MASSIVE_TABLE",
      value: "historical_bars",
      origin: "default",
    });
    for (const line of text.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("the cache's own datasets are looked at, and what the next run needs is held against the disk", async () => {
    using dir = await filled();
    const { code, lines } = await linesOf(dir, sandbox.environment);
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes("flat files of"))).toEqual([
      "green flat files of indices: readable from 2023-02-14 (the whole history) to 2024-11-21",
    ]);
    expect(lines).toContain("green API for indices: has I:SPX");
    expect(lines).toContainEqual(
      expect.stringMatching(/^green cache: opens, [\d.]+ [kM]B, tracks 1 symbol$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^green disk: [\d.]+ GB free; the next hybrid of 90 days fetches 61 files, [\d.]+ MB$/,
      ),
    );
  });
});

describe("what is wrong is red with the fix, the other lines stay, and the code is 3:", () => {
  test("no keys", async () => {
    using dir = tempDir();
    const { code, lines } = await linesOf(dir, {});
    expect(code).toBe(3);
    expect(lines[0]).toMatch(
      /^red keys: neither S3 keys nor an API key are set → .*`massive-backfill demo` needs none\.$/,
    );
  });

  test.each([
    [
      "S3 access key",
      "MASSIVE_AWS_ACCESS_KEY",
      /^red S3 keys: .*InvalidAccessKeyId\) → Check MASSIVE_AWS_ACCESS_KEY/,
    ],
    [
      "S3 secret",
      "MASSIVE_AWS_SECRET_KEY",
      /^red S3 keys: .*SignatureDoesNotMatch\) → Check MASSIVE_AWS_ACCESS_KEY/,
    ],
    [
      "API key",
      "MASSIVE_API_KEY",
      /^red API key: the API key is not accepted \(HTTP 401\).* → Check MASSIVE_API_KEY/,
    ],
    [
      "S3 address",
      "MASSIVE_S3_ENDPOINT",
      /^red settings: read MASSIVE_S3_ENDPOINT: "WRONG-WRONG-42" is not an http\(s\) address → /,
    ],
    ["bucket", "MASSIVE_S3_BUCKET", /^red S3 keys: the server has no such bucket/],
  ])("a wrong %s", async (_, variable, expected) => {
    using dir = tempDir();
    const { code, lines } = await linesOf(dir, { ...sandbox.environment, [variable]: "WRONG-WRONG-42" });
    expect(code).toBe(3);
    const reds = lines.filter((line) => line.startsWith("red "));
    expect(reds).toEqual([expect.stringMatching(expected)]);
    expect(lines).toContain("green lock: nobody is at work");
  });

  test("half a pair of keys: the API works all the same", async () => {
    using dir = tempDir();
    const { MASSIVE_AWS_SECRET_KEY: _, ...env } = sandbox.environment;
    const { code, lines } = await linesOf(dir, env);
    expect(code).toBe(3);
    expect(lines[0]).toMatch(
      /^red settings: read the S3 settings: MASSIVE_AWS_ACCESS_KEY is set but MASSIVE_AWS_SECRET_KEY is not → /,
    );
    expect(lines).toContain(`green API key: accepted by ${sandbox.url}; no limit of requests was met`);
  });

  test("nobody can be reached", async () => {
    using dir = tempDir();
    const away = "http://127.0.0.1:1";
    const env = {
      ...sandbox.environment,
      MASSIVE_S3_ENDPOINT: away,
      MASSIVE_API_URL: away,
      PGHOST: "127.0.0.1",
      PGPORT: "1",
    };
    const { code, lines, outcome } = await linesOf(dir, env);
    expect(code).toBe(3);
    expect(lines.filter((line) => line.startsWith("red ")).map((line) => line.split(":")[0])).toEqual([
      "red S3 keys",
      "red API key",
      "red Postgres",
    ]);
    expect(outcome.durationMs).toBeLessThan(20_000);
  });

  test("a clock that is a day off", async () => {
    using dir = tempDir();
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("", { headers: { date: new Date(Date.now() + 86_400_000).toUTCString() } }),
    });
    const env = { ...sandbox.environment, MASSIVE_S3_ENDPOINT: `http://127.0.0.1:${server.port}` };
    const { code, lines } = await linesOf(dir, env);
    expect(code).toBe(3);
    expect(lines).toContainEqual(
      expect.stringMatching(/^red clock: (?:23 h 59|24 h 00) min behind the vendor's → /),
    );
  });

  test("a plan without the dataset that is tracked; of others it is only said", async () => {
    using dir = await filled();
    await using plan = await lookAlike(TODAY, { planFrom: { indices: null } });
    const { MASSIVE_API_KEY: _, ...withoutApi } = plan.sandbox.environment;
    const { code, lines } = await linesOf(dir, withoutApi);
    expect(code).toBe(3);
    expect(lines).toContainEqual(
      expect.stringMatching(/^red flat files of indices: not in your plan \(the vendor says: .*\) → /),
    );
    const withApi = await linesOf(dir, plan.sandbox.environment);
    expect(withApi.code).toBe(0);
    expect(withApi.lines).toContainEqual(
      expect.stringMatching(/^yellow flat files of indices: not in your plan .*; the API brings its days → /),
    );
    using empty = tempDir();
    const untracked = await linesOf(empty, plan.sandbox.environment);
    expect(untracked.code).toBe(0);
    expect(untracked.lines).toContainEqual(
      expect.stringMatching(/^skipped flat files of indices: not in your plan/),
    );
  });

  test("a password that is not the database's, and a table that cannot take bars", async () => {
    using dir = tempDir();
    const wrong = new URL(postgres.url);
    wrong.password = "a-wrong-password";
    const refused = await linesOf(dir, { ...sandbox.environment, DATABASE_URL: wrong.href });
    expect(refused.code).toBe(3);
    expect(refused.lines.at(-1)).toMatch(
      /^red Postgres: password authentication failed for user "postgres" → Check the user/,
    );

    const url = await newDatabase(postgres, "doctor_misfit");
    await withSql(url, (sql) => sql.unsafe("CREATE TABLE historical_bars (symbol text, timeframe text)"));
    const misfit = await linesOf(dir, { ...sandbox.environment, DATABASE_URL: url });
    expect(misfit.code).toBe(3);
    expect(misfit.lines.at(-1)).toMatch(/^red table: it has no column .* → ALTER TABLE/);
  });

  test("a damaged cache, a disk that is too small", async () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, "data"));
    writeFileSync(
      join(dir.path, "data", "massive.sqlite"),
      "this is no database, whatever its name says".repeat(100),
    );
    const damaged = await linesOf(dir, sandbox.environment);
    expect(damaged.code).toBe(3);
    expect(damaged.lines).toContainEqual(
      expect.stringMatching(/^red cache: the file is not a SQLite database .* → Move it away/),
    );

    using other = tempDir();
    using disk = smallDisk(join(other.path, "data"), 4_000_000);
    expect(filesOf(disk.path)).toEqual({});
    const small = await linesOf(other, { ...sandbox.environment, MASSIVE_SYMBOLS: "SPX" });
    expect(small.code).toBe(3);
    expect(small.lines).toContainEqual(
      expect.stringMatching(
        /^red disk: [\d.]+ MB free; the next hybrid of 90 days fetches 63 files, .* → Free some space/,
      ),
    );
  });
});

describe("what may hurt is yellow, and the code is 0:", () => {
  test("settings that are misspelt or can be read by everybody", async () => {
    using dir = tempDir();
    writeFileSync(
      join(dir.path, ".env.local"),
      "MASSIVE_S3_BUKET=flatfiles\nMASSIVE_API_KEY=an-api-key-of-a-file\n",
    );
    chmodSync(join(dir.path, ".env.local"), 0o644);
    const { code, lines } = await linesOf(dir, sandbox.environment);
    expect(code).toBe(0);
    expect(lines.filter((line) => line.startsWith("yellow "))).toEqual([
      "yellow settings: MASSIVE_S3_BUKET (.env.local) is no setting of this program → Did you mean MASSIVE_S3_BUCKET?",
      "yellow settings: .env.local holds keys or passwords, and every user of this machine can read it → chmod 600 .env.local",
    ]);
  });

  test("a file that is late, an announcement that is new", async () => {
    using dir = tempDir();
    await using vendor = await lookAlike(TODAY, {
      announced: [{ date: "2024-12-23", name: "a day of mourning" }],
    });
    vendor.sandbox.hold("stocks", "2024-11-21");
    const { code, lines } = await linesOf(dir, vendor.sandbox.environment);
    expect(code).toBe(0);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^yellow flat files of stocks: readable from .* to 2024-11-20; that of 2024-11-21 is late → /,
      ),
    );
    expect(lines).toContain(
      "yellow calendar: does not know 2024-12-23 (a day of mourning), announced since → massive-backfill status --refresh-calendar",
    );
  });

  test("a database for Supabase alone", async () => {
    using dir = tempDir();
    const env = { ...sandbox.environment, SUPABASE_URL: "https://abc.supabase.co" };
    const { code, lines } = await linesOf(dir, env);
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatch(/^yellow Postgres: SUPABASE_URL is set, but .* → Set DATABASE_URL/);
  });
});

test("a run that is at work is named, and not disturbed", async () => {
  using dir = await filled();
  await using holder = await holdLock(join(dir.path, "data"), "hybrid");
  const { code, lines } = await linesOf(dir, sandbox.environment);
  expect(code).toBe(0);
  expect(lines).toContainEqual(
    expect.stringMatching(
      new RegExp(`^green lock: a run is at work \\(hybrid, process ${holder.pid}, since `),
    ),
  );
});
