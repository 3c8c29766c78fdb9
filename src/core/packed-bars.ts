import type { Bar } from "./bar.ts";

/** Doubles that one bar takes. */
export const VALUES_PER_BAR = 8;

/** Bars as plain doubles, eight each in the order of `Bar`'s fields, NaN for null, no negative zero. */
export function packBars(bars: readonly Bar[]): Float64Array<ArrayBuffer> {
  const values = new Float64Array(bars.length * VALUES_PER_BAR);
  packInto(values, 0, bars);
  return values;
}

/** Packs `bars` into `values` from index `at` on; returns the index after them. */
export function packInto(values: Float64Array, at: number, bars: readonly Bar[]): number {
  let next = at;
  // Adding 0 makes -0 the 0 as which SQLite gives it back.
  for (const bar of bars) {
    values[next++] = bar.windowStartMs;
    values[next++] = bar.open + 0;
    values[next++] = bar.high + 0;
    values[next++] = bar.low + 0;
    values[next++] = bar.close + 0;
    values[next++] = (bar.volume ?? Number.NaN) + 0;
    values[next++] = (bar.vwap ?? Number.NaN) + 0;
    values[next++] = (bar.transactions ?? Number.NaN) + 0;
  }
  return next;
}

/** The `count` bars that stand in `values` from index `at` on. */
export function unpackBars(values: Float64Array, at: number, count: number): Bar[] {
  const bars: Bar[] = [];
  for (let next = at; next < at + count * VALUES_PER_BAR; next += VALUES_PER_BAR)
    bars.push({
      windowStartMs: numberAt(values, next),
      open: numberAt(values, next + 1),
      high: numberAt(values, next + 2),
      low: numberAt(values, next + 3),
      close: numberAt(values, next + 4),
      volume: orNull(numberAt(values, next + 5)),
      vwap: orNull(numberAt(values, next + 6)),
      transactions: orNull(numberAt(values, next + 7)),
    });
  return bars;
}

function numberAt(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
