import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { LineFilter } from "../../src/csv/line-filter.ts";
import { foundIn, linesAt } from "../support/found-lines.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const MEGABYTE = 1 << 20;

function filter(text: string, wanted: readonly string[], chunkSizes: readonly number[] = [MEGABYTE]): string {
  return foundIn(Buffer.from(text), { wants: (field) => wanted.includes(field), chunkSizes }).text;
}

describe("LineFilter", () => {
  test("keeps the lines whose first field is wanted", () => {
    expect(filter("I:NDX,1\nI:SPX,2\nI:SPX,3\nI:VIX,4\n", ["I:SPX"])).toBe("I:SPX,2\nI:SPX,3\n");
  });

  test("keeps every block of a ticker", () => {
    expect(filter("A,1\nB,2\nA,3\nC,4\nA,5\n", ["A", "C"])).toBe("A,1\nA,3\nC,4\nA,5\n");
  });

  test("compares the first field whole and with its case", () => {
    const text = "A,1\nAA,2\nAAPL,3\nAB,4\nB,5\na,6\n,7\nBCPC,8\nBCpC,9\nBCpC2,10\n";
    expect(filter(text, ["A"])).toBe("A,1\n");
    expect(filter(text, ["AA"])).toBe("AA,2\n");
    expect(filter(text, ["AAPL"])).toBe("AAPL,3\n");
    expect(filter(text, ["BCpC"])).toBe("BCpC,9\n");
    expect(filter(text, ["AAP", "APL", "BCP", "1"])).toBe("");
  });

  test("tells a ticker from a longer one after it and a shorter one after that", () => {
    expect(filter("AA,1\nA,2\nAA,3\nAAA,4\nAA,5\n", ["AA"])).toBe("AA,1\nAA,3\nAA,5\n");
    expect(filter("AA,1\nA,2\nAA,3\nAAA,4\nAA,5\n", ["A", "AAA"])).toBe("A,2\nAAA,4\n");
  });

  test("keeps a last line that has no newline, and gives it one", () => {
    expect(filter("A,1\nB,2", ["B"])).toBe("B,2\n");
    expect(filter("A,1\nB,2", ["A"])).toBe("A,1\n");
    expect(filter("B", ["B"])).toBe("B\n");
  });

  test("reads quoted first fields", () => {
    expect(filter('"A",1\nA,2\n"AB",3\nA,"4"\n"B,C",5\n', ["A"])).toBe('"A",1\nA,2\nA,"4"\n');
    expect(filter('"A",1\n"B,C",5\n"B",6\n', ["B,C"])).toBe('"B,C",5\n');
  });

  test("takes a quote that is not closed as papaparse does: to the end of its line", () => {
    expect(filter('"A\n"A\r\n"A,1\nB\nA,2\n"A', ["A"])).toBe('"A\n"A\r\nA,2\n"A\n');
    expect(filter('"A,1\nA,2\n"A,1\n', ["A,1"])).toBe('"A,1\n"A,1\n');
  });

  test("tells where the lines stand that it kept, in chunks of every size", () => {
    const file = '€,1\n"A",2\r\nA,3\nB,4\n\nA,5\nC,6\nA,7';
    const bytes = Buffer.from(file);
    for (const few of [new Set(["A", "C"]), null])
      for (let size = 1; size <= bytes.length + 1; size++) {
        const options = { wants: (field: string) => field === "A" || field === "C", chunkSizes: [size] };
        const { text, runs } = foundIn(bytes, { ...options, startByte: 1000, ...(few && { few }) });
        expect([size, text]).toEqual([size, '"A",2\r\nA,3\nA,5\nC,6\nA,7\n']);
        expect([size, linesAt(Buffer.from(`${file}\n`), runs, 1000)]).toEqual([size, text]);
        expect(runs.reduce((sum, run) => sum + run.lines, 0)).toBe(5);
      }
  });

  test("leaves line ends, spaces and empty fields to the CSV parser", () => {
    expect(filter("A,1\r\nB,2\r\n A,3\nA, ,\n", ["A"])).toBe("A,1\r\nA, ,\n");
  });

  test("takes a ticker alone on its line, whatever the line's end", () => {
    expect(filter("A\nB\nA\n", ["A"])).toBe("A\nA\n");
    expect(filter("A\r\nB\r\nA\r\nA", ["A"])).toBe("A\r\nA\r\nA\n");
  });

  test("asks once for each run of lines with the same first field", () => {
    const asked: string[] = [];
    const lines = new LineFilter((field) => asked.push(field) > 0);
    lines.push(new TextEncoder().encode("A,1\nA,2\nB,3\nB,4\nA"));
    lines.push(new TextEncoder().encode(",5\nA,6\nAB,7\n"));
    lines.finish();
    expect(asked).toEqual(["A", "B", "A", "AB"]);
  });

  test("keeps characters of several bytes that a chunk cuts in two", () => {
    expect(filter("Ä,€\n€,Ä\n", ["€"], [1])).toBe("€,Ä\n");
  });

  test("finds the same lines in chunks of every size", () => {
    const text = 'AA,1\n"A",2\r\nA,3\n\nAAPL,4\nA,5\nB,6\nA,7';
    const whole = filter(text, ["A", "B"]);
    expect(whole).toBe('"A",2\r\nA,3\nA,5\nB,6\nA,7\n');
    for (let size = 1; size <= text.length + 1; size++)
      expect([size, filter(text, ["A", "B"], [size])]).toEqual([size, whole]);
  });

  test("leaves its caller free to use a chunk's memory again", () => {
    const lines = new LineFilter((field) => field === "AAPL");
    const reused = Buffer.alloc(8);
    let kept = "";
    const text = "AAPL,100\nAAPL,200\nMSFT,300\nAAPL,400\n";
    for (let at = 0; at < text.length; at += reused.length) {
      const size = reused.write(text.slice(at, at + reused.length), "latin1");
      kept += lines.push(reused.subarray(0, size)).text;
    }
    expect(kept + lines.finish().text).toBe("AAPL,100\nAAPL,200\nAAPL,400\n");
  });

  test("refuses a line that does not end", () => {
    const lines = new LineFilter(() => false);
    const chunk = new Uint8Array(MEGABYTE / 4).fill(0x41);
    const error = thrownBy(() => {
      for (let turn = 0; turn < 5; turn++) lines.push(chunk);
    });
    expect(wordsOf(error)).toEqual({
      kind: "data",
      operation: "split the file into lines",
      reason: "a line is longer than 1 MB",
      nextStep: "This is not a file of minute bars.",
    });
  });

  test("keeps just the lines that a plain reading of the text keeps", () => {
    const tickers = ["A", "AA", "AAPL", "a", "BCPC", "BCpC", "I:SPX", "I:SPXA", ""];
    const line = fc.tuple(
      fc.constantFrom(...tickers),
      fc.boolean(),
      fc.string({ unit: fc.constantFrom("1", ",", ".", "A", " ", "€"), maxLength: 6 }),
      fc.constantFrom("\n", "\r\n"),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        fc.subarray(tickers),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (drawn, wanted, chunkSizes, cutLastNewline) => {
          const lines = drawn.map(([ticker, quoted, rest, lineEnd]) => ({
            ticker,
            text: `${quoted ? `"${ticker}"` : ticker},${rest}${lineEnd}`,
          }));
          const text = lines.map((one) => one.text).join("");
          const kept = lines.filter(({ ticker }) => wanted.includes(ticker)).map((one) => one.text);
          const cut = cutLastNewline && text.endsWith("\n") ? text.slice(0, -1) : text;
          expect(filter(cut, wanted, chunkSizes)).toBe(kept.join(""));
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });
});
