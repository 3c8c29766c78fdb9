import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { expectExit, run } from "../support/binary.ts";
import { filesOf } from "../support/folder.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

describe("help", () => {
  test.each([["--help"], ["help"], ["-h"]])("is printed for %s", async (argument) => {
    using dir = tempDir();
    const outcome = await run([argument], { cwd: dir.path });
    expectExit(outcome, 0);
    expect(outcome.stdout).toContain("USAGE  massive-backfill <command> [flags]");
    expect(outcome.stderr).toBe("");
  });

  test.each([
    ["hybrid"],
    ["download"],
    ["parse"],
    ["api"],
    ["sync"],
    ["status"],
    ["schedule"],
    ["demo"],
    ["sandbox"],
  ])("is printed for %s, with its examples", async (command) => {
    using dir = tempDir();
    const outcome = await run([command, "--help"], { cwd: dir.path });
    expectExit(outcome, 0);
    expect(outcome.stdout).toContain(`massive-backfill ${command}`);
    expect(outcome.stdout).toContain("EXAMPLES");
    expect(filesOf(dir.path)).toEqual({});
  });

  test("--version is the one of the package", async () => {
    using dir = tempDir();
    const { version } = await Bun.file(new URL("../../package.json", import.meta.url)).json();
    const outcome = await run(["--version"], { cwd: dir.path });
    expect([outcome.code, outcome.stdout]).toEqual([0, `${version}\n`]);
  });
});
