import { describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPartJournal, readPartJournal } from "../../src/massive/part-journal.ts";
import { tempDir } from "../support/temp-dir.ts";

const VERSION = {
  key: "2024/11/2024-11-22.csv.gz",
  etag: "02ba41035d34cd5df30c5ee2564df075",
  sizeBytes: 100,
};

/** A journal of these lines, read for `VERSION`. */
async function readLines(...lines: string[]) {
  using dir = tempDir();
  const path = join(dir.path, "journal");
  writeFileSync(path, lines.join("\n"));
  return await readPartJournal(path, VERSION);
}

describe("the journal of an unfinished file", () => {
  test("gives back what was noted, over several runs", async () => {
    using dir = tempDir();
    const path = join(dir.path, "journal");
    const first = await openPartJournal(path, VERSION, false);
    await Promise.all([first.add({ start: 10, end: 20 }), first.add({ start: 0, end: 5 })]);
    await first.close();
    const second = await openPartJournal(path, VERSION, true);
    await second.add({ start: 5, end: 10 });
    await second.close();
    expect((await readPartJournal(path, VERSION)).toSorted((a, b) => a.start - b.start)).toEqual([
      { start: 0, end: 5 },
      { start: 5, end: 10 },
      { start: 10, end: 20 },
    ]);
  });

  test("a line that a kill has cut does not count, nor spoils what is noted after it", async () => {
    using dir = tempDir();
    const path = join(dir.path, "journal");
    const killed = await openPartJournal(path, VERSION, false);
    await killed.add({ start: 0, end: 5 });
    await killed.close();
    appendFileSync(path, "[10,2");
    expect(await readPartJournal(path, VERSION)).toEqual([{ start: 0, end: 5 }]);
    const next = await openPartJournal(path, VERSION, true);
    await next.add({ start: 20, end: 30 });
    await next.close();
    expect(await readPartJournal(path, VERSION)).toEqual([
      { start: 0, end: 5 },
      { start: 20, end: 30 },
    ]);
  });

  test.each([
    ["key", { ...VERSION, key: "another" }],
    ["ETag", { ...VERSION, etag: "another" }],
    ["size", { ...VERSION, sizeBytes: 101 }],
  ])("of another %s says nothing", async (_, other) => {
    using dir = tempDir();
    const path = join(dir.path, "journal");
    const journal = await openPartJournal(path, other, false);
    await journal.add({ start: 0, end: 5 });
    await journal.close();
    expect(await readPartJournal(path, VERSION)).toEqual([]);
  });

  test("begins anew when it is told to", async () => {
    using dir = tempDir();
    const path = join(dir.path, "journal");
    writeFileSync(path, "what was there\n[0,5]\n");
    await (await openPartJournal(path, VERSION, false)).close();
    expect(readFileSync(path, "utf8")).toBe(`${JSON.stringify(VERSION)}\n`);
  });

  test("is not believed where it makes no sense", async () => {
    const lines = [
      "[5,5]",
      "[9,3]",
      "[0,101]",
      "[-1,4]",
      "[0.5,4]",
      "[1]",
      "[1,2,3]",
      '{"start":1}',
      "x",
      "",
    ];
    expect(await readLines(JSON.stringify(VERSION), ...lines, "[7,9]", "")).toEqual([{ start: 7, end: 9 }]);
    expect(await readLines("no header", "[7,9]", "")).toEqual([]);
    expect(await readLines("")).toEqual([]);
  });

  test("is empty where there is none", async () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, "folder"));
    expect(await readPartJournal(join(dir.path, "missing"), VERSION)).toEqual([]);
    expect(await readPartJournal(join(dir.path, "folder"), VERSION)).toEqual([]);
  });
});
