import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { datesBetween, weekdayOf } from "../../src/core/dates.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
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
  readonly note: string | null;
}

function expectedDay(date: string): Day {
  const closed = weekdayOf(date) > 5 || CLOSED.has(date);
  const minutes = EARLY_CLOSES.has(date) ? 210 : 390;
  const facts = closed
    ? { state: "closed", source: null, bars: 0, expected: null }
    : { state: "complete", source: "flatfile", bars: minutes, expected: minutes };
  return { date, ...facts, synced: false, delayed: false, note: null };
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
    expect(status.json()).toEqual({
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
            unsynced: 0,
          },
        },
      ],
      sync: { target: null, unsyncedBatches: 0, unsyncedBars: 0, oldestUnsyncedAt: null, lastError: null },
      entitlements: [],
      gaps: 0,
    });
  });

  test("is drawn as a grid, one row a month", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    const status = await run(["status", ...RANGE], { cwd: dir.path });
    expectExit(status, 0);
    expect(status.stdout.replaceAll(/ +$/gm, "")).toBe(`Coverage of ./data, 2024-11-25 to 2025-01-10, 1m bars

                        5        10        15        20        25        30
SPX     2024-11                                                 ■ ■ ■ · ■ ·
SPX     2024-12 · ■ ■ ■ ■ ■ · · ■ ■ ■ ■ ■ · · ■ ■ ■ ■ ■ · · ■ ■ · ■ ■ · · ■ ■
SPX     2025-01 · ■ ■ · · ■ ■ ■ · ■

■ complete   · closed

SPX          11,730 bars   31 complete

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
      gaps: 0,
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
  });
});

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
