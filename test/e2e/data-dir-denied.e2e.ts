import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../support/binary.ts";
import { endOf, FilledFolder, HYBRID, RANGE } from "../support/filled-folder.ts";
import { filesOf } from "../support/folder.ts";
import { runAsOrdinaryUser } from "../support/ordinary-user.ts";
import { lockableDisk } from "../support/read-only-disk.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

/** Nobody listens there, and nobody is asked: the cache is looked at first. */
const SYNC = ["sync", "--database-url=postgres://nobody@127.0.0.1:1/market"];
/** Those that take the lock, and those that only look. */
const WRITERS: readonly string[][] = [
  HYBRID,
  ["download", "--dataset=indices", ...RANGE],
  ["parse", "--symbols=SPX", ...RANGE],
  ["api", "--symbols=SPX", "--days=2", "--today=2024-11-22"],
  ["verify", "--files", "--repair"],
  SYNC,
];
const READERS: readonly string[][] = [
  ["status", ...RANGE],
  ["verify", "--cache", "--files"],
  [...SYNC, "--dry-run"],
];
const WRITE = "Give yourself permission to read and write there, or choose another --data-dir.";
const ELSEWHERE = "Choose another --data-dir.";
const MOUNT = "Mount the disk it leads to, or choose another --data-dir.";
let filled: FilledFolder;

beforeAll(async () => {
  filled = await FilledFolder.make();
});
afterAll(() => filled[Symbol.asyncDispose]());

/** The words of SQLite or the system at the end of the reason are theirs. */
function withoutDetail([code, error, nextStep]: ReturnType<typeof endOf>): unknown[] {
  return [code, error.replace(/ \([^()]*\)$/, ""), nextStep];
}

interface Refusals {
  readonly run: typeof run;
  /** What keeps the lock from being taken, and what keeps the cache from being opened. */
  readonly lock: readonly [reason: string, nextStep: string];
  readonly cache: readonly [operation: string, reason: string, nextStep: string];
}

async function expectRefusals(cwd: string, { run: runIt, lock, cache }: Refusals): Promise<void> {
  for (const args of [...WRITERS, ...READERS]) {
    const end = withoutDetail(endOf(await runIt(args, { cwd, env: filled.env })));
    const [operation, reason, nextStep] = cache;
    // Sync and verify look for a cache before they lock it; there only being opened for writing fails.
    const isSeen = operation === "use the cache data/massive.sqlite";
    const looksFirst = !isSeen && (args === SYNC || args[0] === "verify");
    expect([args, ...end]).toEqual(
      READERS.includes(args) || looksFirst
        ? [args, 4, `${operation}: ${reason}`, nextStep]
        : [args, 4, `lock ./data for ${args[0]}: ${lock[0]}`, lock[1]],
    );
  }
}

