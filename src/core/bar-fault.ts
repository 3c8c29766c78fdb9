import { MINUTE_MS, type Bar } from "./bar.ts";

/** Why numbers cannot be those of a 1-minute bar, whichever source they come from. */
export type BarFault =
  | "not a number"
  | "negative volume"
  | "high or low not around open and close"
  | "not a whole minute";

/** What is wrong with a bar in itself; null if it can be one. Its stamp may still be of another day. */
export function barFault(bar: Bar): BarFault | null {
  const { windowStartMs, open, high, low, close } = bar;
  const volume = bar.volume ?? 0;
  const transactions = bar.transactions ?? 0;
  // A sum is finite only if every part is: one test for all eight.
  const sum = windowStartMs + open + high + low + close + volume + transactions + (bar.vwap ?? 0);
  if (!Number.isFinite(sum) || !Number.isSafeInteger(transactions)) return "not a number";
  if (volume < 0 || transactions < 0) return "negative volume";
  if (high < open || high < close || low > open || low > close)
    return "high or low not around open and close";
  return windowStartMs % MINUTE_MS === 0 ? null : "not a whole minute";
}
