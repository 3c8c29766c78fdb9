import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run } from "../support/binary.ts";
import { newDatabase } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startOnTerminal } from "../support/pty.ts";
import { screenAfter } from "../support/screen.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-24";
const HYBRID = ["hybrid", "--symbols=SPX,NDX", "--days=6", `--today=${TODAY}`];
const ESCAPE = "\u001B";
const [HIDE_CURSOR, SHOW_CURSOR] = [`${ESCAPE}[?25l`, `${ESCAPE}[?25h`];
/** Codes that set a colour: `ESC [ 32 m`. */
const COLOUR = new RegExp(`${ESCAPE}\\[(?:3[0-7]|9[0-7])m`);
const CTRL_C = "\u0003";
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterEach(() => sandbox.stop());

function expectCursorShown(screen: string): void {
  expect(screen).toContain(HIDE_CURSOR);
  expect(screen.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(screen.lastIndexOf(HIDE_CURSOR));
}

describe("off a terminal", () => {
  test("there are plain lines on stderr, the summary on stdout, no escape codes anywhere", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: { ...sandbox.environment, TERM: "xterm-256color" } };
    const outcome = await run(HYBRID, options);
    expectExit(outcome, 0);
    expect(outcome.stdout + outcome.stderr).not.toContain(ESCAPE);
    expect(outcome.stderr + outcome.stdout).not.toContain("\r");
    const lines = outcome.stderr.trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/: [\d.]+ .*/, "")).toSorted()).toEqual([
      expect.stringMatching(/^\[info\] Downloading 5 files, [\d.]+ kB over 16 connections$/),
      "[info] download",
      ...["18", "19", "20", "21", "22"].map((day) => `[info] download indices 2024-11-${day}`),
      "[info] read files",
    ]);
    const status = await run(["status", `--today=${TODAY}`], options);
    expect(status.stdout + status.stderr).not.toContain(ESCAPE);
    const wrong = await run(["hybrid", "--frobnicate"], options);
    expect(wrong.stdout + wrong.stderr).not.toContain(ESCAPE);
  });

  test.each([["--help"], ["hybrid --help"], ["--version"]])("%s has no escape codes", async (line) => {
    using dir = tempDir();
    const help = await run(line.split(" "), { cwd: dir.path, env: { TERM: "xterm-256color" } });
    expectExit(help, 0);
    expect(help.stdout + help.stderr).not.toContain(ESCAPE);
  });

  test("--quiet says nothing but the result", async () => {
    using dir = tempDir();
    const outcome = await run([...HYBRID, "--quiet"], { cwd: dir.path, env: sandbox.environment });
    expectExit(outcome, 0);
    expect(outcome.stderr).toBe("");
    expect(outcome.stdout).toContain("HYBRID BACKFILL COMPLETE");
  });

  test("--quiet still tells what goes wrong", async () => {
    using dir = tempDir();
    sandbox.damage("indices", "2024-11-21", { badRows: { "not-a-number": 1 } });
    const outcome = await run([...HYBRID, "--quiet", "--json"], { cwd: dir.path, env: sandbox.environment });
    expectExit(outcome, 0);
    expect(outcome.stderr).toMatch(
      /^\[warn\] indices 2024-11-21: left out bad rows \(1 × not a number\).*\n$/,
    );
    const refused = await run(["sync", "--quiet"], { cwd: dir.path });
    expectExit(refused, 3);
    expect(refused.stderr).toContain("[error] sync to Postgres: no database is set");
  });
});

