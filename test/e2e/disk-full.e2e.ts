import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { differences } from "../support/bar-lines.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { cachedBars } from "../support/cache-contents.ts";
import { fillDisk } from "../support/full-disk.ts";
import { filesOf } from "../support/folder.ts";
import { newDatabase, storedBars } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { smallDisk } from "../support/small-disk.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { sandboxAt, sessionDates, truthOf } from "../support/truth.ts";
import { INDEX_HEADER } from "../workflows/index-file.ts";

setDefaultTimeout(60_000);

const [FROM, TO, TODAY] = ["2024-11-11", "2024-11-21", "2024-11-22"];
const HYBRID = ["hybrid", "--symbols=SPX", `--from=${FROM}`, `--to=${TO}`, `--today=${TODAY}`];
/** A little more than a run asks for before it begins: 64 MB for the cache, and the files. */
const DISK_BYTES = 68_000_000;
let sandbox: Sandbox;
let postgres: TestPostgres;

beforeAll(async () => {
  [sandbox, postgres] = await Promise.all([sandboxAt(TODAY), startPostgres()]);
});
afterEach(() => sandbox.faults.clear());
afterAll(() => Promise.all([sandbox.stop(), postgres.remove()]));

function expectTruth(dataDir: string): void {
  const truth = truthOf(sandbox, "SPX", sessionDates("SPX", FROM, TO));
  expect(differences(cachedBars(dataDir), truth)).toEqual([]);
}

function isRange({ path, range }: Sandbox["requests"][number]): boolean {
  return path.endsWith(".gz") && range !== "bytes=0-0";
}

/** Waits until the look-alike has got so many requests for ranges of files. */
async function filesAsked(count: number): Promise<void> {
  while (sandbox.requests.filter(isRange).length < count) await Bun.sleep(2);
}

describe("a disk that somebody else fills", () => {
  // What is left decides what fails: a file's bytes, a commit, or the growth of SQLite's log.
  test.each([[0], [50_000], [300_000]])(
    "in the middle of a run, to %d bytes: exit 4 and one clear sentence; with room, the same command completes",
    async (leaveBytes) => {
      using dir = tempDir();
      using disk = smallDisk(join(dir.path, "data"), DISK_BYTES);
      sandbox.clearRequests();
      sandbox.faults.bytesPerSecond = 200_000;
      const options = { cwd: dir.path, env: sandbox.environment };
      const running = start([...HYBRID, "--connections=2"], options);
      await filesAsked(3);
      const filler = fillDisk(disk.path, leaveBytes);
      const outcome = await running.ended;
      expectExit(outcome, 4);
      expect(outcome.stderr).toMatch(
        /\n?\[error\] .*: (?:the disk is full.*)\n {2}→ (?:Make room|Free some space).*\n {2}More: massive-backfill help disk\n$/,
      );
      expect(outcome.stderr).not.toContain("This is a bug");
      // What is there can be looked at, and what is there is right.
      for (const command of [["status"], ["verify"]])
        expectExit(await run([...command, `--today=${TODAY}`], options), 0);

      filler[Symbol.dispose]();
      sandbox.faults.clear();
      expectExit(await run(HYBRID, options), 0);
      expectTruth(disk.path);
      const names = Object.keys(filesOf(disk.path)).filter((name) => name.includes(".part"));
      expect(names).toEqual([]);
    },
  );

  test("while a sync notes what it has sent: exit 4; with room, the next one completes", async () => {
    using dir = tempDir();
    using disk = smallDisk(join(dir.path, "data"), DISK_BYTES);
    expectExit(await run(HYBRID, { cwd: dir.path, env: sandbox.environment }), 0);
    const filler = fillDisk(disk.path);
    const url = await newDatabase(postgres, "disk_full");
    const options = { cwd: dir.path, env: { DATABASE_URL: url } };
    const full = await run(["sync"], options);
    expectExit(full, 4);
    expect(full.stderr).toMatch(
      /\[error\] .*the disk is full.*\n {2}→ Free some space and run the same command again\.\n/,
    );
    filler[Symbol.dispose]();
    expectExit(await run(["sync"], options), 0);
    expect(differences(await storedBars(url), cachedBars(disk.path))).toEqual([]);
  });

  test("is freed by prune, which needs no room for itself", async () => {
    using dir = tempDir();
    using disk = smallDisk(join(dir.path, "data"), DISK_BYTES);
    const options = { cwd: dir.path, env: sandbox.environment };
    expectExit(await run(HYBRID, options), 0);
    fillDisk(disk.path);
    const pruned = await run(["prune", "--json"], options);
    expectExit(pruned, 0);
    expect(pruned.json()).toMatchObject({ freed: { files: 9 }, kept: { files: 0 } });
    expect(Object.keys(filesOf(join(disk.path, "flat-files")))).toEqual(["indices"]);
    const status = await run(["status", "--json", `--today=${TODAY}`], options);
    expect(status.json()).toMatchObject({ flatFiles: { files: 0, bytes: 0 } });
    expectTruth(disk.path);
  });
});

/** A file of many tickers, of which all are wanted: more bars than 2 MB hold. */
function manyBars(dir: TempDir): string {
  const stamp = Date.parse("2024-11-22T14:30:00Z");
  const rows: string[] = [];
  for (let ticker = 0; ticker < 200; ticker++)
    for (let minute = 0; minute < 390; minute++)
      rows.push(`I:T${1000 + ticker},1.25,2.5,3,1,${stamp + minute * 60_000}000000\n`);
  writeFileSync(join(dir.path, "2024-11-22.csv"), INDEX_HEADER + rows.join(""));
  return "--file=2024-11-22.csv";
}

describe("a disk of 2 MB", () => {
  test("that a commit fills keeps nothing of the day; a larger one takes it", async () => {
    using dir = tempDir();
    using disk = smallDisk(join(dir.path, "data"), 2_000_000);
    const parse = ["parse", manyBars(dir), "--symbols=*", "--dataset=indices"];
    const full = await run(parse, { cwd: dir.path });
    expectExit(full, 4);
    expect(full.stderr).toMatch(
      /\[error\] .*the disk is full.*\n {2}→ .*\n {2}More: massive-backfill help disk\n$/,
    );
    expect(cachedBars(disk.path)).toEqual([]);
    expectExit(await run(["verify"], { cwd: dir.path }), 0);
    expectExit(await run([...parse, "--data-dir=larger"], { cwd: dir.path }), 0);
    expect(cachedBars(join(dir.path, "larger"))).toHaveLength(200 * 390);
  });
});
