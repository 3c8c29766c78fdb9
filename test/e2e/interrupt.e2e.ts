import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { FAULT_ANSWERS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, start, type Outcome, type Running } from "../support/binary.ts";
import { cachedBars, cachedDays } from "../support/cache-contents.ts";
import { filesOf } from "../support/folder.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-10-28", "2024-11-24"];
const SYMBOLS = ["NDX", "SPX"];
const HYBRID = [
  "hybrid",
  `--symbols=${SYMBOLS.join(",")}`,
  `--from=${FROM}`,
  `--to=${TODAY}`,
  `--today=${TODAY}`,
];
const DATES = sessionDates("SPX", FROM, TODAY);
/** A file has about 100 kB, so that four at once take a good second. */
const SLOW_BYTES_PER_SECOND = 90_000;
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterEach(() => sandbox.stop());

function truth(): string[] {
  return SYMBOLS.flatMap((symbol) => truthOf(sandbox, symbol, DATES));
}

/** Whatever was kept are whole days, each with all its bars. */
function expectWholeDays(dataDir: string): void {
  const kept = cachedDays(dataDir).map((line) => line.split(" ").slice(0, 2));
  const bars = kept.flatMap(([symbol = "", date = ""]) => truthOf(sandbox, symbol, [date]));
  expect(differences(cachedBars(dataDir), bars)).toEqual([]);
}

async function expectCompletion(cwd: string, dataDir: string): Promise<void> {
  sandbox.faults.clear();
  const kept = cachedDays(dataDir).length;
  const next = await run([...HYBRID, "--json"], { cwd, env: sandbox.environment });
  expectExit(next, 0);
  expect(next.json()).toMatchObject({
    days: { skipped: kept / SYMBOLS.length, flatfile: DATES.length - kept / SYMBOLS.length, failed: 0 },
  });
  expect(differences(cachedBars(dataDir), truth())).toEqual([]);
  const names = Object.keys(filesOf(join(dataDir, "flat-files", "indices")));
  expect(names).toEqual(DATES.map((date) => `${date}.csv.gz`));
}

const STOPPED =
  "[error] stopped on request: all finished days are kept\n  → Run the same command again to go on.\n  More: massive-backfill help interrupted\n";
const PROMPTLY_MS = 3000;

/** Interrupts a run; it has to end by itself within three seconds, with 130 and no word but the right one. */
async function expectPromptEnd(running: Running, signal: NodeJS.Signals = "SIGINT"): Promise<Outcome> {
  const signalledMs = performance.now();
  running.signal(signal);
  const watchdog = setTimeout(() => running.signal("SIGKILL"), PROMPTLY_MS);
  const outcome = await running.ended;
  clearTimeout(watchdog);
  expect(performance.now() - signalledMs).toBeLessThan(PROMPTLY_MS);
  expectExit(outcome, 130);
  expect(outcome.stderr.replaceAll(/^\[info\] .*\n/gm, "")).toBe(STOPPED);
  return outcome;
}

describe("Ctrl-C", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "(%s) in the middle ends at once with 130, keeps finished days, and the next run completes",
    async (signal) => {
      using dir = tempDir();
      const dataDir = join(dir.path, "data");
      sandbox.faults.bytesPerSecond = SLOW_BYTES_PER_SECOND;
      const args = [...HYBRID, "--connections=4", "--json"];
      const running = start(args, { cwd: dir.path, env: sandbox.environment });
      // Each connection brings a file: the first four are read long before the fifth is here.
      await running.said(`download indices ${DATES[4]}`);
      const outcome = await expectPromptEnd(running, signal);
      expect(outcome.json()).toMatchObject({ command: "hybrid", error: { kind: "interrupted" } });
      const kept = cachedDays(dataDir).length;
      expect([kept > 0, kept < DATES.length * SYMBOLS.length]).toEqual([true, true]);
      expectWholeDays(dataDir);
      await expectCompletion(dir.path, dataDir);
    },
  );

  test("at any moment ends at once, without a stray word", async () => {
    sandbox.faults.bytesPerSecond = 10 * SLOW_BYTES_PER_SECOND;
    for (let turn = 0; turn < 12; turn++) {
      using dir = tempDir();
      const running = start(HYBRID, { cwd: dir.path, env: sandbox.environment });
      await running.said(`download indices ${DATES[turn % 3]}`);
      await Bun.sleep(turn * 7);
      await expectPromptEnd(running);
    }
  });

  test("while the server says nothing ends at once too", async () => {
    using dir = tempDir();
    sandbox.faults.add({ match: /list-type=2/, fault: { kind: "stall" } });
    const running = start(HYBRID, { cwd: dir.path, env: sandbox.environment });
    while (sandbox.requests.length === 0) await Bun.sleep(5);
    await expectPromptEnd(running);
  });

  test("while nobody can be reached, which it has said by then, ends at once too", async () => {
    using dir = tempDir();
    const nobody = { MASSIVE_S3_ENDPOINT: "http://127.0.0.1:1" };
    const running = start(HYBRID, { cwd: dir.path, env: { ...sandbox.environment, ...nobody } });
    await running.said("; trying again\n");
    const { stderr } = await expectPromptEnd(running);
    // Two months are listed side by side; the first to fail often enough is told of.
    expect(stderr).toMatch(
      /^\[info\] list us_indices\/minute_aggs_v1\/2024\/1[01]\/: the S3 server cannot be reached \(ECONNREFUSED\); trying again\n/,
    );
  });

  test("while it waits to ask a failing server again ends at once too", async () => {
    using dir = tempDir();
    sandbox.faults.add({
      match: /^\/v2\//,
      times: 100,
      fault: { kind: "answer", answer: FAULT_ANSWERS.tooManyRequests(100) },
    });
    const command = ["api", "--symbols=SPX", "--days=5", `--today=${TODAY}`];
    const running = start(command, { cwd: dir.path, env: sandbox.environment });
    while (sandbox.requests.length === 0) await Bun.sleep(5);
    await expectPromptEnd(running);
  });
});

describe("a run that is killed", () => {
  // Moments spread over a run of about two seconds; the same folder is hit again and again.
  test("at any moment, several times, loses no finished day and the next run completes", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    sandbox.faults.bytesPerSecond = 4 * SLOW_BYTES_PER_SECOND;
    let kept = 0;
    for (const afterMs of [40, 150, 400, 700, 1000]) {
      const running = start(HYBRID, { cwd: dir.path, env: sandbox.environment });
      await Bun.sleep(afterMs);
      running.signal("SIGKILL");
      const outcome = await running.ended;
      if (outcome.code !== null) expectExit(outcome, 0);
      if (!(await Bun.file(join(dataDir, "massive.sqlite")).exists())) continue;
      expectExit(await run(["status", `--today=${TODAY}`], { cwd: dir.path }), 0);
      expectWholeDays(dataDir);
      expect(cachedDays(dataDir).length).toBeGreaterThanOrEqual(kept);
      kept = cachedDays(dataDir).length;
    }
    await expectCompletion(dir.path, dataDir);
  });
});
