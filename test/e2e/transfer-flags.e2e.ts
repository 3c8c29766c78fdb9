import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { countingProxy } from "../support/counting-proxy.ts";
import { filesOf } from "../support/folder.ts";
import { tempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TODAY] = ["2024-11-18", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TODAY}`, `--today=${TODAY}`];
const HYBRID = ["hybrid", "--symbols=SPX", ...RANGE];
const DOWNLOAD = ["download", "--dataset=indices", ...RANGE];
const DATES = sessionDates("SPX", FROM, TODAY);
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await sandboxAt(TODAY);
});
afterAll(() => sandbox.stop());

describe("--connections", () => {
  test("=1 has one request under way at a time; the default has more", async () => {
    for (const command of [HYBRID, DOWNLOAD]) {
      const most: number[] = [];
      // Slow enough for the second request to come before the first is answered.
      sandbox.faults.bytesPerSecond = 400_000;
      for (const flags of [["--connections=1"], []]) {
        using dir = tempDir();
        await using proxy = await countingProxy(sandbox.url);
        const env = { ...sandbox.environment, MASSIVE_S3_ENDPOINT: proxy.url };
        const outcome = await run([...command, ...flags], { cwd: dir.path, env });
        expectExit(outcome, 0);
        most.push(proxy.mostAtOnce());
      }
      sandbox.faults.clear();
      expect(most[0]).toBe(1);
      expect(most[1]).toBeGreaterThan(1);
    }
  });
});

describe("--max-rate", () => {
  test.each([
    ["hybrid", HYBRID],
    ["download", DOWNLOAD],
  ])("is kept by %s, over all connections together", async (_name, command) => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    const outcome = await run([...command, "--max-rate=150kB/s", "--json"], options);
    expectExit(outcome, 0);
    const { files } = outcome.json();
    expect(files).toEqual({ downloaded: DATES.length, reused: 0, bytes: expect.any(Number) });
    // Five files of about 100 kB: three seconds and more; without the limit a tenth of a second.
    expect(outcome.durationMs).toBeGreaterThan(2000);
    expect(outcome.stderr).toContain(" over 16 connections, at most 150.0 kB/s\n");
  });
});

describe("a download", () => {
  test("says before it begins what it comes to, and --dry-run says it too", async () => {
    using dir = tempDir();
    const options = { cwd: dir.path, env: sandbox.environment };
    const dry = await run([...DOWNLOAD, "--dry-run", "--json"], options);
    expectExit(dry, 0);
    const { bytes, resumedBytes, reused } = dry.json();
    expect([resumedBytes, reused]).toEqual([0, 0]);
    const size = `${(Number(bytes) / 1000).toFixed(1)} kB`;
    const text = await run([...DOWNLOAD, "--dry-run"], options);
    expect(text.stdout).toContain(`\n5 files to download (${size}), 0 there already\n`);
    const hybridPlan = await run([...HYBRID, "--dry-run", "--json"], options);
    expect(hybridPlan.json()["totals"]).toEqual({ files: 5, bytes, resumedBytes, reused: 0, requests: 0 });

    const outcome = await run([...HYBRID, "--connections=3"], options);
    expectExit(outcome, 0);
    const lines = outcome.stderr.split("\n");
    const said = lines.indexOf(`[info] Downloading 5 files, ${size} over 3 connections`);
    expect(said).toBeGreaterThanOrEqual(0);
    expect(said).toBeLessThan(lines.findIndex((line) => line.startsWith("[info] download indices")));
    const again = await run(HYBRID, options);
    expect(again.stderr).not.toContain("Downloading");
  });
});

describe("--no-keep", () => {
  test("leaves the bars and no flat file, and no later run fetches a day again", async () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "data");
    const options = { cwd: dir.path, env: sandbox.environment };
    const first = await run([...HYBRID, "--no-keep", "--json"], options);
    expectExit(first, 0);
    expect(first.json()).toMatchObject({ days: { flatfile: 5 }, files: { downloaded: 5 } });
    expect(filesOf(join(dataDir, "flat-files", "indices"))).toEqual({});
    expect(differences(cachedBars(dataDir), truthOf(sandbox, "SPX", DATES))).toEqual([]);
    sandbox.clearRequests();
    for (const flags of [["--no-keep"], []]) {
      const next = await run([...HYBRID, ...flags, "--json"], options);
      expectExit(next, 0);
      expect(next.json()).toMatchObject({ days: { flatfile: 0, skipped: 5 }, files: { downloaded: 0 } });
    }
    expect(sandbox.requests.filter(({ path }) => path.endsWith(".gz"))).toEqual([]);
  });

  test("is in the help of hybrid as it is written, and the opposite is no flag", async () => {
    using dir = tempDir();
    const help = await run(["hybrid", "--help"], { cwd: dir.path });
    expect(help.stdout).toMatch(/ --no-keep +delete each day's flat file that this run brings/);
    expect(help.stdout).not.toMatch(/ --keep/);
    const opposite = await run(["hybrid", "--keep"], { cwd: dir.path });
    expectExit(opposite, 2);
  });
});

describe("a wrong value", () => {
  test.each([
    ["--connections=0", "1 to 256"],
    ["--connections=257", "1 to 256"],
    ["--connections=many", "1 to 256"],
    ["--connections=", "needs a value"],
    ["--max-rate=fast", "--max-rate=10MB/s"],
    ["--max-rate=0MB/s", "too slow"],
    ["--max-rate=10Mb/s", "--max-rate=10MB/s"],
    ["--no-keep=false", "takes no value"],
  ])("in %s is refused before anything is asked for or written", async (flag, words) => {
    using dir = tempDir();
    sandbox.clearRequests();
    const outcome = await run([...HYBRID, flag], { cwd: dir.path, env: sandbox.environment });
    expectExit(outcome, 2);
    expect(outcome.stderr).toContain(words);
    expect([filesOf(dir.path), sandbox.requests]).toEqual([{}, []]);
  });
});