describe("on a terminal", () => {
  test("there are progress bars with rate and time left, the cursor comes back, the summary stays", async () => {
    using dir = tempDir();
    sandbox.faults.bytesPerSecond = 90_000;
    const running = startOnTerminal(HYBRID, { cwd: dir.path, env: sandbox.environment });
    const { code, screen } = await running.ended;
    expect(code).toBe(0);
    expect(screen).toMatch(
      /download indices 2024-11-18 +[█░]{24} +\d+% {2}[\d.]+ kB of [\d.]+ kB {2}[\d.]+ kB\/s {2}[\d.]+ s left/,
    );
    expect(screen).toMatch(/download +[█░]{24} +\d+% {2}[\d.]+ kB of [\d.]+ kB/);
    expectCursorShown(screen);
    expect(screen).toContain("HYBRID BACKFILL COMPLETE");
    expect(screen.indexOf("HYBRID BACKFILL COMPLETE")).toBeGreaterThan(screen.lastIndexOf("░"));
  });

  test("Ctrl-C ends it at once, and the cursor comes back", async () => {
    using dir = tempDir();
    sandbox.faults.bytesPerSecond = 20_000;
    const running = startOnTerminal(HYBRID, { cwd: dir.path, env: sandbox.environment });
    await running.shown("░");
    const typedMs = performance.now();
    running.type(CTRL_C);
    const { code, screen } = await running.ended;
    expect(performance.now() - typedMs).toBeLessThan(3000);
    expect(code).toBe(130);
    expectCursorShown(screen);
    expect(screen).toContain("stopped on request: all finished days are kept");
    expect(screen.lastIndexOf("stopped on request")).toBeGreaterThan(screen.lastIndexOf("░"));
  });

  test("an error leaves the cursor shown, too", async () => {
    using dir = tempDir();
    sandbox.faults.bytesPerSecond = 90_000;
    sandbox.damage("indices", "2024-11-21", { gzip: "truncated" });
    const running = startOnTerminal(HYBRID, { cwd: dir.path, env: sandbox.environment });
    const { code, screen } = await running.ended;
    expect(code).toBe(4);
    expectCursorShown(screen);
    expect(screen).toContain("✖ Failures:");
  });

  test.each([
    [80, 1],
    [160, 2],
    [240, 3],
  ])("of %i columns shows the calendar in %i stacks of months, no line too wide", async (columns, stacks) => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", "--days=80", `--today=${TODAY}`], options), 0);
    const status = ["status", `--today=${TODAY}`];
    const { screen } = await startOnTerminal(status, options, { columns, rows: 40 }).ended;
    const lines = Bun.stripANSI(screen).split(/\r?\n/);
    const header = lines.find((line) => line.includes(" 5        10"));
    expect(header?.match(/ 5 {8}10/g)).toHaveLength(stacks);
    const picture = lines.slice(
      0,
      lines.findIndex((line) => line.startsWith("Cache ")),
    );
    expect(picture.filter((line) => line.length > columns)).toEqual([]);
  });

  test("the grid has colours; NO_COLOR takes them away, here and from errors", async () => {
    using dir = tempDir();
    expectExit(await run(HYBRID, { cwd: dir.path, env: sandbox.environment }), 0);
    const status = ["status", `--today=${TODAY}`];
    expect((await startOnTerminal(status, { cwd: dir.path }).ended).screen).toMatch(COLOUR);
    const env = { NO_COLOR: "1" };
    expect((await startOnTerminal(status, { cwd: dir.path, env }).ended).screen).not.toContain(ESCAPE);
    const wrong = await startOnTerminal(["hybrid", "--frobnicate"], { cwd: dir.path, env }).ended;
    expect([wrong.code, COLOUR.test(wrong.screen)]).toEqual([2, false]);
    const help = await startOnTerminal(["hybrid", "--help"], { cwd: dir.path, env }).ended;
    expect([help.code, COLOUR.test(help.screen)]).toEqual([0, false]);
  });

  test("--quiet draws nothing", async () => {
    using dir = tempDir();
    const command = [...HYBRID, "--quiet"];
    const { code, screen } = await startOnTerminal(command, { cwd: dir.path, env: sandbox.environment })
      .ended;
    expect(code).toBe(0);
    expect(screen).not.toContain(ESCAPE);
    expect(screen).toContain("HYBRID BACKFILL COMPLETE");
  });
});

