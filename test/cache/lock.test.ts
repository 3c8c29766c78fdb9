import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "../../src/cache/lock.ts";
import { holdLock } from "../support/lock-holder.ts";
import { tempDir } from "../support/temp-dir.ts";
import { thrownBy } from "../support/thrown.ts";

const SINCE = String.raw`since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

test("a lock can be taken again after it was released", () => {
  using dir = tempDir();
  const dataDir = join(dir.path, "new/data");
  for (const command of ["hybrid", "sync"]) takeLock(dataDir, command).release();
  takeLock(dataDir, "parse").release();
});

test("locks of two data directories have nothing to do with each other", () => {
  using first = tempDir();
  using second = tempDir();
  const locks = [takeLock(first.path, "hybrid"), takeLock(second.path, "hybrid")];
  for (const lock of locks) lock.release();
});

test("a second lock in the same process is refused", () => {
  using dir = tempDir();
  const lock = takeLock(dir.path, "hybrid");
  const error = thrownBy(() => takeLock(dir.path, "sync"));
  lock.release();
  expect(error.kind).toBe("locked");
  expect(error.reason).toMatch(
    new RegExp(`^another run is at work there \\(hybrid, process ${process.pid}, ${SINCE}\\)$`),
  );
});

test("another process holds it: the error says which, and it is free as soon as that one is killed", async () => {
  using dir = tempDir();
  await using holder = await holdLock(dir.path, "hybrid --symbols=SPX");
  expect(holder.said).toBe("held");
  const error = thrownBy(() => takeLock(dir.path, "sync"));
  expect([error.kind, error.operation, error.nextStep]).toEqual([
    "locked",
    `lock ${dir.path} for sync`,
    "Wait until it is done, or use another --data-dir.",
  ]);
  expect(error.reason).toMatch(
    new RegExp(`^another run is at work there \\(hybrid --symbols=SPX, process ${holder.pid}, ${SINCE}\\)$`),
  );
  await holder.kill();
  takeLock(dir.path, "sync").release();
});

test("one of several processes that start together gets it", async () => {
  using dir = tempDir();
  const holders = await Promise.all(["a", "b", "c", "d"].map((command) => holdLock(dir.path, command)));
  try {
    const said = holders.map((holder) => holder.said);
    expect(said.filter((text) => text === "held")).toHaveLength(1);
    for (const text of said) if (text !== "held") expect(text).toStartWith("another run is at work there");
  } finally {
    for (const holder of holders) await holder.kill();
  }
});

test("a data directory that cannot be one is explained", () => {
  using dir = tempDir();
  const file = join(dir.path, "file");
  writeFileSync(file, "");
  const errors = [file, join(file, "data")].map((dataDir) => thrownBy(() => takeLock(dataDir, "hybrid")));
  expect(errors.map(({ kind, operation }) => [kind, operation])).toEqual([
    ["cache", `lock ${file} for hybrid`],
    ["cache", `lock ${join(file, "data")} for hybrid`],
  ]);
  expect(errors[0]?.reason).toStartWith("there is a file where the folder should be (");
  expect(errors[1]?.reason).toStartWith("a part of the path is a file (");
});

test("a folder in the place of the lock file is explained", () => {
  using dir = tempDir();
  mkdirSync(join(dir.path, "massive.lock"));
  const error = thrownBy(() => takeLock(dir.path, "hybrid"));
  expect([error.kind, error.reason, error.nextStep]).toEqual([
    "cache",
    "there is a folder where the file massive.lock should be (unable to open database file)",
    "Move the folder away or choose another --data-dir.",
  ]);
});

describe("a lock file", () => {
  const cases: readonly [string, (path: string) => void][] = [
    ["that is empty", (path) => writeFileSync(path, "")],
    ["that is no database", (path) => writeFileSync(path, "4711\n".repeat(500))],
    ["whose pages are damaged", (path) => writeFileSync(path, damaged(readFileSync(path)))],
    [
      "with other tables",
      (path) => {
        using db = new Database(path);
        db.run("DROP TABLE holder");
        db.run("CREATE TABLE holder (host)");
      },
    ],
    [
      "that names a process which is another program by now",
      (path) => {
        using db = new Database(path);
        db.run("UPDATE holder SET pid = 1");
      },
    ],
  ];

  test.each(cases)("%s holds nobody up, and locks again", (_, spoil) => {
    using dir = tempDir();
    takeLock(dir.path, "hybrid").release();
    spoil(join(dir.path, "massive.lock"));
    const lock = takeLock(dir.path, "hybrid");
    expect(thrownBy(() => takeLock(dir.path, "sync")).kind).toBe("locked");
    lock.release();
    takeLock(dir.path, "sync").release();
  });

  test("that is overwritten while another process holds it still locks", async () => {
    using dir = tempDir();
    await using holder = await holdLock(dir.path, "hybrid");
    writeFileSync(join(dir.path, "massive.lock"), "4711\n".repeat(500));
    expect(thrownBy(() => takeLock(dir.path, "sync")).kind).toBe("locked");
    await holder.kill();
    takeLock(dir.path, "sync").release();
  });
});

/** Its header is right and all else is not. */
function damaged(bytes: Buffer): Buffer {
  return Buffer.from(bytes).fill(0xff, 100);
}
