import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedDays } from "../support/cache-contents.ts";
import { tempDir } from "../support/temp-dir.ts";
import { lookAlike, sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-24";
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterAll(() => sandbox.stop());

function envFile(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}

/** The symbols and dates that a data directory has, sources and counts left out. */
function daysIn(dataDir: string): string[] {
  return cachedDays(dataDir).map((line) => line.split(" ").slice(0, 2).join(" "));
}

const FRIDAY = ["--from=2024-11-22", "--to=2024-11-22", `--today=${TODAY}`];

describe("settings come from", () => {
  test(".env.local before .env", async () => {
    using dir = tempDir();
    const wrong = { MASSIVE_AWS_SECRET_KEY: "of-dot-env-and-wrong", MASSIVE_SYMBOLS: "VIX" };
    writeFileSync(join(dir.path, ".env"), envFile({ ...sandbox.environment, ...wrong }));
    writeFileSync(
      join(dir.path, ".env.local"),
      envFile({ MASSIVE_AWS_SECRET_KEY: sandbox.environment["MASSIVE_AWS_SECRET_KEY"] ?? "" }),
    );
    expectExit(await run(["hybrid", ...FRIDAY], { cwd: dir.path }), 0);
    expect(daysIn(join(dir.path, "data"))).toEqual(["VIX 2024-11-22"]);
  });

  test("the environment before .env.local", async () => {
    using dir = tempDir();
    const wrong = { MASSIVE_S3_ENDPOINT: "http://127.0.0.1:1", MASSIVE_DATA_DIR: "elsewhere" };
    writeFileSync(join(dir.path, ".env.local"), envFile({ ...sandbox.environment, ...wrong }));
    const env = { MASSIVE_S3_ENDPOINT: sandbox.url, MASSIVE_DATA_DIR: "here", MASSIVE_SYMBOLS: "SPX NDX" };
    expectExit(await run(["hybrid", ...FRIDAY], { cwd: dir.path, env }), 0);
    expect(daysIn(join(dir.path, "here"))).toEqual(["NDX 2024-11-22", "SPX 2024-11-22"]);
    expect(existsSync(join(dir.path, "elsewhere"))).toBe(false);
  });

  test("flags before the environment", async () => {
    using dir = tempDir();
    const env = { ...sandbox.environment, MASSIVE_DATA_DIR: "elsewhere", MASSIVE_SYMBOLS: "VIX" };
    const flags = ["--data-dir=here", "--symbols=SPX", ...FRIDAY];
    expectExit(await run(["hybrid", ...flags], { cwd: dir.path, env }), 0);
    expect(daysIn(join(dir.path, "here"))).toEqual(["SPX 2024-11-22"]);
    expect(existsSync(join(dir.path, "elsewhere"))).toBe(false);
  });

  test("no other file: nothing is read from the folders above or by the runtime itself", async () => {
    using dir = tempDir();
    for (const name of [".env.production", ".env.development", ".env.test", "bunfig.toml"])
      writeFileSync(join(dir.path, name), envFile(sandbox.environment));
    const outcome = await run(["hybrid", "--symbols=SPX", ...FRIDAY], { cwd: dir.path });
    expectExit(outcome, 3);
    expect(outcome.stderr).toContain("neither S3 keys nor an API key are set");
  });
});

describe("symbols come from", () => {
  test("--symbols, later from what the cache tracks, even if MASSIVE_SYMBOLS says otherwise", async () => {
    using dir = tempDir();
    const env = { ...sandbox.environment, MASSIVE_SYMBOLS: "VIX" };
    const first = [
      "hybrid",
      "--symbols=SPX,AAPL",
      "--from=2024-11-21",
      "--to=2024-11-21",
      `--today=${TODAY}`,
    ];
    expectExit(await run(first, { cwd: dir.path, env }), 0);
    expectExit(await run(["hybrid", ...FRIDAY], { cwd: dir.path, env }), 0);
    expect(daysIn(join(dir.path, "data"))).toEqual([
      "AAPL 2024-11-21",
      "AAPL 2024-11-22",
      "SPX 2024-11-21",
      "SPX 2024-11-22",
    ]);
  });

  test("a file, with comments", async () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, "mine.txt"), "# indices\nSPX, NDX\n\nVIX # fear\n");
    const command = ["hybrid", "--symbols-file=mine.txt", ...FRIDAY];
    expectExit(await run(command, { cwd: dir.path, env: sandbox.environment }), 0);
    expect(daysIn(join(dir.path, "data"))).toEqual(["NDX 2024-11-22", "SPX 2024-11-22", "VIX 2024-11-22"]);
  });

  test("the dataset with --symbols='*': every ticker of the file", async () => {
    using dir = tempDir();
    const command = ["hybrid", "--symbols=*", "--dataset=indices", ...FRIDAY];
    expectExit(await run(command, { cwd: dir.path, env: sandbox.environment }), 0);
    expect(daysIn(join(dir.path, "data"))).toEqual(
      ["AAVE100", "DJI", "NDX", "OEX", "RUT", "SPX", "VIX", "VVIX", "XSP"].map(
        (symbol) => `${symbol} 2024-11-22`,
      ),
    );
  });
});

