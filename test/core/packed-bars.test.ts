import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bar } from "../../src/core/bar.ts";
import { packBars, packInto, unpackBars, VALUES_PER_BAR } from "../../src/core/packed-bars.ts";
import { bar, barsFrom } from "../support/bars.ts";

const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);

/** Any double that a bar may hold, as it comes back: no -0. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const optional = fc.option(number);
const anyBar: fc.Arbitrary<Bar> = fc.record({
  windowStartMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  open: number,
  high: number,
  low: number,
  close: number,
  volume: optional,
  vwap: optional,
  transactions: optional,
});

describe("packed bars", () => {
  test("are eight doubles each, in the order of a bar's fields", () => {
    const stock = { open: 2, high: 3, low: 1, close: 2.5, volume: 7.25, vwap: 2.1, transactions: 4 };
    expect([...packBars([{ windowStartMs: OPEN_MS, ...stock }, bar(OPEN_MS + 60_000, 9)])]).toEqual(
      [
        [OPEN_MS, 2, 3, 1, 2.5, 7.25, 2.1, 4],
        [OPEN_MS + 60_000, 9, 9, 9, 9, Number.NaN, Number.NaN, Number.NaN],
      ].flat(),
    );
  });

  test("come back as they were, to the last bit", () => {
    fc.assert(
      fc.property(fc.array(anyBar, { maxLength: 20 }), (bars) => {
        const values = packBars(bars);
        expect(values.length).toBe(bars.length * VALUES_PER_BAR);
        // toStrictEqual tells -0 from 0.
        expect(unpackBars(values, 0, bars.length)).toStrictEqual(bars);
      }),
      { seed: 20241122, numRuns: 500 },
    );
  });

  test.each(["volume", "vwap", "transactions"] as const)("tell an unknown %s from 0", (field) => {
    const bars = [bar(OPEN_MS, 1, { [field]: null }), bar(OPEN_MS + 60_000, 1, { [field]: 0 })];
    expect(unpackBars(packBars(bars), 0, 2)).toStrictEqual(bars);
  });

  test("have no negative zero", () => {
    const negative = bar(OPEN_MS, -0, { volume: -0, vwap: -0, transactions: -0 });
    const positive = bar(OPEN_MS, 0, { volume: 0, vwap: 0, transactions: 0 });
    expect(unpackBars(packBars([negative]), 0, 1)).toStrictEqual([positive]);
    expect(new Uint8Array(packBars([negative]).buffer)).toEqual(new Uint8Array(packBars([positive]).buffer));
  });

  test("of none are nothing", () => {
    expect([...packBars([])]).toEqual([]);
    expect(unpackBars(new Float64Array(16), 8, 0)).toEqual([]);
  });

  test("stand one list after the other, and are found by where each begins", () => {
    const [first, second] = [barsFrom(OPEN_MS, [1, 2]), barsFrom(OPEN_MS, [3])];
    const values = new Float64Array(4 * VALUES_PER_BAR).fill(-1);
    const middle = packInto(values, 0, first);
    const end = packInto(values, middle, second);
    expect([middle, end]).toEqual([2 * VALUES_PER_BAR, 3 * VALUES_PER_BAR]);
    expect([unpackBars(values, 0, 2), unpackBars(values, middle, 1)]).toEqual([first, second]);
    expect([...values.subarray(end)]).toEqual(Array<number>(VALUES_PER_BAR).fill(-1));
  });
});
