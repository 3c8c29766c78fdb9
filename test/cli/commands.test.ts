import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "../../src/cache/lock.ts";
import { claimSyntheticFolder } from "../../src/cli/synthetic.ts";
import type { TempDir } from "../support/temp-dir.ts";
import { INDEX_HEADER, indexRows } from "../workflows/index-file.ts";
import { run, runStopped } from "./run-program.ts";
import { emptyWorkplace } from "./workplace.ts";

let workplace: TempDir;

beforeEach(() => {
  workplace = emptyWorkplace();
});

afterEach(() => {
  workplace[Symbol.dispose]();
});

describe("a command line", () => {
  test.each<[string, readonly string[], number, string]>([
    [
      "a bad date",
      ["hybrid", "--symbols=SPX", "--from=2024-02-30"],
      2,
      'read --from: "2024-02-30" is not a date',
    ],
    [
      "a beginning in the future",
      ["hybrid", "--symbols=SPX", "--from=2024-11-25"],
      2,
      "read --from: 2024-11-25 is in the future",
    ],
    [
      "a pair without its dash",
      ["hybrid", "--symbols=X:BTCUSD"],
      2,
      'read symbol "X:BTCUSD": currency pairs are written with a dash',
    ],
    ["an empty list", ["hybrid", "--symbols=,"], 2, "read --symbols: it names no symbol"],
    [
      "days in the wrong order",
      ["api", "--symbols=SPX", "--startDate=2024-11-23", "--endDate=2024-11-22"],
      2,
      "read --from: 2024-11-23 is after 2024-11-22",
    ],
    ["a future --today", ["status", "--today=2024-11-25"], 2, "read --today: 2024-11-25 is in the future"],
    ["an unknown dataset", ["parse", "--dataset=bonds"], 2, 'read --dataset: "bonds" is not a dataset'],
    ["no symbols", ["hybrid"], 2, "choose the symbols: none were given, and this cache tracks none yet"],
    [
      "no keys at all",
      ["hybrid", "--symbols=SPX"],
      3,
      "connect to Massive: neither S3 keys nor an API key are set",
    ],
    ["no S3 keys", ["download", "--symbols=SPX"], 3, "download flat files: no S3 keys are set"],
    ["no API key", ["api", "--symbols=SPX"], 3, "ask the REST API: MASSIVE_API_KEY is not set"],
    ["no database", ["sync"], 3, "sync to Postgres: no database is set"],
    [
      "a port that is none",
      ["sandbox", "--port=70000"],
      2,
      'read --port: "70000" is not a whole number up to 65535',
    ],
    [
      "no connections",
      ["hybrid", "--symbols=SPX", "--connections=0"],
      2,
      'read --connections: "0" is not a whole number from 1 to 256',
    ],
    [
      "too many connections",
      ["download", "--symbols=SPX", "--connections=257"],
      2,
      'read --connections: "257" is not a whole number from 1 to 256',
    ],
    [
      "a rate in bits",
      ["download", "--symbols=SPX", "--max-rate=10Mb/s"],
      2,
      'read --max-rate: "10Mb/s" is not a number of bytes a second',
    ],
    [
      "a value for --no-keep",
      ["hybrid", "--symbols=SPX", "--no-keep=true"],
      2,
      "read the command line of hybrid: --no-keep takes no value",
    ],
    [
      "--no-keep where nothing is deleted",
      ["download", "--symbols=SPX", "--no-keep"],
      2,
      "read the command line of download: --no-keep is no flag of this command",
    ],
    [
      "tickers that are no number",
      ["sandbox", "--tickers=ten"],
      2,
      'read --tickers: "ten" is not a whole number up to 20000',
    ],
  ])("with %s ends with words and a code", async (_what, argv, code, message) => {
    const ran = await run(...argv);
    expect({ ...ran, messages: ran.messages.map((line) => line.split("\n")[0]) }).toEqual({
      code,
      written: "",
      messages: [`error ${message}`],
    });
  });

  test("is checked before anything is written", async () => {
    await run("hybrid", "--symbols=SPX", "--days=x");
    await run("hybrid", "--wibble");
    await run("status");
    await run("demo", "--today=2024-11-25");
    expect(readdirSync(workplace.path)).toEqual([]);
  });

  test("in the guide's form is understood", async () => {
    writeFileSync(
      "2024-11-22.csv",
      INDEX_HEADER + indexRows("I:SPX", "2024-11-22T14:30:00Z", [5950.25, 5951]),
    );
    const { code, written } = await run(
      "parse",
      "--",
      "--file=2024-11-22.csv",
      "--symbols=SPX",
      "--dataDir=Bars",
    );
    expect(code).toBe(0);
    expect(written).toBe(
      "Read 2024-11-22.csv (indices, 2024-11-22): 2 bars of 1 symbol, 2 new or changed.\n",
    );
    expect(existsSync(join(workplace.path, "Bars", "massive.sqlite"))).toBe(true);
  });

  test("for a data directory that is a file says so", async () => {
    writeFileSync("bars", "");
    for (const dataDir of ["bars", "bars/deeper"]) {
      const { code, messages } = await run("parse", "--symbols=SPX", `--data-dir=${dataDir}`);
      expect(messages.join("\n")).not.toContain("This is a bug");
      expect(code).toBe(4);
    }
    expect(readdirSync(workplace.path)).toEqual(["bars"]);
  });
});

