import { MINUTE_MS, type Bar } from "../../src/core/bar.ts";

/** A bar as an index file has it, all prices equal to `price` unless `fields` says otherwise. */
export function bar(windowStartMs: number, price: number, fields: Partial<Bar> = {}): Bar {
  return {
    windowStartMs,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: null,
    vwap: null,
    transactions: null,
    ...fields,
  };
}

/** One bar a minute from `startMs` on, one for each price. */
export function barsFrom(startMs: number, prices: readonly number[]): Bar[] {
  return prices.map((price, index) => bar(startMs + index * MINUTE_MS, price));
}
