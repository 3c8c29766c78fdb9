import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { LineCounter } from "../../src/csv/line-counter.ts";
import { chunksOf } from "../support/parse-text.ts";

const TEXT = "header\nfirst\r\n\nthird €\nlast";

/** The number of the line that each of some bytes of a text stands on, if it is read in these chunks. */
function numbersOf(bytes: Uint8Array, places: readonly number[], chunkSizes: readonly number[]) {
  const lines = new LineCounter(places);
  for (const chunk of chunksOf(bytes, chunkSizes)) lines.push(chunk);
  return places.map((place) => lines.numberAt(place));
}

/** The byte at which each line of a text begins. */
function lineStarts(bytes: Buffer): number[] {
  const lines = bytes.toString("latin1").split("\n");
  return lines.map((_, index) => lines.slice(0, index).join("\n").length + (index === 0 ? 0 : 1));
}

test("numbers every line from 1, in chunks of every size", () => {
  const bytes = Buffer.from(TEXT);
  const starts = lineStarts(bytes);
  expect(starts).toEqual([0, 7, 14, 15, 25]);
  for (let size = 1; size <= bytes.length + 1; size++)
    expect([size, numbersOf(bytes, starts, [size])]).toEqual([size, [1, 2, 3, 4, 5]]);
});

test("numbers the lines asked for as a split of the text does, whatever the text and the chunks", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("\n", "\n", "\r\n", "a", ",1", "€"), { maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
      (parts, drawn, chunkSizes) => {
        const bytes = Buffer.from(parts.join(""));
        const starts = lineStarts(bytes).filter((start) => start < bytes.length);
        const asked = starts.length === 0 ? [] : drawn.map((one) => starts[one % starts.length] ?? 0);
        const expected = asked.map((start) => bytes.toString("latin1", 0, start).split("\n").length);
        expect(numbersOf(bytes, asked, chunkSizes)).toEqual(expected);
      },
    ),
    { seed: 20241122, numRuns: 1000 },
  );
});

test("is done when all places were passed, and not before", () => {
  const lines = new LineCounter([9, 3, 9]);
  const seen: boolean[] = [lines.isDone];
  for (const chunk of chunksOf(Buffer.from("ab\ncd\nef\ngh\n"), [4])) {
    lines.push(chunk);
    seen.push(lines.isDone);
  }
  expect(seen).toEqual([false, false, false, true]);
  expect([lines.numberAt(3), lines.numberAt(9)]).toEqual([2, 4]);
});

test("has nothing to read where nothing is asked", () => {
  expect(new LineCounter([]).isDone).toBe(true);
});

test("knows no number of a line beyond the end, nor of a byte that was not asked for", () => {
  const lines = new LineCounter([3, 100]);
  lines.push(Buffer.from("ab\ncd\n"));
  expect([lines.numberAt(3), lines.numberAt(100), lines.numberAt(0)]).toEqual([2, null, null]);
  expect(lines.isDone).toBe(false);
});
