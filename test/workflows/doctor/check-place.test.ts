import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCache } from "../../../src/cache/cache.ts";
import {
  checkCache,
  checkFolder,
  checkLock,
  freeBytesAt,
} from "../../../src/workflows/doctor/check-place.ts";
import { damageLastBars } from "../../support/damaged-cache.ts";
import { filesOf } from "../../support/folder.ts";
import { holdLock } from "../../support/lock-holder.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { linesOf } from "./vendor-context.ts";

describe("the data directory", () => {
  test("can be written to, or will be made in the nearest folder that is there", () => {
    using dir = tempDir();
    const missing = join(dir.path, "a", "b");
    expect(linesOf([checkFolder(dir.path), checkFolder(missing)])).toEqual([
      `green data directory: ${dir.path} can be written to`,
      `green data directory: ${missing} will be made`,
    ]);
    expect(filesOf(dir.path)).toEqual({});
  });

  test("that is a file, or a link to what is away, is red", async () => {
    using dir = tempDir();
    const [file, link] = [join(dir.path, "file"), join(dir.path, "link")];
    writeFileSync(file, "");
    symlinkSync(join(dir.path, "away"), link);
    expect(linesOf([checkFolder(file), checkFolder(link)])).toEqual([
      `red data directory: ${file} is a file → Choose another --data-dir.`,
      `red data directory: ${link}: it is a link that leads nowhere → Mount the disk it leads to, or choose another --data-dir.`,
    ]);
    expect(await freeBytesAt(link)).toBeNull();
  });
});

describe("the cache", () => {
  test("that a newer version wrote is red", () => {
    using dir = tempDir();
    openCache(dir.path).close();
    using db = new Database(join(dir.path, "massive.sqlite"));
    db.run("PRAGMA user_version = 999");
    expect(linesOf([checkCache(dir.path)])).toEqual([
      expect.stringMatching(
        /^red cache: it was written by a newer version of massive-backfill \(format 999, this one knows \d+\) → Use the newer version, or another --data-dir\.$/,
      ),
    ]);
  });

  test("that is empty, or of an earlier version, is looked at and left as it is", () => {
    using dir = tempDir();
    const path = join(dir.path, "massive.sqlite");
    writeFileSync(path, "");
    expect(linesOf([checkCache(dir.path)])).toEqual(["skipped cache: none yet: the first run makes it"]);
    expect(statSync(path).size).toBe(0);
    rmSync(path);
    openCache(dir.path).close();
    {
      using db = new Database(path);
      db.run("PRAGMA user_version = 1");
    }
    expect(linesOf([checkCache(dir.path)])).toEqual([
      "green cache: of an earlier version of massive-backfill: the next run brings it up to date",
    ]);
    using db = new Database(path);
    expect(db.query("PRAGMA user_version").get()).toEqual({ user_version: 1 });
  });

  test("with a page that is damaged deep within is red, though it opens", () => {
    using place = tempCache();
    const { db } = place.cache;
    db.run("INSERT INTO symbols (dataset, ticker, symbol) VALUES ('indices', 'I:SPX', 'SPX')");
    insertBars(db, 2000);
    place.cache.close();
    expect(checkCache(place.dataDir).state).toBe("green");
    damageLastBars(place.dataDir);
    expect(linesOf([checkCache(place.dataDir)])).toEqual([
      expect.stringMatching(/^red cache: the file is damaged \(.+\) → Move it away and run hybrid again/),
    ]);
  });
});

/** Rows enough for many pages; what they say does not matter. */
function insertBars(db: Database, rows: number): void {
  const columns = db
    .query<{ name: string; type: string; notnull: number }, []>(
      "SELECT name, type, \"notnull\" FROM pragma_table_info('bars')",
    )
    .all();
  const values = columns.map(({ name }) =>
    name === "symbol_id" ? "1" : name === "window_start_ms" ? "value * 60000" : "1",
  );
  db.run(
    `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ${rows})
     INSERT INTO bars (${columns.map(({ name }) => name).join(", ")}) SELECT ${values.join(", ")} FROM n`,
  );
}

describe("the lock", () => {
  test("that is a folder is red, not a bug", () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, "massive.lock"));
    expect(linesOf([checkLock(dir.path)])).toEqual([
      expect.stringMatching(/^red lock: there is a folder where the file massive\.lock should be/),
    ]);
  });

  test("names who is at work, and nobody once that process has died", async () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, "data"));
    const dataDir = join(dir.path, "data");
    expect(linesOf([checkLock(dataDir)])).toEqual(["green lock: nobody is at work"]);
    await using holder = await holdLock(dataDir, "hybrid");
    expect(linesOf([checkLock(dataDir)])).toEqual([
      expect.stringContaining(`green lock: a run is at work (hybrid, process ${holder.pid}, since `),
    ]);
    await holder.kill();
    expect(linesOf([checkLock(dataDir)])).toEqual(["green lock: nobody is at work"]);
  });
});
