import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { keptFiles } from "../../src/cache/kept-files.ts";
import { markDownloaded } from "../../src/cache/flat-files.ts";
import { dateOfEpochDay } from "../../src/core/dates.ts";
import { deleteFlatFile, finishDeletions } from "../../src/workflows/delete-file.ts";
import { localFilePath, localFolder } from "../../src/workflows/local-files.ts";
import { tempCache, type TempCache } from "../support/temp-cache.ts";
import { contextOf } from "./run-context.ts";

const [FIRST, SECOND] = ["2024-11-21", "2024-11-22"];

/** Two flat files that were downloaded. */
async function filled(temp: TempCache): Promise<void> {
  mkdirSync(localFolder(temp.dataDir, "indices"), { recursive: true });
  for (const date of [FIRST, SECOND]) {
    writeFileSync(pathOf(temp, date), "x");
    const version = { key: `${date}.csv.gz`, etag: date, sizeBytes: 1, lastModifiedMs: 1 };
    await markDownloaded(temp.cache, { dataset: "indices", date, ...version }, 1000);
  }
}

function pathOf({ dataDir }: TempCache, date: string): string {
  return localFilePath(dataDir, "indices", date);
}

function recorded({ cache }: TempCache): string[] {
  return keptFiles(cache).map(({ epochDay }) => dateOfEpochDay(epochDay));
}

test("a deleted file is gone, and the cache knows it", async () => {
  using temp = tempCache();
  await filled(temp);
  await deleteFlatFile(contextOf(temp), { dataset: "indices", date: FIRST }, "leave it");
  expect(readdirSync(localFolder(temp.dataDir, "indices"))).toEqual([`${SECOND}.csv.gz`]);
  expect(recorded(temp)).toEqual([SECOND]);
  await deleteFlatFile(contextOf(temp), { dataset: "indices", date: FIRST }, "leave it");
});

test("a deletion that a crash cut short is finished: the file goes, and the cache knows it", async () => {
  using temp = tempCache();
  await filled(temp);
  renameSync(pathOf(temp, FIRST), `${pathOf(temp, FIRST)}.deleting`);
  await finishDeletions(contextOf(temp));
  expect(readdirSync(localFolder(temp.dataDir, "indices"))).toEqual([`${SECOND}.csv.gz`]);
  expect(recorded(temp)).toEqual([SECOND]);
});

test("a file that came again since stays", async () => {
  using temp = tempCache();
  await filled(temp);
  writeFileSync(`${pathOf(temp, FIRST)}.deleting`, "older");
  await finishDeletions(contextOf(temp));
  expect(existsSync(pathOf(temp, FIRST))).toBe(true);
  expect(readdirSync(localFolder(temp.dataDir, "indices"))).toHaveLength(2);
  expect(recorded(temp)).toEqual([FIRST, SECOND]);
});

test("a folder of such a name is none of ours, and stays", async () => {
  using temp = tempCache();
  await filled(temp);
  mkdirSync(`${pathOf(temp, "2024-11-20")}.deleting`);
  await finishDeletions(contextOf(temp));
  expect(readdirSync(localFolder(temp.dataDir, "indices"))).toHaveLength(3);
});
