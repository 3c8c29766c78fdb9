import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Dataset } from "../../src/core/datasets.ts";
import { localDateRange, localFilePath, localFiles } from "../../src/workflows/local-files.ts";
import { tempDir } from "../support/temp-dir.ts";

function put(dataDir: string, dataset: Dataset, date: string, text: string): void {
  const path = localFilePath(dataDir, dataset, date);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

describe("local flat files", () => {
  test("lie in a folder for each dataset", () => {
    expect(localFilePath("data", "indices", "2024-11-22")).toBe(
      join("data", "flat-files", "indices", "2024-11-22.csv.gz"),
    );
  });

  test("are found by date with their sizes", async () => {
    using dir = tempDir();
    put(dir.path, "indices", "2024-11-22", "12345");
    put(dir.path, "indices", "2024-11-21", "");
    put(dir.path, "stocks", "2024-11-20", "1");
    const found = await localFiles(dir.path, "indices");
    expect([...found]).toEqual(
      [
        { date: "2024-11-21", sizeBytes: 0 },
        { date: "2024-11-22", sizeBytes: 5 },
      ].map(({ date, sizeBytes }) => [
        date,
        { date, path: localFilePath(dir.path, "indices", date), sizeBytes },
      ]),
    );
  });

  test("are only those whose name is a date: no parts of downloads, no other files", async () => {
    using dir = tempDir();
    put(dir.path, "indices", "2024-11-22", "1");
    const folder = dirname(localFilePath(dir.path, "indices", "2024-11-22"));
    for (const name of [
      "2024-11-21.csv.gz.part",
      "2024-11-21.csv.gz.part.journal",
      "2024-11-21.csv",
      "2024-02-30.csv.gz",
      "x2024-11-21.csv.gz",
      ".csv.gz",
      "notes.txt",
    ])
      writeFileSync(join(folder, name), "1");
    expect([...(await localFiles(dir.path, "indices")).keys()]).toEqual(["2024-11-22"]);
  });

  test("are none in a folder that is not there", async () => {
    using dir = tempDir();
    expect(await localFiles(join(dir.path, "none"), "indices")).toEqual(new Map());
  });

  test("that are none at all have no first and last day", async () => {
    using dir = tempDir();
    put(dir.path, "stocks", "2024-11-20", "1");
    expect(await localDateRange(dir.path, [])).toBe(null);
    expect(await localDateRange(dir.path, ["indices", "crypto"])).toBe(null);
  });

  test("have a first and a last day over all datasets", async () => {
    using dir = tempDir();
    put(dir.path, "stocks", "2024-11-20", "1");
    put(dir.path, "indices", "2024-11-22", "1");
    put(dir.path, "indices", "2024-11-21", "1");
    put(dir.path, "crypto", "2020-01-01", "1");
    expect(await localDateRange(dir.path, ["indices"])).toEqual({ from: "2024-11-21", to: "2024-11-22" });
    expect(await localDateRange(dir.path, ["indices", "stocks"])).toEqual({
      from: "2024-11-20",
      to: "2024-11-22",
    });
  });
});
