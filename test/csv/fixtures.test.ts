import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseText, type ParsedText } from "../support/parse-text.ts";

/** A file in one of the vendor's forms, and beside it what it holds, in the digits of the file. */
interface Expected {
  readonly date: string;
  readonly wanted: readonly string[];
  readonly blocks: ParsedText["blocks"];
}

const FOLDER = join(import.meta.dir, "../fixtures/csv");
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".csv"))
  .map((file) => file.slice(0, -".csv".length));

test("there is a fixture for every form of header and number", () => {
  expect(names.toSorted()).toEqual([
    "guide-2024-11-23",
    "indices-2023-03-28",
    "options-2025-09-18",
    "stocks-2025-04-16",
    "stocks-2026-05-22",
  ]);
});

test.each(names)("%s is read to the numbers in its text", (name) => {
  const text = readFileSync(join(FOLDER, `${name}.csv`));
  const { date, wanted, blocks } = expectedOf(name);
  const bars = blocks.reduce((sum, block) => sum + block.bars.length, 0);
  for (const chunkSizes of [[1], [13], [1 << 20]])
    expect(parseText(text, { date, wanted, chunkSizes })).toEqual({
      blocks,
      summary: { rows: bars, bars, duplicates: 0, rejected: {}, rejectedRows: 0, rejectedSamples: [] },
    });
});

test.each(names)("%s holds the same wanted bars when all its tickers are read", (name) => {
  const text = readFileSync(join(FOLDER, `${name}.csv`));
  const { date, wanted, blocks } = expectedOf(name);
  const all = parseText(text, { date, wanted: "all" }).blocks;
  expect(all.filter(({ ticker }) => wanted.includes(ticker))).toEqual(blocks);
});

function expectedOf(name: string): Expected {
  const expected: Expected = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
  return expected;
}
