import type { Scale } from "./case.ts";

/** Days as the vendor has them, but for the number of tickers (13,000): 230 MB of text, 46 MB gzip. */
export const FULL_SCALE: Scale = {
  tickers: 10_000,
  minutes: 390,
  longMinutes: 1080,
  days: 20,
  slowDays: 6,
  bytesPerSecond: 1e6,
  statusDays: 2500,
  statusSymbols: 500,
  syncDays: 160,
  manySyncDays: 1600,
};

/** Just enough to run every line of the bench. */
export const SMOKE_SCALE: Scale = {
  tickers: 200,
  minutes: 30,
  longMinutes: 400,
  days: 3,
  slowDays: 2,
  bytesPerSecond: 1e6,
  statusDays: 5,
  statusSymbols: 4,
  syncDays: 2,
  manySyncDays: 4,
};
