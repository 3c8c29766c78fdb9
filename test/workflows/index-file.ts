import { gzipSync } from "node:zlib";
import type { Bar } from "../../src/core/bar.ts";
import { barsFrom } from "../support/bars.ts";

export const INDEX_HEADER = "ticker,open,close,high,low,window_start\n";

/** The rows of one ticker of an index file: one bar a minute from `start` (ISO 8601) on. */
export function indexRows(ticker: string, start: string, prices: readonly number[]): string {
  return indexBars(start, prices)
    .map(
      ({ windowStartMs, open, close, high, low }) =>
        `${ticker},${open},${close},${high},${low},${windowStartMs}000000\n`,
    )
    .join("");
}

/** The bars that `indexRows` writes. */
export function indexBars(start: string, prices: readonly number[]): Bar[] {
  return barsFrom(Date.parse(start), prices);
}

/** The bytes of a text as a .gz file. */
export function gzipped(text: string): Uint8Array {
  return gzipSync(text);
}
