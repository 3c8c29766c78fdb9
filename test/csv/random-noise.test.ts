import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { BackfillError } from "../../src/core/errors.ts";
import {
  chunkSizes,
  COLUMNS,
  DATE,
  drawnBlocks,
  form,
  wantedTickers,
  write,
  type Form,
} from "../support/drawn-files.ts";
import { parseText, type ParsedText, type ParseOptions } from "../support/parse-text.ts";
import { plainReading, type Refusal } from "../support/plain-reading.ts";

/** What a file comes to: what was read, or why it was refused. Throws on anything else. */
function outcome(bytes: Uint8Array, options: ParseOptions): ParsedText | Refusal {
  try {
    return parseText(bytes, options);
  } catch (error) {
    if (error instanceof BackfillError) return { code: error.code, reason: error.reason };
    throw error;
  }
}

const noise = fc.array(
  fc.tuple(
    fc.nat(),
    fc.oneof(
      fc.constantFrom('"', ",", "\n", "\r", '""', ' "', "\uFEFF", "A", "1").map((text) => Buffer.from(text)),
      fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
    ),
  ),
  { minLength: 1, maxLength: 6 },
);

/** Rows enough that a few bad ones do not refuse the file. */
const manyRows = Array.from({ length: 600 }, (_, minute) => ({
  minute,
  cents: 100 + minute,
  volume: minute,
}));

function withNoise(text: string, insertions: readonly (readonly [number, Uint8Array])[]): Buffer {
  let bytes = Buffer.from(text);
  for (const [at, inserted] of insertions) {
    const cut = at % (bytes.length + 1);
    bytes = Buffer.concat([bytes.subarray(0, cut), inserted, bytes.subarray(cut)]);
  }
  return bytes;
}

test("a file full of noise comes to what papaparse makes of each of its lines, in any chunks", () => {
  fc.assert(
    fc.property(
      drawnBlocks,
      form,
      wantedTickers,
      chunkSizes,
      noise,
      (blocks, drawnForm, wanted, sizes, insertions) => {
        const bytes = withNoise(write(blocks, drawnForm), insertions);
        const expected = plainReading(bytes, { date: DATE, wanted });
        expect(outcome(bytes, { date: DATE, wanted })).toEqual(expected);
        expect(outcome(bytes, { date: DATE, wanted, chunkSizes: sizes })).toEqual(expected);
      },
    ),
    { seed: 20241123, numRuns: 1000 },
  );
});

test("a long file with noise is read but for its bad lines, which are told by number, in any chunks", () => {
  let read = 0;
  let rejected = 0;
  const longChunks = fc.array(fc.integer({ min: 20, max: 9000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.constantFrom("A", "I:SPX", "ZZ"),
      drawnBlocks,
      form,
      wantedTickers,
      longChunks,
      noise,
      (ticker, blocks, drawnForm, tickers, sizes, insertions) => {
        const others = blocks.filter(([other]) => other !== ticker);
        const text = write([...others, [ticker, manyRows], ...others.slice(0, 2)], drawnForm);
        const bytes = withNoise(text, insertions);
        const wanted = tickers === "all" ? tickers : [...new Set([...tickers, ticker])];
        const expected = plainReading(bytes, { date: DATE, wanted });
        const actual = outcome(bytes, { date: DATE, wanted, chunkSizes: sizes });
        expect(actual).toEqual(expected);
        if ("summary" in actual) read++;
        if ("summary" in actual && actual.summary.rejectedRows > 0) rejected++;
      },
    ),
    { seed: 20241125, numRuns: 100 },
  );
  // Most of them shall be read, and many have bad lines.
  expect([read > 50, rejected > 25]).toEqual([true, true]);
});

test("noise in the rows of one ticker does not change another's bars", () => {
  const good = Array.from({ length: 400 }, (_, minute) => ({ minute, cents: 100 + minute, volume: minute }));
  const drawnForm: Form = {
    columns: COLUMNS,
    quotes: [false],
    lineEnd: "\n",
    finalLineEnd: true,
    byteOrderMark: false,
  };
  const header = `${COLUMNS.join(",")}\n`;
  const clean = write([["AAPL", good]], drawnForm).slice(header.length);
  const expected = parseText(header + clean, { date: DATE, wanted: ["AAPL"] }).blocks;
  const line = fc
    .string({ unit: fc.constantFrom('"', ",", "1", ".", " ", "\r", "€"), maxLength: 30 })
    .map((rest) => `A,${rest}\n`);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), chunkSizes, (lines, sizes) => {
      const text = header + lines.join("") + clean;
      const parsed = parseText(text, { date: DATE, wanted: ["A", "AAPL"], chunkSizes: sizes });
      expect(parsed.blocks).toEqual(expected);
      expect(parsed.summary.rejectedRows).toBe(lines.length);
    }),
    { seed: 20241124, numRuns: 60 },
  );
});
