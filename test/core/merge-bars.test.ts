import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bar } from "../../src/core/bar.ts";
import { mergeBars, sameBar } from "../../src/core/merge-bars.ts";
import { bar } from "../support/bars.ts";

describe("mergeBars", () => {
  test("leaves bars in time order as they are, in a list of its own", () => {
    const bars = [bar(60_000, 1), bar(120_000, 2), bar(240_000, 3)];
    const merged = mergeBars(bars);
    expect(merged).toEqual({ bars, duplicates: 0, conflicts: [] });
    expect(merged.bars).not.toBe(bars);
  });

  test("of no bars is no bars", () => {
    expect(mergeBars([])).toEqual({ bars: [], duplicates: 0, conflicts: [] });
  });

  test("puts bars in time order and leaves its input alone", () => {
    const bars = [bar(240_000, 3), bar(60_000, 1), bar(120_000, 2)];
    expect(mergeBars(bars)).toEqual({
      bars: [bar(60_000, 1), bar(120_000, 2), bar(240_000, 3)],
      duplicates: 0,
      conflicts: [],
    });
    expect(bars.map((one) => one.windowStartMs)).toEqual([240_000, 60_000, 120_000]);
  });

  test("drops bars that repeat another, next to it or far from it", () => {
    const bars = [bar(60_000, 1), bar(60_000, 1), bar(120_000, 2), bar(60_000, 1)];
    expect(mergeBars(bars)).toEqual({
      bars: [bar(60_000, 1), bar(120_000, 2)],
      duplicates: 2,
      conflicts: [],
    });
  });

  test("keeps the first of two bars that disagree, and says which it left out", () => {
    const bars = [bar(120_000, 2), bar(60_000, 1), bar(60_000, 9), bar(60_000, 1), bar(120_000, 8)];
    expect(mergeBars(bars)).toEqual({
      bars: [bar(60_000, 1), bar(120_000, 2)],
      duplicates: 1,
      conflicts: [bar(60_000, 9), bar(120_000, 8)],
    });
  });

  test("gives the first bar of each minute, and accounts for every other", () => {
    const anyBar = fc.record({ minute: fc.integer({ min: 0, max: 12 }), price: fc.constantFrom(1, 2) });
    fc.assert(
      fc.property(fc.array(anyBar, { maxLength: 40 }), (drawn) => {
        const bars = drawn.map(({ minute, price }) => bar(minute * 60_000, price));
        const first = new Map<number, Bar>();
        let repeated = 0;
        for (const one of bars) {
          const earlier = first.get(one.windowStartMs);
          if (earlier === undefined) first.set(one.windowStartMs, one);
          else if (earlier.open === one.open) repeated++;
        }
        const merged = mergeBars(bars);
        expect(merged.bars).toEqual(
          [...first.values()].toSorted((a, b) => a.windowStartMs - b.windowStartMs),
        );
        expect(merged.duplicates).toBe(repeated);
        expect(merged.bars.length + merged.duplicates + merged.conflicts.length).toBe(bars.length);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});

describe("sameBar", () => {
  const whole: Bar = {
    windowStartMs: 60_000,
    open: 2,
    high: 4,
    low: 1,
    close: 3,
    volume: 10.5,
    vwap: 2.5,
    transactions: 7,
  };

  test("holds for bars with the same eight values", () => {
    expect(sameBar(whole, { ...whole })).toBe(true);
  });

  test.each<Partial<Bar>>([
    { windowStartMs: 120_000 },
    { open: 2.000001 },
    { high: 5 },
    { low: 0 },
    { close: 3.5 },
    { volume: 10 },
    { volume: null },
    { vwap: null },
    { transactions: 8 },
    { transactions: null },
  ])("does not hold if %j differs", (difference) => {
    expect(sameBar(whole, { ...whole, ...difference })).toBe(false);
  });

  test("tells nothing from zero", () => {
    expect(sameBar({ ...whole, volume: null }, { ...whole, volume: 0 })).toBe(false);
  });
});
