import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { datesBetween, weekdayOf } from "../../src/core/dates.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { formatBytes } from "../../src/core/format.ts";
import { expectExit, run } from "../support/binary.ts";
import { tempDir } from "../support/temp-dir.ts";
import { lookAlike, sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TO, TODAY] = ["2024-11-25", "2025-01-10", "2025-01-11"];
/** Thanksgiving, Christmas, New Year and the day of mourning for President Carter. */
const CLOSED = new Set(["2024-11-28", "2024-12-25", "2025-01-01", "2025-01-09"]);
const EARLY_CLOSES = new Set(["2024-11-29", "2024-12-24"]);
const RANGE = [`--from=${FROM}`, `--to=${TO}`, `--today=${TODAY}`];
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterAll(() => sandbox.stop());

interface Day {
  readonly date: string;
  readonly state: string;
  readonly source: string | null;
  readonly bars: number;
  readonly expected: number | null;
  readonly synced: boolean;
  readonly delayed: boolean;
  readonly usual: number | null;
  readonly missing: readonly unknown[];
  readonly note: string | null;
}

function expectedDay(date: string): Day {
  const closed = weekdayOf(date) > 5 || CLOSED.has(date);
  const minutes = EARLY_CLOSES.has(date) ? 210 : 390;
  const facts = closed
    ? { state: "closed", source: null, bars: 0, expected: null }
    : { state: "complete", source: "flatfile", bars: minutes, expected: minutes };
  return { date, ...facts, synced: false, delayed: false, usual: null, missing: [], note: null };
}

describe("the coverage over the turn of a year", () => {
  test("knows the exchange's closures and early closes", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    const status = await run(["status", "--json", "--check", ...RANGE], { cwd: dir.path });
    expectExit(status, 0);
    const days = datesBetween(FROM, TO).map(expectedDay);
    const open = days.filter((day) => day.state === "complete");
    const { cacheBytes, flatFiles, ...shown } = status.json();
    expect([cacheBytes, flatFiles]).toEqual([cacheBytesIn(dir.path), flatFilesIn(dir.path)]);
    expect(shown).toEqual({
      schemaVersion: 1,
      dataDir: "./data",
      timeframe: "1m",
      from: FROM,
      to: TO,
      symbols: [
        {
          dataset: "indices",
          ticker: "I:SPX",
          symbol: "SPX",
          days,
          totals: {
            complete: 31,
            partial: 0,
            provisional: 0,
            pending: 0,
            missing: 0,
            closed: 16,
            absent: 0,
            denied: 0,
            failed: 0,
            bars: open.length * 390 - 2 * 180,
            flatfile: 31,
            api: 0,
            suspicious: 0,
            unsynced: 0,
            first: "2024-11-25",
            last: "2025-01-10",
          },
        },
      ],
      sync: { target: null, unsyncedBatches: 0, unsyncedBars: 0, oldestUnsyncedAt: null, lastError: null },
      entitlements: [],
      gaps: 0,
      suspicious: 0,
    });
  });

  test("is drawn as a grid, one row a month", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    const status = await run(["status", ...RANGE], { cwd: dir.path });
    expectExit(status, 0);
    const flatFiles = flatFilesIn(dir.path);
    expect(status.stdout).toBe(`Coverage of ./data, 2024-11-25 to 2025-01-10, 1m bars

                        5        10        15        20        25        30
SPX     2024-11                                                 ■ ■ ■ · ■ ·
SPX     2024-12 · ■ ■ ■ ■ ■ · · ■ ■ ■ ■ ■ · · ■ ■ ■ ■ ■ · · ■ ■ · ■ ■ · · ■ ■
SPX     2025-01 · ■ ■ · · ■ ■ ■ · ■

■ 31 complete   · 16 closed

symbol    bars   first day    last day  files  API  gaps
SPX     11,730  2024-11-25  2025-01-10     31    0     0

Cache ${formatBytes(cacheBytesIn(dir.path))}, 31 flat files ${formatBytes(flatFiles.bytes)}.

No gaps.

Postgres: none set; all bars are in the cache.
`);
  });

  test("of an empty folder is empty, and leaves it so", async () => {
    using dir = tempDir();
    const status = await run(["status", "--json", ...RANGE], { cwd: dir.path });
    expectExit(status, 0);
    expect(status.json()).toEqual({
      schemaVersion: 1,
      dataDir: "./data",
      timeframe: "1m",
      from: FROM,
      to: TO,
      symbols: [],
      sync: { target: null, unsyncedBatches: 0, unsyncedBars: 0, oldestUnsyncedAt: null, lastError: null },
      entitlements: [],
      flatFiles: { files: 0, bytes: 0 },
      cacheBytes: 0,
      gaps: 0,
      suspicious: 0,
    });
    expect(await Array.fromAsync(new Bun.Glob("**").scan({ cwd: dir.path, onlyFiles: false }))).toEqual([]);
  });
});

