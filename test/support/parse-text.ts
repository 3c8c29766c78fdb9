import type { Bar } from "../../src/core/bar.ts";
import { DayParser } from "../../src/csv/day-parser.ts";
import type { RejectedRow } from "../../src/csv/rejected-rows.ts";
import type { NumberedRow, ReadSummary } from "../../src/workflows/read-day.ts";

export interface ParsedText {
  readonly blocks: { readonly ticker: string; readonly bars: readonly Bar[] }[];
  readonly summary: ReadSummary;
}

export interface ParseOptions {
  readonly date: string;
  readonly wanted: readonly string[] | "all";
  /** Sizes of the chunks in bytes, used over and over; the whole text in one chunk if left out. */
  readonly chunkSizes?: readonly number[];
}

/** Reads a day's file of minute bars from a text (or bytes) that is handed over in chunks. */
export function parseText(text: string | Uint8Array, options: ParseOptions): ParsedText {
  const blocks: { ticker: string; bars: Bar[] }[] = [];
  const parser = new DayParser({
    date: options.date,
    wanted: options.wanted === "all" ? "all" : new Set(options.wanted),
    onBlock: (ticker, bars) => blocks.push({ ticker, bars }),
  });
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (const chunk of chunksOf(bytes, options.chunkSizes ?? [bytes.length || 1])) parser.push(chunk);
  const summary = parser.finish();
  const rejectedSamples = summary.rejectedSamples.map((row) => numbered(row, bytes));
  return { summary: { ...summary, rejectedSamples }, blocks };
}

/** A rejected row with the number of its line, counted in the text. */
function numbered({ reason, text, runStartByte, linesAfter }: RejectedRow, bytes: Uint8Array): NumberedRow {
  const linesBefore = Buffer.from(bytes).toString("latin1", 0, runStartByte).split("\n");
  if (linesBefore.at(-1) !== "") throw new Error(`no line begins at byte ${runStartByte}`);
  return { reason, text, lineNumber: linesBefore.length + linesAfter };
}

/** Cuts bytes into copies of `sizes` bytes each, from the first size again after the last. */
export function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    yield new Uint8Array(bytes.subarray(at, at + size));
    at += size;
  }
}
