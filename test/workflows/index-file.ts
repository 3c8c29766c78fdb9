import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bar } from "../../src/core/bar.ts";
import { localFilePath } from "../../src/workflows/local-files.ts";
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

/** An index file of I:SPX alone, from the opening bell on. */
export function fileOf(date: string, prices: readonly number[]): string {
  return INDEX_HEADER + indexRows("I:SPX", `${date}T14:30:00Z`, prices);
}

/** Puts a file into a data directory, or deeper; returns its path. */
export function put(
  { dataDir }: { readonly dataDir: string },
  name: string,
  content: string | Uint8Array,
): string {
  const path = join(dataDir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Puts an index file where `download` would; returns its path. */
export function putDownloaded(
  { dataDir }: { readonly dataDir: string },
  date: string,
  content: string | Uint8Array,
): string {
  const path = localFilePath(dataDir, "indices", date);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}
