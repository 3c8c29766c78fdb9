import type { Bar } from "../../src/core/bar.ts";
import { DayParser, type DaySummary } from "../../src/csv/day-parser.ts";

export interface ParsedText {
  readonly blocks: { readonly ticker: string; readonly bars: readonly Bar[] }[];
  readonly summary: DaySummary;
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
  return { summary: parser.finish(), blocks };
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
