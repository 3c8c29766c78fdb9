import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { COMMANDS } from "../../src/cli/registry.ts";
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

  test.each(Object.keys(COMMANDS).map((name) => [name]))(
    "is printed for %s, with its examples",
    async (command) => {
      using dir = tempDir();
      const outcome = await run([command, "--help"], { cwd: dir.path });
      expectExit(outcome, 0);
      expect(outcome.stdout).toContain(`massive-backfill ${command}`);
      expect(outcome.stdout).toContain("EXAMPLES");
      expect(filesOf(dir.path)).toEqual({});
    },
  );

  test("is printed about a trouble", async () => {
    using dir = tempDir();
    const outcome = await run(["help", "s3-keys"], { cwd: dir.path });
    expectExit(outcome, 0);
    expect(outcome.stdout).toStartWith("S3 authentication error\n\nYou see: exit code 3");
  });

  test("--version is the one of the package, with the commit and the machine of the build", async () => {
    using dir = tempDir();
    const { version } = await Bun.file(new URL("../../package.json", import.meta.url)).json();
    const outcome = await run(["--version"], { cwd: dir.path });
    expectExit(outcome, 0);
    expect(outcome.stdout).toMatch(/^\S+ \([0-9a-f]{10}(?: with changes)?, \w+-\w+\)\n$/);
    expect(outcome.stdout).toStartWith(`${version} (`);
  });
});
