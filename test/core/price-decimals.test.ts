import { expect, test } from "bun:test";
import { priceDecimals } from "../../src/core/price-decimals.ts";

test.each([
  [[5784.55, 5784.5], 5784.5, "5784.50"],
  [[1.05432, 1.0543], 1.0543, "1.05430"],
  [[0.0000228, 0.00002], 0.0000228, "0.0000228"],
  [[2e-8], 2e-8, "0.00000002"],
  [[228.123456789], 228.123456789, "228.1235"],
  [[97_000.5], 97_000.5, "97000.50"],
  [[0], 0, "0.00"],
  [[-3.5], -3.5, "-3.50"],
])("prices like %j are written so that one can be told from the next", (prices, price, text) => {
  const bars = prices.map((one) => ({ open: one, high: one, low: one, close: one }));
  expect(price.toFixed(priceDecimals(bars))).toBe(text);
});

test("without prices there are cents", () => {
  expect(priceDecimals([])).toBe(2);
});
