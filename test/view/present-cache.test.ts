import { expect, test } from "bun:test";
import { renameSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { openCache } from "../../src/cache/cache.ts";
import { PresentCache } from "../../src/view/present-cache.ts";
import { barsFrom } from "../support/bars.ts";
import { writeDay } from "../support/cache-days.ts";
import { tempDir } from "../support/temp-dir.ts";
import { thrownBy } from "../support/thrown.ts";
import { answerOf, serveContext } from "./support.ts";

async function cacheWith(dataDir: string, ticker: string): Promise<void> {
  const cache = openCache(dataDir);
  const bars = barsFrom(Date.UTC(2024, 10, 22, 15), [1]);
  await writeDay(cache, { date: "2024-11-22", blocks: [[ticker, bars]] });
  cache.close();
}

test("a cache that was removed is told of, and one that was made in its place is shown", async () => {
  using dir = tempDir();
  const dataDir = join(dir.path, "data");
  await cacheWith(dataDir, "I:SPX");
  const present = new PresentCache(dataDir);
  const view = serveContext({
    dataDir,
    get cache() {
      return present.cache;
    },
  });
  expect(await answerOf(view, "/api/overview")).toMatchObject([200, { symbols: [{ symbol: "SPX" }] }]);

  renameSync(dataDir, join(dir.path, "gone"));
  expect(await answerOf(view, "/api/overview")).toEqual([
    500,
    {
      schemaVersion: 1,
      error: `look at ${dataDir}: the cache is not there any more`,
      hint: "Put it back, or bring bars again: massive-backfill hybrid. This page goes on by itself then.",
    },
  ]);

  await cacheWith(dataDir, "I:NDX");
  expect(await answerOf(view, "/api/overview")).toMatchObject([200, { symbols: [{ symbol: "NDX" }] }]);
  present.close();
});

test("nothing can be written through it", async () => {
  using dir = tempDir();
  await cacheWith(dir.path, "I:SPX");
  const present = new PresentCache(dir.path);
  expect(() => present.cache.db.run("DELETE FROM bars")).toThrow("attempt to write a readonly database");
  present.close();
});

test("a folder without a cache is an error, and stays empty", () => {
  using dir = tempDir();
  expect(thrownBy(() => new PresentCache(dir.path))).toMatchObject({ kind: "cache" });
});

test("a file that was spoiled beneath us is told in words", async () => {
  using dir = tempDir();
  await cacheWith(dir.path, "I:SPX");
  const present = new PresentCache(dir.path);
  try {
    const view = serveContext({
      get cache() {
        return present.cache;
      },
      dataDir: dir.path,
    });
    truncateSync(join(dir.path, "massive.sqlite"), 5000);
    expect(await answerOf(view, "/api/runs")).toMatchObject([
      500,
      { error: expect.stringContaining("use the cache"), hint: expect.any(String) },
    ]);
  } finally {
    present.close();
  }
});