describe("on a small terminal", () => {
  const SMALL = { columns: 80, rows: 24 };
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());

  /** What a run leaves on the screen. */
  async function screenOf(
    args: readonly string[],
    cwd: string,
    more: Readonly<Record<string, string>> = {},
    size = SMALL,
  ) {
    const env = { ...sandbox.environment, ...more };
    const { code, screen } = await startOnTerminal(args, { cwd, env }, size).ended;
    expect(code).toBe(0);
    return { raw: screen, ...screenAfter(screen, size) };
  }

  /** From its first words on, the summary is on the screen as it was written, below no remains of a bar. */
  async function expectSummary(args: readonly string[], start: string, cwd: string, more = {}, size = SMALL) {
    const { raw, lines, cursorShown, wraps } = await screenOf(args, cwd, more, size);
    expect(raw).toContain(HIDE_CURSOR);
    const summary = raw.slice(raw.indexOf(start));
    expect(summary).not.toContain(ESCAPE);
    const summaryLines = screenAfter(summary, size).lines;
    expect(summaryLines[0]).toStartWith(start);
    expect(lines.slice(-summaryLines.length)).toEqual([...summaryLines]);
    expect(lines.filter((line) => /[█░]/.test(line))).toEqual([]);
    expect({ cursorShown, wraps }).toEqual({ cursorShown: true, wraps: true });
    return lines.slice(0, -summaryLines.length);
  }

  const SIZE_LINE = /^ℹ Downloading \d+ files, [\d.]+ [kM]B over \d+ connections$/;
  const RANGE = ["--symbols=SPX,NDX", "--days=6", `--today=${TODAY}`];
  test.each([
    ["hybrid", ["hybrid", ...RANGE], "╔═"],
    ["hybrid --json", ["hybrid", ...RANGE, "--json"], "{"],
    ["download", ["download", ...RANGE], "Downloaded 5 files"],
  ])("the summary of %s is whole, with the size of the download above it", async (_, args, start) => {
    using dir = tempDir();
    sandbox.faults.bytesPerSecond = 400_000;
    expect(await expectSummary(args, start, dir.path)).toEqual([expect.stringMatching(SIZE_LINE)]);
  });

  test("the summary of api is whole, with nothing above it", async () => {
    using dir = tempDir();
    expect(await expectSummary(["api", ...RANGE], "Fetched 5 days", dir.path)).toEqual([]);
  });

  test("many files at once have no more bars than fit a low screen", async () => {
    using dir = tempDir();
    sandbox.faults.bytesPerSecond = 200_000;
    const args = ["hybrid", "--symbols=SPX", "--days=40", `--today=${TODAY}`, "--connections=64"];
    const above = await expectSummary(args, "╔═", dir.path, {}, { columns: 80, rows: 10 });
    expect(above).toEqual([expect.stringMatching(SIZE_LINE)]);
  });

  test("the summary of sync is whole", async () => {
    using dir = tempDir();
    expectExit(await run(HYBRID, { cwd: dir.path, env: sandbox.environment }), 0);
    const database = { DATABASE_URL: await newDatabase(postgres, "small_terminal") };
    expect(await expectSummary(["sync"], "🐘 Postgres:", dir.path, database)).toEqual([]);
  });

  test("the summary of the demo is whole, below what the demo says first", async () => {
    using dir = tempDir();
    const above = await expectSummary(["demo", `--today=${TODAY}`], "╔═", dir.path);
    expect(above.pop()).toMatch(SIZE_LINE);
    expect(above.join("")).toMatch(/^ℹ Demo: a look-alike of Massive runs at .* no market data\.$/);
  });

  test("warnings stay above the bars, each with all its words", async () => {
    using dir = tempDir();
    sandbox.faults.bytesPerSecond = 400_000;
    for (const day of ["20", "21"])
      sandbox.damage("indices", `2024-11-${day}`, { badRows: { "not-a-number": 1 } });
    const quiet = await run([...HYBRID, "--quiet"], { cwd: dir.path, env: sandbox.environment });
    const warnings = quiet.stderr.trimEnd().split("\n");
    expect(warnings).toHaveLength(2);
    using other = tempDir();
    const above = await expectSummary(HYBRID, "╔═", other.path);
    expect(above.shift()).toMatch(SIZE_LINE);
    // Two days are read at once: which of them is told first is chance.
    const said = warnings.map((warning) => warning.replace("[warn] ", "! "));
    expect([said.join(""), said.toReversed().join("")]).toContain(above.join(""));
  });

  test("bars fit, with rate and time left", async () => {
    using dir = tempDir();
    sandbox.faults.bytesPerSecond = 90_000;
    const { raw } = await screenOf(HYBRID, dir.path);
    const bars = raw
      .split(new RegExp(`[\\r\\n${ESCAPE}]`))
      .flatMap((text) => text.match(/download .*%.*/) ?? []);
    expect(bars.filter((line) => line.length >= SMALL.columns)).toEqual([]);
    for (const label of ["download", "download indices 2024-11-18"])
      expect(bars).toContainEqual(
        expect.stringMatching(
          new RegExp(`^${label.padEnd(28)}  [█░]{13} +\\d+%  [\\d.]+ kB/s  [\\d.]+ s left$`),
        ),
      );
  });
});
