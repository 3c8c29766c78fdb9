import { expect, test } from "bun:test";
import * as fc from "fast-check";
import Papa from "papaparse";
import type { LineRun } from "../../src/csv/line-run.ts";
import { foundIn, linesAt } from "../support/found-lines.ts";

/** Tickers that begin alike or differ by case alone: more than are searched for one by one. */
const TICKERS =
  "A AA AAA AAPL AAPLW B BCPC BCpC C:EUR-USD I:SPX I:SPXW I:VIX O:SPY251121C00650000 O:SPY251121P00650000 X:BTC-USD Z ZZ a aa b".split(
    " ",
  );

interface DrawnLine {
  readonly ticker: string;
  readonly quoted: boolean;
  readonly rest: string;
  readonly lineEnd: string;
}

const line: fc.Arbitrary<DrawnLine> = fc.record({
  ticker: fc.constantFrom(...TICKERS, "", "AB", "I:", "9"),
  quoted: fc.integer({ max: 5, min: 0 }).map((one) => one === 0),
  rest: fc.oneof(
    fc.constantFrom("", ",", ",1,2", ',"1"', ",A", ",AAPL,2", "x,1", " ,1"),
    fc.string({ unit: fc.constantFrom("1", ",", ".", "A", " ", "€", "\r"), maxLength: 6 }),
  ),
  lineEnd: fc.constantFrom("\n", "\n", "\r\n"),
});

/** Neighbouring lines of the same ticker, as files have them, and single ones. */
const text = fc
  .array(fc.tuple(line, fc.integer({ min: 1, max: 4 })), { maxLength: 14 })
  .map((drawn) => drawn.flatMap(([one, times]) => Array<DrawnLine>(times).fill(one)));

function write({ ticker, quoted, rest, lineEnd }: DrawnLine): string {
  return `${quoted ? `"${ticker}"` : ticker}${rest}${lineEnd}`;
}

/** The first field of a line, by papaparse alone. */
function firstFieldOf(written: string): string {
  const rows = Papa.parse<string[]>(written.replace(/\r?\n$/, ""), { delimiter: ",", newline: "\n" }).data;
  return rows[0]?.[0] ?? "";
}

function expectedLines(lines: readonly string[], wanted: readonly string[]): string[] {
  return lines.filter((one) => wanted.includes(firstFieldOf(one)));
}

/** Runs must be in order, apart from each other, and count their lines. */
function assertOrder(runs: readonly LineRun[], bytes: Buffer, startByte: number): void {
  let previousEnd = startByte;
  for (const { start, end, lines } of runs) {
    expect(start).toBeGreaterThanOrEqual(previousEnd);
    expect(bytes.toString("latin1", start - startByte, end - startByte).split("\n").length - 1).toBe(lines);
    previousEnd = end;
  }
}

const chunkSizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });

test.each([
  ["for 1 to 16 tickers, which are searched", 1, 16],
  ["for 17 to 20 tickers, which each line is looked at for", 17, 20],
])("finds what papaparse finds line by line, and where it stands, %s", (_how, minLength, maxLength) => {
  fc.assert(
    fc.property(
      text,
      fc.shuffledSubarray(TICKERS, { minLength, maxLength }),
      chunkSizes,
      fc.nat({ max: 5000 }),
      fc.boolean(),
      (drawn, wanted, sizes, startByte, cutLastNewline) => {
        const lines = drawn.map(write);
        const whole = lines.join("");
        const cut = cutLastNewline ? whole.replace(/\n$/, "") : whole;
        const bytes = Buffer.from(cut);
        const few = new Set(wanted);
        const { text: found, runs } = foundIn(bytes, {
          wants: (field) => few.has(field),
          few,
          startByte,
          chunkSizes: sizes,
        });
        const kept = reparsed(found, wanted);
        const expected = expectedLines(lines, wanted);
        expect(kept).toEqual(expected);
        const complete = Buffer.from(cut === "" || cut.endsWith("\n") ? cut : `${cut}\n`);
        expect(linesAt(complete, runs, startByte)).toBe(found);
        assertOrder(runs, complete, startByte);
      },
    ),
    { seed: 20241122, numRuns: 1500 },
  );
});

/** Of the lines that the filter lets pass, those that papaparse takes for wanted: the parser asks it again. */
function reparsed(found: string, wanted: readonly string[]): string[] {
  const lines = found.split(/(?<=\n)/).filter((one) => one !== "");
  const kept = expectedLines(lines, wanted);
  // It may let through a ticker that goes on after a quote or a carriage return, nothing else.
  for (const one of lines) if (!kept.includes(one)) expect(one).toMatch(/^"[^"]*"[^,]|^[^,]*\r/);
  return kept;
}

test("finds the same by searching and by looking at each line, in chunks of any bytes", () => {
  const bytesOrText = fc.oneof(
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    text.map((drawn) => Buffer.from(drawn.map(write).join(""))),
  );
  fc.assert(
    fc.property(
      fc.array(bytesOrText, { maxLength: 6 }).map((parts) => Buffer.concat(parts)),
      fc.uniqueArray(fc.constantFrom(...TICKERS), { minLength: 1, maxLength: 16 }),
      chunkSizes,
      (bytes, wanted, sizes) => {
        const few = new Set(wanted);
        const wants = (field: string) => few.has(field);
        const searched = foundIn(bytes, { wants, few, chunkSizes: sizes });
        const walked = foundIn(bytes, { wants, chunkSizes: sizes });
        expect(reparsed(searched.text, wanted)).toEqual(reparsed(walked.text, wanted));
        expect(foundIn(bytes, { wants }).text).toBe(walked.text);
      },
    ),
    { seed: 20241123, numRuns: 1000 },
  );
});
