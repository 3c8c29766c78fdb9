import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localFolder } from "../../src/workflows/local-files.ts";
import { removeStaleParts } from "../../src/workflows/stale-parts.ts";
import { tempDir } from "../support/temp-dir.ts";

/** Puts files into the folder of the indices, each with the second at which it was last written. */
function put(dataDir: string, files: Readonly<Record<string, number>>): void {
  const folder = localFolder(dataDir, "indices");
  mkdirSync(folder, { recursive: true });
  for (const [name, second] of Object.entries(files)) {
    writeFileSync(join(folder, name), "x");
    utimesSync(join(folder, name), second, second);
  }
}

function namesOf(dataDir: string): string[] {
  return readdirSync(localFolder(dataDir, "indices")).toSorted();
}

test("what an unfinished download needs to go on stays", async () => {
  using dir = tempDir();
  const needed = {
    "2024-11-21.csv.gz.part": 10,
    "2024-11-21.csv.gz.part.journal": 10,
    // The vendor has replaced this one: the new version is on its way.
    "2024-11-22.csv.gz": 10,
    "2024-11-22.csv.gz.part": 20,
    "2024-11-22.csv.gz.part.journal": 20,
  };
  put(dir.path, needed);
  await removeStaleParts(dir.path);
  expect(namesOf(dir.path)).toEqual(Object.keys(needed));
});

test("what none goes on with is removed, and nothing else", async () => {
  using dir = tempDir();
  put(dir.path, {
    "2024-11-20.csv.gz": 10,
    // A run was killed between its last two steps.
    "2024-11-20.csv.gz.part.journal": 9,
    // The file came in another way since.
    "2024-11-21.csv.gz": 20,
    "2024-11-21.csv.gz.part": 10,
    "2024-11-21.csv.gz.part.journal": 30,
    "notes.part": 10,
    "x2024-11-21.csv.gz.part.journal": 10,
  });
  await removeStaleParts(dir.path);
  expect(namesOf(dir.path)).toEqual([
    "2024-11-20.csv.gz",
    "2024-11-21.csv.gz",
    "notes.part",
    "x2024-11-21.csv.gz.part.journal",
  ]);
});

test("a data directory without flat files has none", async () => {
  using dir = tempDir();
  await removeStaleParts(dir.path);
  expect(readdirSync(dir.path)).toEqual([]);
});
