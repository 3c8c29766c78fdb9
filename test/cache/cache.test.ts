import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE_FILE, openCache, openCacheToRead, type Cache } from "../../src/cache/cache.ts";
import { MIGRATIONS } from "../../src/cache/migrations.ts";
import { tempCache } from "../support/temp-cache.ts";
import { tempDir } from "../support/temp-dir.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

function targetNames(cache: Cache): string[] {
  return cache.db
    .query<{ name: string }, []>("SELECT name FROM targets ORDER BY id")
    .all()
    .map((row) => row.name);
}

function addTarget(cache: Cache, name: string): void {
  cache.db.query("INSERT INTO targets (name) VALUES (?)").run(name);
}

function formatOf(cache: Cache): number | undefined {
  return cache.db.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version;
}

describe("openCache", () => {
  test("creates the folder and a cache of the present format", () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "a/b");
    const cache = openCache(dataDir);
    expect(cache.path).toBe(join(dataDir, CACHE_FILE));
    expect(formatOf(cache)).toBe(MIGRATIONS.length);
    expect(targetNames(cache)).toEqual([]);
    cache.close();
  });

  test("makes a cache of an empty file", () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, CACHE_FILE), "");
    const cache = openCache(dir.path);
    expect(formatOf(cache)).toBe(MIGRATIONS.length);
    cache.close();
  });

  test("finds what an earlier run wrote", async () => {
    using dir = tempDir();
    const first = openCache(dir.path);
    await first.write(() => addTarget(first, "kept"));
    first.close();
    const second = openCache(dir.path);
    expect(targetNames(second)).toEqual(["kept"]);
    expect(formatOf(second)).toBe(MIGRATIONS.length);
    second.close();
  });

  test("opens a cache that another program reads and writes too", async () => {
    using first = tempCache();
    const second = openCache(first.dataDir);
    await first.cache.write(() => addTarget(first.cache, "first"));
    await second.write(() => addTarget(second, "second"));
    expect(targetNames(first.cache)).toEqual(["first", "second"]);
    expect(targetNames(second)).toEqual(["first", "second"]);
    second.close();
  });

  test("refuses a cache of a newer format, and leaves it as it is", () => {
    using dir = tempDir();
    const path = join(dir.path, CACHE_FILE);
    const newer = new Database(path, { create: true });
    newer.run(`CREATE TABLE of_tomorrow (a); PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    newer.close();
    const error = thrownBy(() => openCache(dir.path));
    expect({ ...wordsOf(error), code: error.code }).toEqual({
      kind: "cache",
      code: "newer-cache",
      operation: `open the cache ${path}`,
      reason: `it was written by a newer version of massive-backfill (format ${MIGRATIONS.length + 1}, this one knows ${MIGRATIONS.length})`,
      nextStep: "Use the newer version, or another --data-dir.",
    });
    const after = new Database(path);
    expect(after.query("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "of_tomorrow" }]);
    after.close();
  });

  test("refuses a file that is no database, and leaves it as it is", () => {
    using dir = tempDir();
    const path = join(dir.path, CACHE_FILE);
    const text = "ticker,open,close,high,low,window_start\n".repeat(200);
    writeFileSync(path, text);
    expect(wordsOf(thrownBy(() => openCache(dir.path)))).toEqual({
      kind: "cache",
      operation: `use the cache ${path}`,
      reason: "the file is not a SQLite database (file is not a database)",
      nextStep: "Move it away and run hybrid again: kept flat files are read again.",
    });
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("says so if there is a file where a folder should be", () => {
    using dir = tempDir();
    const file = join(dir.path, "file");
    writeFileSync(file, "");
    expect(thrownBy(() => openCache(file)).reason).toStartWith(
      "there is a file where the folder should be (",
    );
    expect(thrownBy(() => openCache(join(file, "data"))).reason).toStartWith(
      "a part of the path is a file (",
    );
  });

  test("says so if the cache cannot be opened as a file", () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, CACHE_FILE));
    const error = thrownBy(() => openCache(dir.path));
    expect([error.kind, error.reason]).toEqual([
      "cache",
      `there is a folder where the file ${CACHE_FILE} should be (unable to open database file)`,
    ]);
  });

  test.each([0, 1, MIGRATIONS.length])(
    "refuses the database of another program (user_version %d), and leaves it as it is",
    (version) => {
      using dir = tempDir();
      const path = join(dir.path, CACHE_FILE);
      const foreign = new Database(path, { create: true });
      foreign.run(`CREATE TABLE invoices (a); PRAGMA user_version = ${version}`);
      foreign.close();
      const before = readFileSync(path);
      expect(wordsOf(thrownBy(() => openCache(dir.path)))).toEqual({
        kind: "cache",
        operation: `open the cache ${path}`,
        reason: "it is the database of another program",
        nextStep: "Move it away or choose another --data-dir.",
      });
      expect(readFileSync(path)).toEqual(before);
    },
  );
});

describe("openCacheToRead", () => {
  test("creates nothing", () => {
    using dir = tempDir();
    expect(openCacheToRead(join(dir.path, "none"))).toBeNull();
    expect(openCacheToRead(dir.path)).toBeNull();
    expect(existsSync(join(dir.path, CACHE_FILE))).toBe(false);
    expect(existsSync(join(dir.path, "none"))).toBe(false);
  });

  test("tells what is not there from what cannot be seen", () => {
    using dir = tempDir();
    const link = join(dir.path, "link");
    symlinkSync(join(dir.path, "away"), link);
    expect(wordsOf(thrownBy(() => openCacheToRead(link)))).toEqual({
      kind: "cache",
      operation: `use ${link}`,
      reason: "it is a link that leads nowhere",
      nextStep: "Mount the disk it leads to, or choose another --data-dir.",
    });
    const file = join(dir.path, "file");
    writeFileSync(file, "");
    expect(thrownBy(() => openCacheToRead(file)).reason).toStartWith("a part of the path is a file (");
  });

  test("opens a cache that is there", async () => {
    using first = tempCache();
    await first.cache.write(() => addTarget(first.cache, "kept"));
    const second = openCacheToRead(first.dataDir);
    expect(second === null ? null : targetNames(second)).toEqual(["kept"]);
    second?.close();
  });
});