test("sync takes the demo's bars only to a database that is named for them", async () => {
  claimSyntheticFolder("data");
  process.env["DATABASE_URL"] = "postgres://me@127.0.0.1:1/market";
  const refused = await run("sync");
  expect({ ...refused, messages: refused.messages.map((line) => line.split("\n")[0]) }).toEqual({
    code: 2,
    written: "",
    messages: [
      "error sync ./data: the folder holds the demo's synthetic bars, and the database of your settings is for real ones",
    ],
  });
  expect((await run("sync", "--database-url=nonsense")).code).toBe(3);
});

test("no command brings real bars into the demo's folder", async () => {
  claimSyntheticFolder("data");
  for (const name of ["hybrid", "download", "parse", "api"]) {
    const { code, messages } = await run(name, "--symbols=SPX");
    expect([code, messages[0]?.split("\n")[0]]).toEqual([
      2,
      `error run ${name} in ./data: the folder holds the demo's synthetic bars, which real ones must not mix with`,
    ]);
  }
  expect((await run("status")).code).toBe(0);
});

describe("a run that was stopped", () => {
  test("ends with 130 and says how to go on", async () => {
    const { code, messages, written } = await runStopped(
      AbortSignal.abort(),
      "parse",
      "--file=none-2024-11-22.csv",
      "--symbols=SPX",
      "--json",
    );
    expect(code).toBe(130);
    expect(messages).toEqual([
      "error stopped on request: all finished days are kept\n  → Run the same command again to go on.\n  More: npx bun run massive-backfill help interrupted",
    ]);
    expect(JSON.parse(written)).toEqual({
      schemaVersion: 1,
      command: "parse",
      error: {
        kind: "interrupted",
        operation: "stopped on request",
        reason: "all finished days are kept",
        nextStep: "Run the same command again to go on.",
        help: "interrupted",
      },
    });
  });
});

describe("the lock", () => {
  test("keeps a second run out and is gone after the first, however that ended", async () => {
    const lock = takeLock("data", "hybrid");
    const { code, messages } = await run("parse", "--symbols=SPX");
    expect(code).toBe(7);
    expect(messages).toEqual([
      expect.stringMatching(
        /^error lock .*data for parse: another run is at work there \(hybrid, process \d+, since .*\)\n {2}→ Wait/,
      ),
    ]);
    lock.release();
    expect((await run("hybrid", "--symbols=SPX")).code).toBe(3);
    expect((await run("parse", "--symbols=SPX")).code).toBe(0);
    takeLock("data", "test").release();
  });
});

describe("status", () => {
  test("of an empty folder is words or an empty grid, and makes no cache", async () => {
    expect(await run("status")).toEqual({
      code: 0,
      written:
        "Nothing is cached in ./data yet. Begin with: npx bun run backfill:hybrid -- --symbols=SPX,NDX --days=90\n",
      messages: [],
    });
    const { code, written } = await run("status", "--json", "--days=2");
    expect(code).toBe(0);
    expect(JSON.parse(written)).toEqual({
      schemaVersion: 1,
      dataDir: "./data",
      timeframe: "1m",
      from: "2024-11-22",
      to: "2024-11-24",
      symbols: [],
      sync: { target: null, unsyncedBatches: 0, unsyncedBars: 0, oldestUnsyncedAt: null, lastError: null },
      entitlements: [],
      flatFiles: { files: 0, bytes: 0 },
      cacheBytes: 0,
      suspicious: 0,
      gaps: 0,
    });
    expect(readdirSync(workplace.path)).toEqual([]);
  });

  test("--check finds gaps: 6", async () => {
    writeFileSync("2024-11-22.csv", INDEX_HEADER + indexRows("I:SPX", "2024-11-22T14:30:00Z", [1, 2]));
    await run("parse", "--file=2024-11-22.csv", "--symbols=SPX");
    const range = ["--from=2024-11-22", "--to=2024-11-24"];
    const { code, written } = await run("status", "--check", ...range);
    expect(code).toBe(6);
    expect(written).toContain(
      "1 gap:\n  SPX 2024-11-22: partial, 2 of 390 minutes; the flat file lacks 09:32–15:59\n",
    );
    expect((await run("status", ...range)).code).toBe(0);
    expect((await run("status", "--check", "--from=2024-11-23", "--to=2024-11-24")).code).toBe(0);
  });

  test("--check of symbols that were never fetched finds gaps, cache or not", async () => {
    const check = ["status", "--check", "--symbols=SPX", "--from=2024-11-20", "--to=2024-11-21"];
    expect((await run(...check)).code).toBe(6);
  });
});

describe("parse --dry-run", () => {
  test("prints the plan as text or JSON and reads nothing", async () => {
    const argv = ["parse", "--symbols=SPX", "--from=2024-11-22", "--to=2024-11-24", "--dry-run"];
    expect(await run(...argv)).toEqual({
      code: 0,
      written: `Plan (nothing was done):
  I:SPX     2024-11-22                1 day     wait: nothing to read it from

  0 files to download (0 B), 0 files to reuse, 0 API requests
  Nothing has to be fetched or read.
`,
      messages: [],
    });
    expect(JSON.parse((await run(...argv, "--json")).written)).toEqual({
      schemaVersion: 1,
      command: "parse",
      dryRun: true,
      from: "2024-11-22",
      to: "2024-11-24",
      totals: { files: 0, bytes: 0, resumedBytes: 0, reused: 0, requests: 0 },
      estimate: { seconds: 0, judgedBy: "usual speeds" },
      cheaper: null,
      days: [
        {
          dataset: "indices",
          ticker: "I:SPX",
          date: "2024-11-22",
          action: "wait",
          reason: "nothing to read it from",
        },
        ...["2024-11-23", "2024-11-24"].map((date) => ({
          dataset: "indices",
          ticker: "I:SPX",
          date,
          action: "none",
          reason: "closed",
        })),
      ],
    });
  });
});
