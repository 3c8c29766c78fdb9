import { describe, expect, test } from "bun:test";
import { setImmediate } from "node:timers/promises";
import { openCache, type Cache } from "../../src/cache/cache.ts";
import { BackfillError } from "../../src/core/errors.ts";
import { tempCache } from "../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";

function targetNames(cache: Cache): string[] {
  return cache.db
    .query<{ name: string }, []>("SELECT name FROM targets ORDER BY id")
    .all()
    .map((row) => row.name);
}

function addTarget(cache: Cache, name: string): void {
  cache.db.query("INSERT INTO targets (name) VALUES (?)").run(name);
}

describe("write", () => {
  test("keeps the work and passes on its result", async () => {
    using temp = tempCache();
    const { cache } = temp;
    expect(
      await cache.write(() => {
        addTarget(cache, "a");
        return 42;
      }),
    ).toBe(42);
    expect(await cache.write(async () => "later")).toBe("later");
    expect(targetNames(cache)).toEqual(["a"]);
    expect(cache.db.inTransaction).toBe(false);
  });

  test("keeps nothing of work that throws, and passes on what it threw", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const thrown = new Error("a bug");
    const writing = cache.write(() => {
      addTarget(cache, "lost");
      throw thrown;
    });
    expect(await reasonOf(writing)).toBe(thrown);
    expect(targetNames(cache)).toEqual([]);
    expect(cache.db.inTransaction).toBe(false);
  });

  test("keeps nothing of work that rejects after a while", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const gate = Promise.withResolvers<void>();
    const writing = cache.write(async () => {
      addTarget(cache, "lost");
      await gate.promise;
      addTarget(cache, "lost too");
    });
    gate.reject(new Error("cut"));
    expect(await reasonOf(writing)).toEqual(new Error("cut"));
    expect(targetNames(cache)).toEqual([]);
  });

  test("goes on after work that failed", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const failing = cache.write(() => Promise.reject(new Error("a bug")));
    const following = cache.write(() => addTarget(cache, "kept"));
    expect(await reasonOf(failing)).toEqual(new Error("a bug"));
    await following;
    await cache.write(() => addTarget(cache, "kept too"));
    expect(targetNames(cache)).toEqual(["kept", "kept too"]);
  });

  test("never mixes the work of two callers", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const events: string[] = [];
    const gate = Promise.withResolvers<void>();
    const slow = cache.write(async () => {
      events.push("slow begins");
      addTarget(cache, "slow");
      await gate.promise;
      events.push("slow fails");
      throw new Error("cut");
    });
    const quick = cache.write(async () => {
      events.push("quick begins");
      addTarget(cache, "quick");
      await Promise.resolve();
      events.push("quick ends");
    });
    await setImmediate();
    expect(events).toEqual(["slow begins"]);
    gate.resolve();
    expect(await reasonOf(slow)).toEqual(new Error("cut"));
    await quick;
    expect(events).toEqual(["slow begins", "slow fails", "quick begins", "quick ends"]);
    expect(targetNames(cache)).toEqual(["quick"]);
  });

  test("shows nothing of open work to other programs", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const other = openCache(temp.dataDir);
    await cache.write(async () => {
      addTarget(cache, "new");
      await Promise.resolve();
      expect(targetNames(other)).toEqual([]);
    });
    expect(targetNames(other)).toEqual(["new"]);
    other.close();
  });

  test("keeps nothing when the disk is full, says so, and works again with space", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const pages = cache.db.query<{ page_count: number }, []>("PRAGMA page_count").get()?.page_count ?? 0;
    cache.db.run(`PRAGMA max_page_count = ${pages + 2}`);
    const error = await rejectionOf(
      cache.write(() => {
        for (let i = 0; i < 100; i++) addTarget(cache, `${i} ${"x".repeat(1000)}`);
      }),
    );
    expect(wordsOf(error)).toEqual({
      kind: "cache",
      operation: `use the cache ${cache.path}`,
      reason: "the disk is full (database or disk is full)",
      nextStep: "Free some space and run the same command again.",
    });
    expect(targetNames(cache)).toEqual([]);
    cache.db.run(`PRAGMA max_page_count = ${pages + 1000}`);
    await cache.write(() => addTarget(cache, "kept"));
    expect(targetNames(cache)).toEqual(["kept"]);
  });

  test("says so if another program writes for too long", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const other = openCache(temp.dataDir);
    other.db.run("BEGIN IMMEDIATE");
    cache.db.run("PRAGMA busy_timeout = 0");
    const error = await rejectionOf(cache.write(() => addTarget(cache, "lost")));
    expect(error.reason).toBe("another program holds it (database is locked)");
    other.db.run("ROLLBACK");
    other.close();
    await cache.write(() => addTarget(cache, "kept"));
    expect(targetNames(cache)).toEqual(["kept"]);
  });

  test("leaves an error that is explained already as it is, whatever its code", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const explained = new BackfillError({
      kind: "data",
      code: "EACCES",
      operation: "read 2024-11-22.csv.gz",
      reason: "permission denied",
      nextStep: "Check the path.",
    });
    expect(await reasonOf(cache.write(() => Promise.reject(explained)))).toBe(explained);
  });

  test("does not blame the cache for another file's error", async () => {
    using temp = tempCache();
    const thrown = Object.assign(new Error("EACCES: permission denied, open '2024-11-22.csv.gz'"), {
      code: "EACCES",
    });
    expect(await reasonOf(temp.cache.write(() => Promise.reject(thrown)))).toBe(thrown);
  });
});

/** What a promise rejects with, whatever it is. */
async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return "resolved";
}