describe("what is not there", () => {
  test("has a reason for each day, and --check exits with 6 if there are gaps", async () => {
    using dir = tempDir();
    await using late = await lookAlike("2024-11-25", { planFrom: { indices: "2024-11-11" } });
    late.sandbox.hold("indices", "2024-11-14");
    late.sandbox.hold("indices", "2024-11-21");
    late.sandbox.damage("indices", "2024-11-20", { gzip: "truncated" });
    const { MASSIVE_API_KEY: _, ...filesOnly } = late.sandbox.environment;
    const options = { cwd: dir.path, env: filesOnly };
    const range = ["--from=2024-11-07", "--to=2024-11-26", "--today=2024-11-25"];
    const filled = await run(["hybrid", "--symbols=SPX,I:NOSUCH", ...range], options);
    expectExit(filled, 4);

    const status = await run(["status", "--json", "--check", ...range], { cwd: dir.path });
    expectExit(status, 6);
    const states = Object.fromEntries(statesOf(status.json()));
    expect(states["SPX"]).toEqual([
      "2024-11-07 denied",
      "2024-11-08 denied",
      "2024-11-09 closed",
      "2024-11-10 closed",
      "2024-11-11 complete flatfile",
      "2024-11-12 complete flatfile",
      "2024-11-13 complete flatfile",
      "2024-11-14 missing",
      "2024-11-15 complete flatfile",
      "2024-11-16 closed",
      "2024-11-17 closed",
      "2024-11-18 complete flatfile",
      "2024-11-19 complete flatfile",
      "2024-11-20 failed",
      "2024-11-21 pending",
      "2024-11-22 complete flatfile",
      "2024-11-23 closed",
      "2024-11-24 closed",
      "2024-11-25 pending",
      "2024-11-26 pending",
    ]);
    expect(states["NOSUCH"]?.slice(4, 9)).toEqual([
      "2024-11-11 absent flatfile",
      "2024-11-12 absent flatfile",
      "2024-11-13 absent flatfile",
      "2024-11-14 missing",
      "2024-11-15 absent flatfile",
    ]);
    expect(status.json()["gaps"]).toBe(4);

    const gaps = await run(["status", "--gaps", "--symbols=SPX", ...range], { cwd: dir.path });
    expectExit(gaps, 0);
    expect(gaps.stdout.replaceAll(/(?<=failed, ).*/g, "…")).toBe(`2 gaps in ./data, 2024-11-07 to 2024-11-26:
  SPX 2024-11-07 to 2024-11-08 (2 days): not in your plan, your subscription does not include this day; the vendor says: forbidden
    → massive-backfill hybrid --symbols=I:SPX --from=2024-11-07 --to=2024-11-08 --recheck-entitlements
  SPX 2024-11-14: missing, the vendor has published no flat file of it
    → massive-backfill hybrid --symbols=I:SPX --from=2024-11-14 --to=2024-11-14
  SPX 2024-11-20: failed, …
    → massive-backfill hybrid --symbols=I:SPX --from=2024-11-20 --to=2024-11-20
`);
    // The vendor publishes what was held and mends what was damaged; the commands that are shown do the rest.
    late.sandbox.release("indices", "2024-11-14");
    late.sandbox.republish("indices", "2024-11-20", []);
    for (const line of gaps.stdout
      .split("\n")
      .filter((text) => / {4}→ .*--from=2024-11-(?:14|20)/.test(text))) {
      const [, ...words] = line.trim().split(" ").slice(1);
      expectExit(await run([...words, "--today=2024-11-25"], options), 0);
    }
    const mended = await run(["status", "--gaps", "--json", "--symbols=SPX", ...range], { cwd: dir.path });
    expect(mended.json()).toMatchObject({ gaps: 0, ranges: [{ kind: "denied", days: 2 }] });
  });
});

