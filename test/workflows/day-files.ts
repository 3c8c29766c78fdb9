import { gzipSync } from "node:zlib";
import { MINUTE_MS } from "../../src/core/bar.ts";
import { INDEX_HEADER } from "./index-file.ts";

/** What is read of the files below. */
export const SPX_DAY = { date: "2024-11-22", wanted: new Set(["I:SPX"]) };

const MIDNIGHT_MS = Date.UTC(2024, 10, 22);

/** The rows of one ticker for the first minutes of the day. */
export function manyRows(ticker: string, minutes: number): string {
  return rowsFrom(ticker, MIDNIGHT_MS, minutes);
}

/** The rows of one ticker, one a minute from `startMs` on. */
export function rowsFrom(ticker: string, startMs: number, minutes: number): string {
  return Array.from({ length: minutes }, (_, minute) => {
    const stamp = `${startMs + minute * MINUTE_MS}000000`;
    return `${ticker},${minute + 1},${minute + 1.5},${minute + 2},${minute + 0.5},${stamp}\n`;
  }).join("");
}

/** Names of `count` tickers, in the order of the alphabet. */
export function manyTickers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `I:T${String(index).padStart(2, "0")}`);
}

const good = () => INDEX_HEADER + manyRows("I:SPX", 400);

/** Files that are refused as a whole: what is wrong, the code of the error, the content. */
export const DAY_ERRORS: readonly [what: string, code: string, content: () => string | Uint8Array][] = [
  ["its gzip is cut", "bad-gzip", () => gzipSync(good()).subarray(0, -9)],
  [
    "its gzip is followed by something else",
    "bad-gzip",
    () => Buffer.concat([gzipSync(good()), Buffer.from("<html>")]),
  ],
  ["its header is another's", "bad-header", () => "ticker,price,time\nI:SPX,1,2\n"],
  ["it is empty", "bad-header", () => ""],
  ["it has a header alone", "no-rows", () => INDEX_HEADER],
  ["too many of its rows are bad", "bad-rows", () => `${INDEX_HEADER}${manyRows("I:SPX", 50)}I:SPX,1\n`],
];
