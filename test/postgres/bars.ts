import type { Bar } from "../../src/core/bar.ts";
import type { BarRow } from "../../src/postgres/copy-text.ts";

const FIRST_MINUTE_MS = Date.parse("2024-11-25T14:30:00Z");
const MINUTE_MS = 60_000;

/** A bar of the given minute of a session, with plain prices where the test does not care. */
export function barRow(symbol: string, minute: number, values: Partial<Bar> = {}): BarRow {
  const bar = {
    windowStartMs: FIRST_MINUTE_MS + minute * MINUTE_MS,
    open: 100,
    high: 101,
    low: 99,
    close: 100.5,
    volume: 1000,
    vwap: null,
    transactions: null,
    ...values,
  };
  return { symbol, timeframe: "1m", bar };
}

/** One bar of each of the minutes from `first` on, `count` of them. */
export function barRows(symbol: string, count: number, first = 0): BarRow[] {
  return Array.from({ length: count }, (_, index) => barRow(symbol, first + index));
}
