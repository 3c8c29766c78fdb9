import { expect, test } from "bun:test";
import * as fc from "fast-check";
import Papa from "papaparse";
import type { Bar } from "../../src/core/bar.ts";
import { BackfillError } from "../../src/core/errors.ts";
import { parseText, type ParseOptions } from "../support/parse-text.ts";

const DATE = "2024-11-22";
const MIDNIGHT_MINUTE = Date.UTC(2024, 10, 22) / 60_000;
const MINUTES_OF_DAY = 30 * 60;
const TICKERS = ["A", "AA", "AAPL", "AAPLW", "BCPC", "BCpC", "I:SPX", "I:SPXW", "a"];
const COLUMNS = ["ticker", "volume", "open", "close", "high", "low", "window_start", "transactions"];

interface DrawnRow {
  readonly minute: number;
  readonly cents: number;
  readonly volume: number;
}

/** How a file is written: nothing of it may change what is read. */
interface Form {
  readonly columns: readonly string[];
  readonly quotes: readonly boolean[];
  readonly lineEnd: string;
  readonly finalLineEnd: boolean;
  readonly byteOrderMark: boolean;
}

const drawnRow = fc.record({
  minute: fc.nat({ max: MINUTES_OF_DAY - 1 }),
  cents: fc.nat({ max: 1_000_000 }),
  volume: fc.nat({ max: 100_000_000 }),
});

/** Blocks of rows, most in the order of the tickers; some tickers come in several blocks. */
const drawnBlocks = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom(...TICKERS),
    fc.uniqueArray(drawnRow, { selector: (row) => row.minute, maxLength: 6 }),
  ),
  { selector: ([ticker]) => ticker, maxLength: 8 },
);

const form: fc.Arbitrary<Form> = fc.record({
  columns: fc.oneof(
    fc.constant(COLUMNS),
    fc.shuffledSubarray(COLUMNS, { minLength: COLUMNS.length }),
    fc.constant(COLUMNS.filter((name) => name !== "volume" && name !== "transactions")),
  ),
  quotes: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  finalLineEnd: fc.boolean(),
  byteOrderMark: fc.boolean(),
});

const chunkSizes = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 8 });
const wantedTickers = fc.oneof(fc.subarray(TICKERS), fc.constant("all" as const));

type DrawnBlock = readonly [ticker: string, rows: readonly DrawnRow[]];

function fieldsOf(ticker: string, { minute, cents, volume }: DrawnRow): Record<string, string> {
  const low = cents / 100;
  return {
    ticker,
    volume: (volume / 1000).toFixed(3),
    open: low.toFixed(2),
    close: (low + 0.5).toFixed(6),
    high: (low + 1).toFixed(2),
    low: String(low),
    window_start: `${BigInt(MIDNIGHT_MINUTE + minute) * 60_000_000_000n}`,
    transactions: String(volume % 1000),
  };
}

function write(blocks: readonly DrawnBlock[], { columns, quotes, lineEnd, ...ends }: Form): string {
  let written = 0;
  const quote = (field: string) => (quotes[written++ % quotes.length] ? `"${field}"` : field);
  const lines = blocks.flatMap(([ticker, rows]) =>
    rows.map((row) => columns.map((name) => quote(fieldsOf(ticker, row)[name] ?? "")).join(",")),
  );
  const text = [columns.join(","), ...lines].join(lineEnd);
  return `${ends.byteOrderMark ? "\uFEFF" : ""}${text}${ends.finalLineEnd ? lineEnd : ""}`;
}

/** The same text read as a whole by papaparse, then filtered: bars by ticker, in time order. */
function plainReading(text: string, wanted: ParseOptions["wanted"]): Record<string, Bar[]> {
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
          expect(outcome(Buffer.from(text), { date: DATE, wanted, chunkSizes: sizes })).toEqual([
            "data",
            "no-rows",
            "there are none, only a header",
          ]);
          return;
        }
        const parsed = parseText(text, { date: DATE, wanted, chunkSizes: sizes });
        const bars: Record<string, Bar[]> = {};
        for (const block of parsed.blocks) (bars[block.ticker] ??= []).push(...block.bars);
        for (const list of Object.values(bars)) list.sort((a, b) => a.windowStartMs - b.windowStartMs);
        const expected = plainReading(text, wanted);
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

/** What a file comes to: what was read, or the words of the error that refused it. Throws on anything else. */
function outcome(text: Uint8Array, options: ParseOptions): unknown {
  try {
    return parseText(text, options);
  } catch (error) {
    if (error instanceof BackfillError) return [error.kind, error.code, error.reason];
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

test("a file full of noise is read alike in any chunks, or refused with the same words", () => {
  fc.assert(
    fc.property(
      drawnBlocks,
      form,
      wantedTickers,
      chunkSizes,
      noise,
      (blocks, drawnForm, wanted, sizes, insertions) => {
        let bytes = Buffer.from(write(blocks, drawnForm));
        for (const [at, inserted] of insertions) {
          const cut = at % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, cut), inserted, bytes.subarray(cut)]);
        }
        const whole = outcome(bytes, { date: DATE, wanted });
        expect(outcome(bytes, { date: DATE, wanted, chunkSizes: sizes })).toEqual(whole);
      },
    ),
    { seed: 20241123, numRuns: 1000 },
  );
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
