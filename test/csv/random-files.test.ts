import { expect, test } from "bun:test";
import * as fc from "fast-check";
import Papa from "papaparse";
import type { Bar } from "../../src/core/bar.ts";
import {
  chunkSizes,
  DATE,
  drawnBlocks,
  form,
  wantedTickers,
  write,
  type DrawnBlock,
} from "../support/drawn-files.ts";
import { parseText, type ParseOptions } from "../support/parse-text.ts";
import { thrownBy } from "../support/thrown.ts";

/** The same text read as a whole by papaparse, then filtered: bars by ticker, in time order. */
function barsOf(text: string, wanted: ParseOptions["wanted"]): Record<string, Bar[]> {
  const bars: Record<string, Bar[]> = {};
  const rows = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
  for (const row of rows) {
    const ticker = row["ticker"] ?? "";
    if (wanted !== "all" && !wanted.includes(ticker)) continue;
    (bars[ticker] ??= []).push({
      windowStartMs: Number(BigInt(row["window_start"] ?? "") / 1_000_000n),
      open: Number(row["open"]),
      high: Number(row["high"]),
      low: Number(row["low"]),
      close: Number(row["close"]),
      volume: row["volume"] === undefined ? null : Number(row["volume"]),
      vwap: null,
      transactions: row["transactions"] === undefined ? null : Number(row["transactions"]),
    });
  }
  for (const list of Object.values(bars)) list.sort((a, b) => a.windowStartMs - b.windowStartMs);
  return bars;
}

test("any file in any chunks gives what a plain reading of its text gives", () => {
  fc.assert(
    fc.property(
      drawnBlocks,
      form,
      wantedTickers,
      chunkSizes,
      fc.nat(),
      (blocks, drawnForm, wanted, sizes, cut) => {
        const text = write(splitOneTicker(blocks, cut), drawnForm);
        if (blocks.every(([, rows]) => rows.length === 0)) {
          // A header alone is refused.
          const refused = thrownBy(() => parseText(text, { date: DATE, wanted, chunkSizes: sizes }));
          expect([refused.code, refused.reason]).toEqual(["no-rows", "there are none, only a header"]);
          return;
        }
        const parsed = parseText(text, { date: DATE, wanted, chunkSizes: sizes });
        const bars: Record<string, Bar[]> = {};
        for (const block of parsed.blocks) (bars[block.ticker] ??= []).push(...block.bars);
        for (const list of Object.values(bars)) list.sort((a, b) => a.windowStartMs - b.windowStartMs);
        const expected = barsOf(text, wanted);
        expect(bars).toEqual(expected);
        const count = Object.values(expected).flat().length;
        expect(parsed.summary).toEqual({
          rows: count,
          bars: count,
          duplicates: 0,
          rejected: {},
          rejectedRows: 0,
          rejectedSamples: [],
        });
      },
    ),
    { seed: 20241122, numRuns: 600 },
  );
});

/** Moves the last rows of one ticker to the end of the file: a second block. */
function splitOneTicker(blocks: readonly DrawnBlock[], at: number): readonly DrawnBlock[] {
  const block = blocks[at % Math.max(1, blocks.length)];
  if (block === undefined || at % 3 === 0) return blocks;
  const [ticker, rows] = block;
  const half = rows.length >> 1;
  const others = blocks.map((one): DrawnBlock => (one === block ? [ticker, rows.slice(0, half)] : one));
  return [...others, [ticker, rows.slice(half)]];
}
