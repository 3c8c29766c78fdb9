import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { filesOf } from "../support/folder.ts";
import { smallDisk } from "../support/small-disk.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-10-28", "2024-11-24"];
/** Twenty files have 2 MB and the cache asks for 64 MB: a little less is there. */
const DISK_BYTES = 65_600_000;
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterEach(() => sandbox.stop());

function commandFrom(command: string, from: string): string[] {
  return [command, "--symbols=SPX", `--from=${from}`, `--to=${TODAY}`, `--today=${TODAY}`];
}

/** Requests for files, the questions about the plan (of one byte) left out. */
function fetches(): number {
  return sandbox.requests.filter(({ path, range }) => path.endsWith(".gz") && range !== "bytes=0-0").length;
}

describe("on a disk that is too small", () => {
  test.each(["hybrid", "download"])("%s says so before it fetches anything", async (command) => {
    using dir = tempDir();
    using disk = smallDisk(join(dir.path, "data"), DISK_BYTES);
    const args = [...commandFrom(command, FROM), "--json"];
    const outcome = await run(args, { cwd: dir.path, env: sandbox.environment });
    expectExit(outcome, 4);
    // Sixteen connections have as many small files under way at once: --no-keep alone would not help.
    const nextStep = "Free some space, ask for fewer days, or choose a --data-dir on another disk.";
    expect(outcome.json()).toEqual({
      schemaVersion: 1,
      command,
      error: {
        kind: "cache",
        operation: "download to ./data",
        reason: expect.stringMatching(
          /^the disk has 65\.\d MB free, and about 66\.\d MB are needed \(2\.\d MB for flat files, 64\.0 MB for the cache\); nothing was fetched$/,
        ),
        nextStep,
        help: "disk",
      },
    });
    expect(outcome.stderr).toContain(`\n  → ${nextStep}\n`);
    expect([fetches(), filesOf(join(disk.path, "flat-files"))]).toEqual([0, {}]);
  });

  test.each([
    ["--no-keep", FROM, ["--no-keep", "--connections=1"]],
    ["asking for fewer days", "2024-11-18", []],
  ])("%s helps", async (_what, from, flags) => {
    using dir = tempDir();
    using disk = smallDisk(join(dir.path, "data"), DISK_BYTES);
    const args = [...commandFrom("hybrid", from), ...flags];
    const outcome = await run(args, { cwd: dir.path, env: sandbox.environment });
    expectExit(outcome, 0);
    const truth = truthOf(sandbox, "SPX", sessionDates("SPX", from, TODAY));
    expect(differences(cachedBars(disk.path), truth)).toEqual([]);
  });
});
