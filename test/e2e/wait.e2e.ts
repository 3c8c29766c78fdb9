import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { addDays, newYorkDate, NEW_YORK, timeInZone } from "../../src/core/dates.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const DAY_MS = 24 * 60 * 60_000;
/** Crypto has a day's file for every day, whatever today is. */
const HYBRID = ["hybrid", "--symbols=X:BTC-USD", "--days=1", "--wait"];

/** A look-alike of tomorrow, so that yesterday's file is out at any hour unless it is held. */
async function tomorrow(): Promise<Sandbox & AsyncDisposable> {
  const sandbox = await startSandbox({
    nowMs: () => Date.now() + DAY_MS,
    historyFrom: addDays(newYorkDate(Date.now()), -3),
  });
  // Today's file may or may not be out tomorrow at this hour.
  sandbox.hold("crypto", newYorkDate(Date.now()));
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.stop() });
}

/**
 * Yesterday in New York; whether there is no time left today to wait for anything; and until when to wait: then not
 * at all, whichever day it is by the time the program asks.
 */
function now(): { readonly yesterday: string; readonly isMidnightNear: boolean; readonly until: string } {
  const nowMs = Date.now();
  const isMidnightNear = timeInZone(nowMs, NEW_YORK) >= "23:57";
  const until = `--until=${isMidnightNear ? "00:00" : "23:59"}`;
  return { yesterday: addDays(newYorkDate(nowMs), -1), isMidnightNear, until };
}

describe("hybrid --wait", () => {
  test("waits until yesterday's file is listed, and takes it", async () => {
    await using sandbox = await tomorrow();
    using dir = tempDir();
    const { yesterday, isMidnightNear, until } = now();
    sandbox.hold("crypto", yesterday);
    const env = { ...sandbox.environment, MASSIVE_API_KEY: "" };
    const running = start([...HYBRID, until, "--poll=1", "--json"], { cwd: dir.path, env });
    // In the last minutes of the day there is nothing to wait for.
    await running.said(isMidnightNear ? "{" : "Waiting for the flat files of crypto");
    sandbox.release("crypto", yesterday);
    const outcome = await running.ended;
    expectExit(outcome, 0);
    if (!isMidnightNear)
      expect(outcome.json()).toMatchObject({ days: { flatfile: 1, pending: 1, failed: 0 } });
  });

  test("goes on when the time is over: the late file is pending, which is no failure", async () => {
    await using sandbox = await tomorrow();
    using dir = tempDir();
    sandbox.hold("crypto", now().yesterday);
    const env = { ...sandbox.environment, MASSIVE_API_KEY: "" };
    const outcome = await run([...HYBRID, "--until=00:00", "--json"], { cwd: dir.path, env });
    expectExit(outcome, 0);
    expect(outcome.json()).toMatchObject({ days: { flatfile: 0, pending: 2, failed: 0 } });
    expect(outcome.stderr).toContain(
      "It is past 00:00 in New York: going on without the flat files of crypto",
    );
  });

  test("is stopped by Ctrl-C at once", async () => {
    await using sandbox = await tomorrow();
    using dir = tempDir();
    const { yesterday, isMidnightNear, until } = now();
    sandbox.hold("crypto", yesterday);
    const env = { ...sandbox.environment, MASSIVE_API_KEY: "" };
    const running = start([...HYBRID, until, "--poll=3600"], { cwd: dir.path, env });
    await running.said(isMidnightNear ? "BACKFILL" : "Waiting for the flat files");
    running.signal("SIGINT");
    const outcome = await running.ended;
    if (!isMidnightNear) expectExit(outcome, 130);
  });

  test.each([
    [["--until=11:30"], "read --until: nothing waits"],
    [["--wait", "--until=25:00"], 'read --until: "25:00" is not a time'],
    [["--wait", "--today=2024-11-22"], "read --wait: --today is given too"],
  ])("refuses %p", async (flags, words) => {
    using dir = tempDir();
    const outcome = await run(["hybrid", "--symbols=SPX", ...flags], { cwd: dir.path });
    expectExit(outcome, 2);
    expect(outcome.stderr).toContain(words);
  });
});