describe("without a part of the keys", () => {
  test("the API alone does it, and says so", async () => {
    using dir = tempDir();
    const { MASSIVE_API_KEY = "", MASSIVE_API_URL = "" } = sandbox.environment;
    const command = ["hybrid", "--symbols=SPX", "--from=2024-11-18", "--to=2024-11-22", `--today=${TODAY}`];
    const outcome = await run(command, { cwd: dir.path, env: { MASSIVE_API_KEY, MASSIVE_API_URL } });
    expectExit(outcome, 0);
    expect(outcome.stderr).toContain("No S3 keys are set: everything comes from the REST API.");
    expect(cachedDays(join(dir.path, "data"))).toEqual(
      [18, 19, 20, 21, 22].map((day) => `SPX 2024-11-${day} api 390`),
    );
  });

  test("flat files alone do it, and days without one wait", async () => {
    using dir = tempDir();
    const { MASSIVE_API_KEY: _, MASSIVE_API_URL: __, ...env } = sandbox.environment;
    const command = ["hybrid", "--symbols=X:BTC-USD", "--days=2", `--today=${TODAY}`, "--json"];
    const outcome = await run(command, { cwd: dir.path, env });
    expectExit(outcome, 0);
    expect(outcome.stderr).toContain("No API key is set");
    expect(outcome.json()).toMatchObject({ days: { flatfile: 2, api: 0, pending: 1 } });
  });

  test("Supabase's URL and service key are no database: all is cached, and they are told what is", async () => {
    using dir = tempDir();
    const supabase = {
      SUPABASE_URL: "https://abc.supabase.co",
      SUPABASE_SERVICE_ROLE_KEY: "service-role-key",
    };
    const env = { ...sandbox.environment, ...supabase };
    const outcome = await run(["hybrid", "--symbols=SPX", ...FRIDAY, "--json"], { cwd: dir.path, env });
    expectExit(outcome, 0);
    expect(outcome.stderr).toContain(
      "Not synced: Set DATABASE_URL to the connection string that the Supabase dashboard shows under Connect",
    );
    expect(outcome.json()).toMatchObject({ bars: { cached: 390 }, sync: null });
  });
});

describe("the guide's own commands", () => {
  const ROOT = join(import.meta.dir, "..", "..");

  test("work as they stand there: package script, stray --, camelCase dates", async () => {
    using dir = tempDir();
    const env = { ...sandbox.environment, PATH: process.env["PATH"] ?? "", HOME: dir.path };
    const script = async (...args: string[]) => {
      const child = Bun.spawn(
        [process.execPath, "run", ...args, `--data-dir=${dir.path}/data`, `--today=${TODAY}`],
        {
          cwd: ROOT,
          env,
          stdout: "pipe",
          stderr: "pipe",
        },
      );
      const said = await Promise.all([child.stdout.text(), child.stderr.text()]);
      return { code: await child.exited, said: said.join("\n") };
    };
    const download = await script(
      "backfill:download",
      "--",
      "--dataset=indices",
      "--startDate=2024-11-18",
      "--endDate=2024-11-19",
    );
    expect(download).toMatchObject({ code: 0, said: expect.stringContaining("Downloaded 2 files") });
    const hybrid = await script("backfill:hybrid", "--", "--symbols=SPX,NDX", "--days=6");
    expect(hybrid).toMatchObject({
      code: 0,
      said: expect.stringContaining("Flat files (historical): 5 days (3 files downloaded"),
    });
    expect(cachedDays(join(dir.path, "data"))).toEqual(
      ["NDX", "SPX"].flatMap((symbol) =>
        [18, 19, 20, 21, 22].map((day) => `${symbol} 2024-11-${day} flatfile 390`),
      ),
    );
  });

  test("step by step: download, parse each file, the API for what is not published", async () => {
    using dir = tempDir();
    await using weekday = await lookAlike("2024-11-22");
    const options = { cwd: dir.path, env: weekday.sandbox.environment };
    const today = "--today=2024-11-22";
    const range = ["--startDate=2024-11-20", "--endDate=2024-11-21", today];
    const download = await run(["download", "--dataset=indices", ...range, "--json"], options);
    expectExit(download, 0);
    expect(download.json()).toMatchObject({ files: { downloaded: 2, reused: 0 }, days: { pending: 0 } });
    for (const date of ["2024-11-20", "2024-11-21"]) {
      const file = `./data/flat-files/indices/${date}.csv.gz`;
      expectExit(
        await run(["parse", `--file=${file}`, "--dataset=indices", "--symbols=SPX,NDX"], options),
        0,
      );
    }
    expectExit(await run(["api", "--days=2", today], options), 0);
    expect(cachedDays(join(dir.path, "data"))).toEqual(
      ["NDX", "SPX"].flatMap((symbol) => [
        `${symbol} 2024-11-20 flatfile 390`,
        `${symbol} 2024-11-21 flatfile 390`,
        `${symbol} 2024-11-22 api 390`,
      ]),
    );

    weekday.sandbox.clearRequests();
    const again = await run(["download", "--dataset=indices", ...range, "--json"], options);
    expect(again.json()).toMatchObject({ files: { downloaded: 0, reused: 2, bytes: 0 } });
    const overwrite = await run(
      ["download", "--dataset=indices", ...range, "--overwrite", "--json"],
      options,
    );
    expect(overwrite.json()).toMatchObject({ files: { downloaded: 2, reused: 0 } });
  });

  test("--dry-run prints what would be done and does none of it", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    const command = ["hybrid", "--symbols=SPX", "--days=4", `--today=${TODAY}`];
    const outcome = await run([...command, "-n"], options);
    expectExit(outcome, 0);
    expect(outcome.stdout.replace(/\([\d.]+ kB\)/, "(# kB)")).toBe(
      `Plan (nothing was done):
  I:SPX     2024-11-20 to 2024-11-22  3 days    read file: flat file published

  3 files to download (# kB), 0 files to reuse, 0 API requests
  About 1 s, at usual speeds: no earlier run to judge by.
`,
    );
    expect(cachedDays(join(dir.path, "data"))).toEqual([]);
    expect(existsSync(join(dir.path, "data", "flat-files"))).toBe(false);
  });
});
