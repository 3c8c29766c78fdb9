import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { LineFilter } from "../../src/csv/line-filter.ts";
import { TickerSearch } from "../../src/csv/ticker-search.ts";
import { linesAt } from "../support/found-lines.ts";

function find(tickers: readonly string[], ...lines: string[]): string {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  return linesAt(bytes, new TickerSearch(tickers).find(bytes));
}

test("finds the lines of its tickers in the order of the file, the first and the last included", () => {
  const lines = ["AAPL,1", "AAPL,2", "MSFT,3", "SPY,4", "AAPL,5", "SPY,6"];
  expect(find(["SPY", "AAPL"], ...lines)).toBe("AAPL,1\nAAPL,2\nSPY,4\nAAPL,5\nSPY,6\n");
  expect(find(["MSFT"], ...lines)).toBe("MSFT,3\n");
  expect(find(["TSLA"], ...lines)).toBe("");
  expect(find([], ...lines)).toBe("");
  expect(find(["AAPL"])).toBe("");
});

test("takes a name only as a whole first field, in its own case", () => {
  const lines = ["A,1", "AA,2", "BA,3", "1,A,4", "a,5", "BCpC,6", "BCPC,7", "A", "A\r"];
  expect(find(["A"], ...lines)).toBe("A,1\nA\nA\r\n");
  expect(find(["BCPC"], ...lines)).toBe("BCPC,7\n");
  expect(find(["A"], "A")).toBe("A\n");
});

test("tells where they stand, neighbours together", () => {
  const bytes = Buffer.from("A,1\nA,2\nB,3\nC,4\nA,5\nC,6\n");
  expect(new TickerSearch(["A", "C"]).find(bytes)).toEqual([
    { start: 0, end: 8, lines: 2 },
    { start: 12, end: 24, lines: 3 },
  ]);
});

test("finds what a walk over the lines finds, whatever the lines", () => {
  const names = ["A", "AA", "AAPL", "I:SPX", "B", ""];
  const line = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom("", ",", ",1", ",A", ",AAPL,2", "\r", "x,1", " ,1"))
    .map(([name, rest]) => `${name}${rest}\n`);
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 30 }),
      fc.uniqueArray(fc.constantFrom(...names.slice(0, 5)), { maxLength: 4 }),
      (lines, tickers) => {
        const bytes = Buffer.from(lines.join(""));
        const walked = new LineFilter((field) => tickers.includes(field)).push(bytes);
        const searched = new LineFilter((field) => tickers.includes(field), new Set(tickers)).push(bytes);
        expect(searched).toEqual(walked);
      },
    ),
    { seed: 20241122, numRuns: 3000 },
  );
});
