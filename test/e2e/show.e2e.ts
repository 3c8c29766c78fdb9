import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run } from "../support/binary.ts";
import { startOnTerminal } from "../support/pty.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-24";
let sandbox: Sandbox;
let dir: TempDir;

beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
  dir = tempDir();
  const symbols = "--symbols=SPX,AAPL,QUIET,X:BTC-USD";
  const range = ["--from=2024-11-18", `--to=${TODAY}`, `--today=${TODAY}`];
  expectExit(await run(["hybrid", symbols, ...range], { cwd: dir.path, env: sandbox.environment }), 0);
});
afterAll(async () => {
  await sandbox.stop();
  dir[Symbol.dispose]();
});

function show(...args: readonly string[]) {
  return run(["show", ...args, `--today=${TODAY}`], { cwd: dir.path });
}

describe("show", () => {
  test("draws a day with open, high, low, close, bars and source", async () => {
    const outcome = await show("SPX", "--date=2024-11-22");
    expectExit(outcome, 0);
    const bars = sandbox.truth("indices", "I:SPX", "2024-11-22");
    const session = bars.filter(({ windowStartMs }) => windowStartMs < Date.UTC(2024, 10, 22, 21));
    const [open, close] = [session[0]?.open ?? 0, session.at(-1)?.close ?? 0];
    const high = Math.max(...session.map((bar) => bar.high));
    const low = Math.min(...session.map((bar) => bar.low));
    expect(outcome.stdout).toStartWith(
      "SPX (indices)  2024-11-22  26 15m bars, made now\none candle = 15m, the finest that fits · choose with --timeframe · New York time\n\n",
    );
    expect(outcome.stdout).toContain(
      `Open ${open.toFixed(2)}   High ${high.toFixed(2)}   Low ${low.toFixed(2)}   Close ${close.toFixed(2)} (`,
    );
    expect(outcome.stdout).toContain("complete: 390 minutes from its flat file (its session has 390)\n");
    for (const line of outcome.stdout.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  });

  test("says what one candle stands for where bars share columns", async () => {
    const { stdout } = await show("AAPL", "--date=2024-11-22", "--timeframe=1m");
    expect(stdout).toContain("\none candle = 15m (740 bars in 80 columns) · New York time\n");
  });

  test("labels each of several days", async () => {
    const { stdout } = await show("SPX", "--days=5", "--timeframe=30m");
    expect(stdout).toContain("└┴2024-11-19──┴11-20───────┴11-21───────┴11-22───────\n");
  });

  test.each([
    ["AAPL", "2024-11-23", "weekend", "the market is closed on 2024-11-23, a Saturday (weekend)"],
    ["SPX", "2024-09-02", "holiday", "the market is closed on 2024-09-02 (holiday)"],
    ["AAPL", "2003-09-09", "before-history", "the vendor's history of stocks begins on 2003-09-10"],
    ["QUIET", "2024-11-22", "no-bars", "2024-11-22 was fetched, and the source has none of QUIET"],
  ])("says why %s has no bars on %s: %s", async (symbol, date, withoutBars, words) => {
    const outcome = await show(symbol, `--date=${date}`);
    expectExit(outcome, 0);
    expect(outcome.stdout).toEndWith(`)  ${date}\nno bars: ${words}\n`);
    const json = await show(symbol, `--date=${date}`, "--json");
    expectExit(json, 0);
    expect(json.json()).toMatchObject({ withoutBars, bars: [] });
  });

  test("says how to get a day that is not in the cache, and exits as for other words that cannot be", async () => {
    const nextStep =
      "Fetch it with: massive-backfill hybrid --symbols=I:SPX --from=2024-10-01 --to=2024-10-01";
    const outcome = await show("SPX", "--date=2024-10-01");
    expectExit(outcome, 2);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toContain("show SPX 2024-10-01: the day is not in the cache");
    expect(outcome.stderr).toContain(nextStep);
    const json = await show("SPX", "--date=2024-10-01", "--json");
    expectExit(json, 2);
    expect(json.json()).toMatchObject({ error: { reason: "the day is not in the cache", nextStep } });
  });

  test("shows the last day with bars if none is named", async () => {
    const stocks = await show("AAPL", "--json");
    expectExit(stocks, 0);
    expect(stocks.json()).toMatchObject({ symbol: "AAPL", from: "2024-11-22", to: "2024-11-22" });
    expect((await show("X:BTC-USD", "--json")).json()).toMatchObject({ from: TODAY, dataset: "crypto" });
  });

  test("gives the minutes as they are with --timeframe=1m --json", async () => {
    const outcome = await show("AAPL", "--date=2024-11-21", "--timeframe=1m", "--json");
    const truth = sandbox.truth("stocks", "AAPL", "2024-11-21");
    expect(outcome.json()["bars"]).toEqual(
      truth.map(({ windowStartMs, transactions, ...bar }) => ({
        timestamp: windowStartMs,
        ...bar,
        trades: transactions,
        incomplete: false,
      })),
    );
  });

  test("paints on a terminal, as wide as it is", async () => {
    const args = ["show", "SPX", "--date=2024-11-22", `--today=${TODAY}`];
    const { code, screen } = await startOnTerminal(args, { cwd: dir.path }).ended;
    expect(code).toBe(0);
    expect(screen).toContain("78 5m bars");
    expect(screen).toContain("\u001B[32m║\u001B[39m");
  });

  test("gives the same JSON however wide the terminal is", async () => {
    const args = ["show", "SPX", "--date=2024-11-22", "--json", `--today=${TODAY}`];
    const { screen } = await startOnTerminal(args, { cwd: dir.path }, { columns: 200, rows: 40 }).ended;
    expect(JSON.parse(screen)).toEqual((await show("SPX", "--date=2024-11-22", "--json")).json());
  });

  test.each([40, 60, 80, 120])("draws no line wider than a terminal of %p columns", async (columns) => {
    for (const symbol of ["SPX", "AAPL", "X:BTC-USD"]) {
      const args = ["show", symbol, "--days=5", "--timeframe=5m", `--today=${TODAY}`];
      const { code, screen } = await startOnTerminal(args, { cwd: dir.path }, { columns, rows: 40 }).ended;
      expect(code).toBe(0);
      for (const line of screen.split("\n"))
        expect(Bun.stringWidth(line.replace("\r", ""))).toBeLessThanOrEqual(columns);
    }
  });

  test.each([
    [["NDX"], "show NDX: the cache has nothing of it (indices)"],
    [[], "read the command line of show: the symbol is missing"],
    [["SPX", "AAPL"], "AAPL is not expected here"],
    [["SPX", "--timeframe=2h"], '"2h" is not a timeframe'],
    [["QUIET"], "show QUIET: the cache has no bars of it, on any day that it was asked for"],
    [["SPX", "--date=2024-11-25"], "read --date: 2024-11-25 is in the future"],
    [["SPX", "--date=2024-11-22", "--days=3"], "read --date: a range is given too"],
  ])("says what is wrong with %j", async (args, words) => {
    const outcome = await show(...args);
    expectExit(outcome, 2);
    expect(outcome.stderr).toContain(words);
  });
});
