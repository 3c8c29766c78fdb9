import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { Bar } from "../../src/core/bar.ts";
import { readDay } from "../../src/workflows/read-day.ts";
import { tempDir } from "../support/temp-dir.ts";
import { rejectionOf } from "../support/thrown.ts";
import { DAY_ERRORS, manyRows, SPX_DAY } from "./day-files.ts";
import { INDEX_HEADER, indexBars, indexRows, put } from "./index-file.ts";

const OPEN = "2024-11-22T14:30:00Z";
const nothing = { duplicates: 0, rejected: {}, rejectedRows: 0, rejectedSamples: [] };

/** Reads a file of that day for I:SPX. */
async function read(dataDir: string, content: string | Uint8Array) {
  const blocks: { ticker: string; bars: Bar[] }[] = [];
  const file = { ...SPX_DAY, path: put({ dataDir }, "day.csv.gz", content) };
  const summary = await readDay(file, { onBlock: (ticker, bars) => blocks.push({ ticker, bars }) });
  return { blocks, summary };
}

test("reads the wanted blocks of a plain and of a packed file", async () => {
  using dir = tempDir();
  const text =
    INDEX_HEADER +
    indexRows("I:NDX", OPEN, [5]) +
    indexRows("I:SPX", OPEN, [1, 2]) +
    indexRows("I:VIX", OPEN, [3]);
  for (const content of [text, gzipSync(text)])
    expect(await read(dir.path, content)).toEqual({
      blocks: [{ ticker: "I:SPX", bars: indexBars(OPEN, [1, 2]) }],
      summary: { ...nothing, rows: 2, bars: 2 },
    });
});

test("finds the lines of bad rows in the file, packed or not", async () => {
  using dir = tempDir();
  const bad = "I:SPX,1,2,3";
  const rows = manyRows("I:SPX", 200).split("\n").slice(0, -1);
  const text = `${INDEX_HEADER}${manyRows("I:NDX", 50)}${[...rows.slice(0, 120), bad, ...rows.slice(120)].join("\n")}\n`;
  for (const content of [text, gzipSync(text)])
    expect((await read(dir.path, content)).summary).toEqual({
      rows: 201,
      bars: 200,
      duplicates: 0,
      rejected: { "field count": 1 },
      rejectedRows: 1,
      rejectedSamples: [{ reason: "field count", lineNumber: 172, text: bad }],
    });
});

test("waits before it reads more", async () => {
  using dir = tempDir();
  const content = INDEX_HEADER + manyRows("I:NDX", 1440).repeat(60) + indexRows("I:SPX", OPEN, [1]);
  const path = put({ dataDir: dir.path }, "day.csv", content);
  const events: string[] = [];
  await readDay(
    { ...SPX_DAY, path },
    {
      onBlock: () => void events.push("block"),
      async beforeMore() {
        events.push("wait");
        await Promise.resolve();
        events.push("go on");
      },
    },
  );
  const chunks = events.filter((event) => event === "wait").length;
  expect(chunks).toBeGreaterThan(3);
  expect(events).toEqual([...Array.from({ length: chunks }, () => ["wait", "go on"]).flat(), "block"]);
});

test("throws what is thrown while it waits, and reads no more", async () => {
  using dir = tempDir();
  const path = put({ dataDir: dir.path }, "day.csv", INDEX_HEADER + manyRows("I:SPX", 1440).repeat(20));
  const error = new Error("no more");
  const reading = readDay(
    { ...SPX_DAY, path },
    { onBlock: () => {}, beforeMore: () => Promise.reject(error) },
  );
  expect(await reading.catch((thrown: unknown) => thrown)).toBe(error);
});

test("throws what the taker of its blocks throws", async () => {
  using dir = tempDir();
  const path = put({ dataDir: dir.path }, "day.csv", INDEX_HEADER + indexRows("I:SPX", OPEN, [1]));
  const error = new Error("no room");
  const onBlock = () => {
    throw error;
  };
  const thrown: unknown = await readDay({ ...SPX_DAY, path }, { onBlock }).catch((one: unknown) => one);
  expect(thrown).toBe(error);
});

test("ends with the reason of its signal", async () => {
  using dir = tempDir();
  const path = put({ dataDir: dir.path }, "day.csv", INDEX_HEADER + manyRows("I:SPX", 1440).repeat(20));
  const stop = new AbortController();
  const reason = new Error("the user has had enough");
  const reading = readDay(
    { ...SPX_DAY, path },
    { onBlock: () => {}, signal: stop.signal, beforeMore: async () => stop.abort(reason) },
  );
  expect(await reading.catch((thrown: unknown) => thrown)).toBe(reason);
});

describe("names the file in its error", () => {
  test.each(DAY_ERRORS)("that %s", async (_what, code, content) => {
    using dir = tempDir();
    const path = put({ dataDir: dir.path }, "day.csv.gz", content());
    const error = await rejectionOf(readDay({ ...SPX_DAY, path }, { onBlock: () => {} }));
    expect([error.kind, error.operation, error.code]).toEqual(["data", `read ${path}`, code]);
  });
});
