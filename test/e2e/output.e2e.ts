import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { commandLine, environmentFor, expectExit, run } from "../support/binary.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-24";
/** Days of symbols that nobody has: 1.8 MB of JSON in all. */
const MUCH = ["status", "--json", "--symbols=SPX,NDX,VIX,DJI", "--from=2019-01-01", `--today=${TODAY}`];

interface Piped {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the program as `$run` of a shell script, which prints the exit code of `$run` to stderr; stdout is that of
 * the script.
 */
async function inShell(script: string, args: readonly string[], cwd: string): Promise<Piped> {
  const child = Bun.spawn(
    ["sh", "-c", `run() { "$@"; echo "exit $?" >&2; }; ${script}`, "sh", ...commandLine(args)],
    { cwd, env: environmentFor({ cwd }), stdin: "ignore", stdout: "pipe", stderr: "pipe", timeout: 30_000 },
  );
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { stdout, stderr };
}

describe("a long output", () => {
  test("reaches a reader that takes its time, to the last byte", async () => {
    using dir = tempDir();
    const { stdout, stderr } = await inShell('run "$@" | { sleep 0.5; cat; }', MUCH, dir.path);
    expect(stdout.length).toBeGreaterThan(1_000_000);
    expect(stdout).toEndWith("\n}\n");
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, symbols: { length: 4 } });
    expect(stderr).toBe("exit 0\n");
  });

  test("is the same in a file and through a pipe", async () => {
    using dir = tempDir();
    const [piped, filed] = await Promise.all([
      inShell('run "$@" | cat', MUCH, dir.path),
      inShell('run "$@" > out.json; cat out.json', MUCH, dir.path),
    ]);
    expect(piped.stdout === filed.stdout).toBe(true);
  });

  test("that somebody reads the beginning of is no error", async () => {
    using dir = tempDir();
    const { stdout, stderr } = await inShell('run "$@" | head -n 1', MUCH, dir.path);
    expect({ stdout, stderr }).toEqual({ stdout: "{\n", stderr: "exit 0\n" });
  });
});

describe("an output that cannot be written", () => {
  const told = expect.stringMatching(
    /^(?:\[info\] .*\n)*\[error\] write to stdout: ENOSPC.*\n {2}→ Send the output .*\nexit 4\n$/,
  );

  test.each([["--help"], ["status"], ["status --json"], ["sandbox"], ["sandbox --json"], ["demo --json"]])(
    "is an error of %s",
    async (line) => {
      using dir = tempDir();
      const { stderr } = await inShell('run "$@" > /dev/full', line.split(" "), dir.path);
      expect(stderr).toEqual(told);
    },
  );

  test("is one however long it is", async () => {
    using dir = tempDir();
    expect((await inShell('run "$@" > /dev/full', MUCH, dir.path)).stderr).toEqual(told);
  });

  test("does not hide a code that says more", async () => {
    using dir = tempDir();
    const { stderr } = await inShell('run "$@" > /dev/full', ["hybird", "--json"], dir.path);
    expect(stderr).toContain("write to stdout: ENOSPC");
    expect(stderr).toEndWith("exit 2\n");
  });
});

test("words that nobody hears end no run", async () => {
  using dir = tempDir();
  const demo = ["demo", `--today=${TODAY}`, "--json"];
  const { stdout } = await inShell('run() { "$@" 2>/dev/full; }; run "$@"', demo, dir.path);
  expect(JSON.parse(stdout)).toMatchObject({ command: "demo", days: { failed: 0 } });
  expectExit(
    await run(["status", "--check", "--data-dir=data/demo", `--today=${TODAY}`], { cwd: dir.path }),
    0,
  );
});
