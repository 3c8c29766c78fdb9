import { expect, test } from "bun:test";
import { parseSymbol } from "../../../src/core/symbols.ts";
import { jumpLimit } from "../../../src/workflows/verify/jump-limit.ts";

test.each([
  ["SPX", 20],
  ["I:AVIX", 100],
  ["VIX", 100],
  ["VIX1D", 100],
  ["VVIX", 100],
  ["I:VXN", 100],
  ["RVX", 100],
  ["AAPL", 50],
  ["O:SPY251121C00650000", 0],
  ["X:BTC-USD", 30],
  ["C:EUR-USD", 5],
])("%s may step by %d %%, unless another limit is asked for", (text, percent) => {
  const symbol = parseSymbol(text);
  expect(jumpLimit(symbol, null)).toBe(percent);
  expect(jumpLimit(symbol, 7.5)).toBe(7.5);
  expect(jumpLimit(symbol, 0)).toBe(0);
});