describe("a data directory", () => {
  test("on a disk that is read-only: exit 4 of every command, until it is mounted for writing", async () => {
    using dir = tempDir();
    using disk = lockableDisk(join(dir.path, "data"));
    filled.copyTo(disk.path);
    const before = filesOf(disk.path);
    disk.lock();
    const words = ["the disk is read-only", "Mount it for writing or choose another --data-dir."] as const;
    await expectRefusals(dir.path, {
      run,
      lock: words,
      cache: ["use the cache data/massive.sqlite", ...words],
    });
    disk.unlock();
    expect(filesOf(disk.path)).toEqual(before);
    await filled.expectHeals(dir.path);
  });

  test("that may only be read: exit 4 of every command, until it may be written to", async () => {
    using dir = filled.copy();
    const dataDir = join(dir.path, "data");
    const before = filesOf(dataDir);
    chmodSync(dataDir, 0o555);
    const words = ["permission denied", WRITE] as const;
    await expectRefusals(dir.path, {
      run: runAsOrdinaryUser,
      lock: words,
      cache: ["use the cache data/massive.sqlite", ...words],
    });
    chmodSync(dataDir, 0o755);
    expect(filesOf(dataDir)).toEqual(before);
    await filled.expectHeals(dir.path);
  });

  test("that may not be looked into: exit 4 of every command, for it is not empty", async () => {
    using dir = filled.copy();
    const dataDir = join(dir.path, "data");
    chmodSync(dataDir, 0o000);
    const words = ["permission denied", WRITE] as const;
    await expectRefusals(dir.path, {
      run: runAsOrdinaryUser,
      lock: words,
      cache: ["use data/massive.sqlite", ...words],
    });
    chmodSync(dataDir, 0o755);
    await filled.expectHeals(dir.path);
  });

  test("that is a link to a disk which is away: exit 4 of every command, until it is back", async () => {
    using dir = filled.copy();
    const dataDir = join(dir.path, "data");
    renameSync(dataDir, join(dir.path, "disk"));
    symlinkSync("disk", dataDir);
    renameSync(join(dir.path, "disk"), join(dir.path, "away"));
    const words = ["it is a link that leads nowhere", MOUNT] as const;
    await expectRefusals(dir.path, { run, lock: words, cache: ["use ./data", ...words] });
    renameSync(join(dir.path, "away"), join(dir.path, "disk"));
    await filled.expectHeals(dir.path);
  });

  test("that is a file: exit 4 of every command, and the file stays", async () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, "data"), "mine");
    await expectRefusals(dir.path, {
      run,
      lock: ["there is a file where the folder should be", ELSEWHERE],
      cache: ["use data/massive.sqlite", "a part of the path is a file", ELSEWHERE],
    });
    expect(await Bun.file(join(dir.path, "data")).text()).toBe("mine");
    rmSync(join(dir.path, "data"));
    await filled.expectHeals(dir.path);
  });

  test("whose parent may not be written to: exit 4, until it may", async () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, "parent"), { mode: 0o555 });
    const args = [...HYBRID, "--data-dir=parent/data"];
    const end = endOf(await runAsOrdinaryUser(args, { cwd: dir.path, env: filled.env }));
    expect(withoutDetail(end)).toEqual([4, "lock parent/data for hybrid: permission denied", WRITE]);
    chmodSync(join(dir.path, "parent"), 0o755);
    await filled.expectHeals(dir.path, join(dir.path, "parent", "data"));
  });

  test("whose cache may not be written is red for doctor too", async () => {
    using dir = filled.copy();
    const path = join(dir.path, "data", "massive.sqlite");
    chmodSync(path, 0o444);
    const doctor = await runAsOrdinaryUser(["doctor", "--json"], { cwd: dir.path, env: filled.env });
    expect([doctor.code, doctor.json()["checks"]]).toEqual([
      3,
      expect.arrayContaining([
        expect.objectContaining({
          name: "cache",
          state: "red",
          found: expect.stringMatching(/^permission denied/),
          fix: WRITE,
        }),
      ]),
    ]);
    chmodSync(path, 0o644);
    await filled.expectHeals(dir.path);
  });

  test.each([
    ["the cache", "massive.sqlite", "use the cache data/massive.sqlite: permission denied"],
    ["the lock file", "massive.lock", "lock ./data for hybrid: permission denied"],
    ["the folder of flat files", "flat-files/indices", "read data/flat-files/indices: permission denied"],
  ])("in which %s belongs to another: exit 4, until it may be used", async (_, name, error) => {
    using dir = filled.copy();
    const path = join(dir.path, "data", name);
    chmodSync(path, 0o000);
    const end = endOf(await runAsOrdinaryUser(HYBRID, { cwd: dir.path, env: filled.env }));
    expect(withoutDetail(end)).toEqual([4, error, WRITE]);
    chmodSync(path, 0o755);
    filled.expectWhole(join(dir.path, "data"));
    await filled.expectHeals(dir.path);
  });
});
