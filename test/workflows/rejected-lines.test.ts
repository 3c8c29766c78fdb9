import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import type { Cache } from "../../src/cache/cache.ts";
import type { FlatFile } from "../../src/core/flat-file.ts";
import { readFlatFile } from "../../src/workflows/read-file.ts";
import { BAD_DAY_DATE, drawnDay, writeBadDay, type BadDay, type BadLine } from "../support/bad-days.ts";
import { parseText } from "../support/parse-text.ts";
import { tempCache } from "../support/temp-cache.ts";
import { gzipped, put } from "./index-file.ts";
import { contextOf } from "./run-context.ts";

setDefaultTimeout(20_000);

/** Among which files are searched, and 60 of which are read on another thread. */
const TICKERS = Array.from({ length: 60 }, (_, index) => `I:T${String(index).padStart(2, "0")}`);
const FEW = ["I:T00", "I:T31", "I:T59"];
const FILE: FlatFile = {
  dataset: "indices",
  date: BAD_DAY_DATE,
  key: "k",
  etag: "e",
  sizeBytes: 1,
  lastModifiedMs: null,
};

function expectedLines({ bad }: BadDay, tickers: readonly string[]): BadLine[] {
  return tickers.flatMap((ticker) => bad.get(ticker) ?? []).toSorted((a, b) => a.lineNumber - b.lineNumber);
}

function storedLines({ db }: Cache): unknown[] {
  return db
    .query("SELECT line_number AS lineNumber, reason, text FROM rejected_rows ORDER BY line_number")
    .all();
}

test("are the lines of the text, for any chunks", () => {
  fc.assert(
    fc.property(
      drawnDay,
      fc.array(fc.integer({ min: 10, max: 5000 }), { minLength: 1, maxLength: 5 }),
      (drawn, chunkSizes) => {
        const day = writeBadDay(TICKERS.slice(0, 4), TICKERS.slice(1, 4), drawn);
        for (const wanted of ["all", TICKERS.slice(0, 4), TICKERS, TICKERS.slice(2, 3)] as const) {
          const expected = expectedLines(day, wanted === "all" ? TICKERS : wanted);
          const { rejectedSamples } = parseText(day.text, { date: BAD_DAY_DATE, wanted, chunkSizes }).summary;
          expect(rejectedSamples.toSorted((a, b) => (a.lineNumber ?? 0) - (b.lineNumber ?? 0))).toEqual(
            expected,
          );
        }
      },
    ),
    { seed: 20241122, numRuns: 40 },
  );
});

test("are kept in the cache, for a few tickers, for many and for all, plain and packed", async () => {
  await fc.assert(
    fc.asyncProperty(drawnDay, fc.boolean(), async (drawn, packed) => {
      const day = writeBadDay(TICKERS, FEW, drawn);
      for (const tickers of [FEW, FEW.slice(1, 2), TICKERS, "all"] as const) {
        using temp = tempCache();
        const path = put(temp, "day.csv", packed ? gzipped(day.text) : day.text);
        await readFlatFile(contextOf(temp), FILE, path, tickers);
        expect(storedLines(temp.cache)).toEqual(expectedLines(day, tickers === "all" ? TICKERS : tickers));
      }
    }),
    { seed: 20241123, numRuns: 6 },
  );
});

test("of a text of many megabytes are right to its end", async () => {
  using temp = tempCache();
  const many = Array.from({ length: 400 }, (_, index) => `I:M${String(index).padStart(3, "0")}`);
  const ends = [many[0] ?? "", many[199] ?? "", many[399] ?? ""];
  const bad = [0, 150, 299].map((place, kind) => ({ place, kind }));
  const form = { blocks: 2, quotes: [false], lineEnd: "\r\n", byteOrderMark: true };
  const day = writeBadDay(many, [...ends, ...many], { ...form, bad, finalLineEnd: false, emptyLines: true });
  expect(day.text.length).toBeGreaterThan(5 << 20);
  const path = put(temp, "day.csv.gz", gzipped(day.text));
  for (const tickers of [ends, "all"] as const) {
    await readFlatFile(contextOf(temp), { ...FILE, etag: String(tickers) }, path, tickers);
    const lines = storedLines(temp.cache);
    expect(lines).toEqual(expectedLines(day, ends));
    temp.cache.db.run("DELETE FROM rejected_rows");
  }
});

test("are the same when a file is read again for others of its tickers, each kept once", async () => {
  using temp = tempCache();
  const bad = [3, 5, 7].map((place, kind) => ({ place, kind }));
  const form = { blocks: 3, quotes: [true, false], lineEnd: "\n", byteOrderMark: false };
  const day = writeBadDay(TICKERS, FEW, { ...form, bad, finalLineEnd: true, emptyLines: false });
  const path = put(temp, "day.csv", day.text);
  for (const tickers of [FEW.slice(0, 1), FEW, "all", FEW.slice(2)] as const)
    await readFlatFile(contextOf(temp), FILE, path, tickers);
  expect(storedLines(temp.cache)).toEqual(expectedLines(day, FEW));
});
