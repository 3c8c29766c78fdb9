import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openCache, type Cache } from "../../../src/cache/cache.ts";
import { flatFileId, markRead } from "../../../src/cache/flat-files.ts";
import { MIGRATIONS } from "../../../src/cache/migrations.ts";
import type { Bar } from "../../../src/core/bar.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import { writeDay } from "../../support/cache-days.ts";
import type { Bench } from "./case.ts";

/**
 * The data directory of the cache that is kept as `name`. If it is not there for the present format of caches, `fill`
 * makes it: it gets the empty cache and its folder, where it may keep more.
 */
export async function keptCache(
  bench: Bench,
  name: string,
  fill: (cache: Cache, folder: string) => Promise<void>,
): Promise<string> {
  const format = Bun.hash(JSON.stringify(MIGRATIONS)).toString(36);
  const dataDir = join(bench.cacheFolder, `${name}-${format}`);
  if (existsSync(dataDir)) return dataDir;
  bench.say(`making the cache ${name}`);
  // Those of older formats, and what a run that was ended has begun.
  for (const other of readdirSync(bench.cacheFolder).filter((one) => one.startsWith(`${name}-`)))
    rmSync(join(bench.cacheFolder, other), { recursive: true });
  const unfinished = `${dataDir}.part`;
  mkdirSync(unfinished, { recursive: true });
  const cache = openCache(unfinished);
  await fill(cache, unfinished);
  // All of it in the one file then, which can be copied.
  cache.db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  cache.close();
  renameSync(unfinished, dataDir);
  return dataDir;
}

/** Writes a day as if its flat file had been read. */
export async function writeReadDay(
  cache: Cache,
  { dataset, date }: { readonly dataset: Dataset; readonly date: string },
  blocks: readonly (readonly [ticker: string, bars: readonly Bar[]])[],
): Promise<void> {
  const file = { dataset, date, key: `${date}.csv.gz`, etag: date, sizeBytes: 1 };
  const id = await cache.write(() => flatFileId(cache, { ...file, lastModifiedMs: null }));
  await writeDay(cache, { dataset, date, flatFileId: id, blocks });
  await cache.write(() => markRead(cache, id, { nowMs: 1000, allTickers: false, rejected: [] }));
}
