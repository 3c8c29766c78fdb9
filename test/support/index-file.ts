import type { ReadSummary } from "../../src/workflows/read-day.ts";
import { parseText, type ParsedText } from "./parse-text.ts";

/** Small files of index bars to read: one date, the vendor's header, rows that count minutes from 09:30. */

export const DATE = "2024-11-22";
export const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);
export const HEADER = "ticker,open,close,high,low,window_start";

/** What a file without rows of wanted tickers holds. */
export const NOTHING: ReadSummary = {
  rows: 0,
  bars: 0,
  duplicates: 0,
  rejected: {},
  rejectedRows: 0,
  rejectedSamples: [],
};

/** A row of an index file: all four prices are `price`, `minute` counts from 09:30 in New York. */
export function row(ticker: string, minute: number, price: number | string): string {
  const windowStart = BigInt(OPEN_MS + minute * 60_000) * 1_000_000n;
  return `${ticker},${price},${price},${price},${price},${windowStart}`;
}

/** `count` good rows, one a minute, at the price 1. */
export function rows(ticker: string, count: number): string[] {
  return Array.from({ length: count }, (_, minute) => row(ticker, minute, 1));
}

/** The text of a file of these rows. */
export function fileOf(lines: readonly string[], header = HEADER): string {
  return [header, ...lines].map((line) => `${line}\n`).join("");
}

/** Reads a file of that date: the wanted tickers, in one chunk or in chunks of the given sizes. */
export function parse(
  text: string,
  wanted: readonly string[] | "all" = ["I:SPX"],
  chunkSizes?: number[],
): ParsedText {
  return parseText(text, { date: DATE, wanted, ...(chunkSizes && { chunkSizes }) });
}
