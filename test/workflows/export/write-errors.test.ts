import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportBars } from "../../../src/workflows/export/export.ts";
import type { ExportOptions } from "../../../src/workflows/export/options.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../../support/thrown.ts";
import { contextOf } from "../run-context.ts";
import { optionsOf, putDay } from "./exported.ts";

const OTHER = "Check the path, or choose another --out.";

async function wordsAt(store: TempCache, out: string, fields: Partial<ExportOptions>): Promise<unknown> {
  const error = await rejectionOf(
    exportBars(contextOf(store), optionsOf(store.cache, join(store.dataDir, out), fields)),
  );
  expect(error.help).toBe("disk");
  return wordsOf(error);
}

describe("an export that the file system does not take", () => {
  test("names the file that was asked for, not the one it is written to first", async () => {
    using store = tempCache();
    await putDay(store.cache, "I:SPX", "2024-01-02", [1]);
    const path = join(store.dataDir, "out", "bars.csv");
    mkdirSync(path, { recursive: true });
    expect(await wordsAt(store, "out/bars.csv", { isFolder: false, format: "csv" })).toEqual({
      kind: "cache",
      operation: `write ${path}`,
      reason: "there is a folder where the file bars.csv should be (EISDIR)",
      nextStep: OTHER,
    });
    // The longest name that the disk takes, and one letter more.
    const longest = join(store.dataDir, `${"x".repeat(251)}.csv`);
    const options = optionsOf(store.cache, longest, { isFolder: false, format: "csv" });
    expect(await exportBars(contextOf(store), options)).toMatchObject({ bars: 1 });
    const long = `${"x".repeat(252)}.csv`;
    expect(await wordsAt(store, long, { isFolder: false, format: "csv" })).toEqual({
      kind: "cache",
      operation: `write ${join(store.dataDir, long)}`,
      reason: "the path is too long (ENAMETOOLONG)",
      nextStep: OTHER,
    });
    expect(readdirSync(join(store.dataDir, "out"))).toEqual(["bars.csv"]);
  });

  test("names the folder that cannot be made", async () => {
    using store = tempCache();
    await putDay(store.cache, "I:SPX", "2024-01-02", [1]);
    writeFileSync(join(store.dataDir, "file"), "mine");
    const folder = join(store.dataDir, "file");
    expect(await wordsAt(store, "file/bars.csv", { isFolder: false, format: "csv" })).toEqual({
      kind: "cache",
      operation: `make the folder ${folder}`,
      reason: "there is a file where the folder should be (EEXIST)",
      nextStep: OTHER,
    });
    for (const incremental of [false, true])
      for (const [out, reason] of [
        ["file", "there is a file where the folder should be (EEXIST)"],
        ["file/lake", "a part of the path is a file (ENOTDIR)"],
      ] as const)
        expect(await wordsAt(store, out, { incremental })).toEqual({
          kind: "cache",
          operation: `make the folder ${join(store.dataDir, out)}`,
          reason,
          nextStep: OTHER,
        });
    expect(readFileSync(folder, "utf8")).toBe("mine");
  });

  test("says so where no folder or file can be made by anybody", async () => {
    using store = tempCache();
    await putDay(store.cache, "I:SPX", "2024-01-02", [1]);
    const proc = "../../../../../../../../../../proc";
    expect(await wordsAt(store, `${proc}/x`, { format: "csv" })).toEqual({
      kind: "cache",
      operation: "make the folder /proc/x",
      reason: "the folder cannot be made (ENOENT)",
      nextStep: OTHER,
    });
    expect(await wordsAt(store, `${proc}/bars.csv`, { isFolder: false, format: "csv" })).toEqual({
      kind: "cache",
      operation: "write /proc/bars.csv",
      reason: "no file can be made there (ENOENT)",
      nextStep: OTHER,
    });
  });
});