describe("the coverage for machines", () => {
  test("is CSV, for the grid and for the gaps, and JSON or CSV at a time", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(
      await run(
        ["hybrid", "--symbols=SPX,AAPL", "--from=2025-01-08", `--to=${TO}`, `--today=${TODAY}`],
        options,
      ),
      0,
    );
    const shown = ["--from=2025-01-08", `--to=${TODAY}`, `--today=${TODAY}`];
    const grid = await run(["status", "--csv", "--symbols=SPX,VIX", ...shown], { cwd: dir.path });
    expectExit(grid, 0);
    expect(grid.stdout)
      .toBe(`symbol,ticker,dataset,date,state,source,bars,expected,synced,delayed,usual,note,missing
SPX,I:SPX,indices,2025-01-08,complete,flatfile,390,390,false,false,,,
SPX,I:SPX,indices,2025-01-09,closed,,0,,false,false,,,
SPX,I:SPX,indices,2025-01-10,complete,flatfile,390,390,false,false,,,
SPX,I:SPX,indices,2025-01-11,closed,,0,,false,false,,,
VIX,I:VIX,indices,2025-01-08,missing,,0,390,false,false,,,
VIX,I:VIX,indices,2025-01-09,closed,,0,,false,false,,,
VIX,I:VIX,indices,2025-01-10,missing,,0,390,false,false,,,
VIX,I:VIX,indices,2025-01-11,closed,,0,,false,false,,,
`);
    const gaps = await run(["status", "--gaps", "--csv", "--symbols=VIX", ...shown], { cwd: dir.path });
    expect(gaps.stdout).toBe(`symbol,ticker,dataset,from,to,days,kind,source,cause,command
VIX,I:VIX,indices,2025-01-08,2025-01-10,2,missing,,not fetched yet,massive-backfill hybrid --symbols=I:VIX --from=2025-01-08 --to=2025-01-10
`);
    expectExit(await run(["status", "--csv", "--json"], { cwd: dir.path }), 2);
  });
});

describe("the calendar", () => {
  test("follows what the vendor announces, once it was asked", async () => {
    using dir = tempDir();
    await using late = await lookAlike("2024-11-25", {
      announced: [{ date: "2024-12-09", name: "National Day of Mourning" }],
    });
    const options = { cwd: dir.path, env: late.sandbox.environment };
    const range = ["--symbols=SPX,X:BTC-USD", "--from=2024-11-25", "--to=2024-12-10", "--today=2024-11-25"];
    const expectedOf = async (...flags: string[]) => {
      const status = await run(["status", "--json", ...flags, ...range], options);
      expectExit(status, 0);
      const shown = statesOf(status.json()).map(([symbol, days]) => [symbol, days.slice(-5)] as const);
      return [status.stderr, shown] as const;
    };
    const open = [
      "2024-12-06 pending",
      "2024-12-07 closed",
      "2024-12-08 closed",
      "2024-12-09 pending",
      "2024-12-10 pending",
    ];
    const daily = open.map((day) => day.replace("closed", "pending"));
    expect((await expectedOf())[1]).toEqual([
      ["SPX", open],
      ["X:BTC-USD", daily],
    ]);
    const [words, asked] = await expectedOf("--refresh-calendar");
    expect(words).not.toContain("Not announced yet");
    expect(words).toContain("New to the calendar: 2024-12-09 closed (National Day of Mourning)");
    const closed = open.map((day) => day.replace("09 pending", "09 closed"));
    expect(asked).toEqual([
      ["SPX", closed],
      ["X:BTC-USD", daily],
    ]);
    expect(await expectedOf()).toEqual(["", asked]);
  });

  test("is refreshed with an API key only", async () => {
    using dir = tempDir();
    const status = await run(["status", "--refresh-calendar"], { cwd: dir.path });
    expectExit(status, 3);
    expect(status.stderr).toContain("refresh the calendar: MASSIVE_API_KEY is not set");
  });
});

/** Bytes of the cache's files, as the disk has them. */
function cacheBytesIn(path: string): number {
  return ["massive.sqlite", "massive.sqlite-wal"].reduce(
    (sum, name) => sum + Bun.file(join(path, "data", name)).size,
    0,
  );
}

function flatFilesIn(path: string): { files: number; bytes: number } {
  const names = [...new Bun.Glob("**/*.csv.gz").scanSync({ cwd: join(path, "data") })];
  const bytes = names.reduce((sum, name) => sum + Bun.file(join(path, "data", name)).size, 0);
  return { files: names.length, bytes };
}

/** The state and source of each day of each symbol of `status --json`. */
function statesOf(json: Record<string, unknown>): [string, string[]][] {
  const { symbols } = json;
  if (!Array.isArray(symbols)) throw new Error("there are no symbols");
  return symbols.map((coverage: { symbol: string; days: Day[] }) => [
    coverage.symbol,
    coverage.days.map(({ date, state, source }) =>
      [date, state, ...(source === null ? [] : [source])].join(" "),
    ),
  ]);
}
