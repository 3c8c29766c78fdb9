import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { bytesIn, cut, joined, missingFrom, type ByteRange } from "../../src/massive/byte-ranges.ts";

const SIZE = 40;

const range = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .filter(([a, b]) => a !== b)
  .map(([a, b]): ByteRange => ({ start: Math.min(a, b), end: Math.max(a, b) }));

function offsetsOf(ranges: readonly ByteRange[]): number[] {
  const offsets = ranges.flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, index) => start + index),
  );
  return [...new Set(offsets)].toSorted((a, b) => a - b);
}

describe("byte ranges", () => {
  test("what is missing and what is there are the whole, without overlap", () => {
    fc.assert(
      fc.property(fc.array(range), (present) => {
        const missing = missingFrom(present, SIZE);
        expect(offsetsOf([...present, ...missing])).toEqual(offsetsOf([{ start: 0, end: SIZE }]));
        expect(bytesIn(joined(present)) + bytesIn(missing)).toBe(SIZE);
      }),
    );
  });

  test("are joined where they touch or overlap, in order", () => {
    const ranges = [
      { start: 20, end: 30 },
      { start: 0, end: 5 },
      { start: 5, end: 9 },
      { start: 22, end: 25 },
    ];
    expect(joined(ranges)).toEqual([
      { start: 0, end: 9 },
      { start: 20, end: 30 },
    ]);
  });

  test("are cut into pieces of a largest size, the last of each being what remains", () => {
    const ranges = [
      { start: 0, end: 7 },
      { start: 10, end: 12 },
    ];
    expect(cut(ranges, 3)).toEqual([
      { start: 0, end: 3 },
      { start: 3, end: 6 },
      { start: 6, end: 7 },
      { start: 10, end: 12 },
    ]);
  });

  test("of an empty object there are none", () => {
    expect(missingFrom([], 0)).toEqual([]);
  });
});
