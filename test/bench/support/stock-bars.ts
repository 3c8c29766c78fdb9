import { MINUTE_MS, type Bar } from "../../../src/core/bar.ts";
import { NEW_YORK, zonedTimeMs } from "../../../src/core/dates.ts";
import { sessionDates } from "../../../src/core/session-dates.ts";

/** A stock that is traded in so many of a day's minutes; `price` is what it costs, about. */
export interface Stock {
  readonly ticker: string;
  readonly minutes: number;
  readonly price: number;
}

/** From one that is traded in regular hours only to one that hardly rests: 3,125 bars a day. In the order of the key. */
export const STOCKS: readonly Stock[] = [
  { ticker: "AAPL", minutes: 860, price: 231.5 },
  { ticker: "IBM", minutes: 390, price: 187.2 },
  { ticker: "JNJ", minutes: 500, price: 161.8 },
  { ticker: "MSFT", minutes: 625, price: 417.9 },
  { ticker: "TSLA", minutes: 750, price: 352.6 },
];

const [FIRST_DATE, LAST_DATE] = ["2019-01-02", "2025-12-31"];
/** Stocks are traded from 04:00 to 20:00 in New York. */
const [FIRST_MINUTE, TRADED_MINUTES] = ["04:00", 960];

/** The last `count` sessions of the years that have them. */
export function stockDates(count: number): string[] {
  return sessionDates("stocks", FIRST_DATE, LAST_DATE, LAST_DATE).slice(-count);
}

/**
 * The bars of a stock on a date, always the same: prices of four decimals that wander, fractional volumes as the
 * vendor has them since 2026, no field empty.
 */
export function stockBars({ ticker, minutes, price }: Stock, date: string): Bar[] {
  const random = randomNumbers(Bun.hash.crc32(`${ticker} ${date}`));
  const startMs = zonedTimeMs(date, FIRST_MINUTE, NEW_YORK);
  let last = price * (0.9 + 0.2 * random());
  return Array.from({ length: minutes }, (_, index) => {
    const open = last;
    const close = open * (1 + (random() - 0.5) / 500);
    const [high, low] = [Math.max(open, close) * 1.0004, Math.min(open, close) * 0.9996];
    last = close;
    return {
      windowStartMs: startMs + Math.floor((index * TRADED_MINUTES) / minutes) * MINUTE_MS,
      open: rounded(open, 4),
      high: rounded(high, 4),
      low: rounded(low, 4),
      close: rounded(close, 4),
      volume: rounded(100 + random() * 60_000, 6),
      vwap: rounded((open + close) / 2, 4),
      transactions: 1 + Math.floor(random() * 900),
    };
  });
}

/** A bar with its symbol as a line of COPY's text format: the columns of `historical_bars` but for `created_at`. */
export function barText(symbol: string, bar: Bar): string {
  const { windowStartMs, open, high, low, close, volume, vwap, transactions } = bar;
  return [symbol, "1m", windowStartMs, open, high, low, close, volume, vwap, transactions].join("\t");
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/** Numbers from 0 to 1 that are the same for the same seed (a linear congruential generator, Numerical Recipes' own). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
