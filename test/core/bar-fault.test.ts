import { expect, test } from "bun:test";
import type { Bar } from "../../src/core/bar.ts";
import { barFault } from "../../src/core/bar-fault.ts";

const GOOD: Bar = {
  windowStartMs: Date.parse("2024-11-22T14:30:00Z"),
  open: 2,
  high: 4,
  low: 1,
  close: 3,
  volume: 10.5,
  vwap: 2.5,
  transactions: 7,
};

test("a bar may lack volume, vwap and transactions, and may not move at all", () => {
  expect(barFault(GOOD)).toBeNull();
  expect(barFault({ ...GOOD, volume: null, vwap: null, transactions: null })).toBeNull();
  expect(barFault({ ...GOOD, open: 3, high: 3, low: 3, close: 3, volume: 0, transactions: 0 })).toBeNull();
});

test.each([
  ["not a number", { open: Number.NaN }],
  ["not a number", { high: Number.POSITIVE_INFINITY }],
  ["not a number", { vwap: Number.NaN }],
  ["not a number", { windowStartMs: Number.NaN }],
  ["not a number", { transactions: 1.5 }],
  ["not a number", { transactions: 2 ** 53 }],
  ["negative volume", { volume: -0.1 }],
  ["negative volume", { transactions: -1 }],
  ["high or low not around open and close", { high: 1.9 }],
  ["high or low not around open and close", { high: 2.9 }],
  ["high or low not around open and close", { low: 2.1 }],
  ["high or low not around open and close", { open: 3.5, low: 3.1 }],
  ["not a whole minute", { windowStartMs: GOOD.windowStartMs + 1000 }],
] as const)("%s: %o", (fault, change) => {
  expect(barFault({ ...GOOD, ...change })).toBe(fault);
});
