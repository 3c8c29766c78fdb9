import { expect, test } from "bun:test";
import { tickersToKeep, threeTickers } from "./tickers.ts";

test("500 of 10,000 tickers are kept, all different and of six characters", () => {
  const tickers = tickersToKeep(10_000);
  expect(tickers).toHaveLength(500);
  expect(new Set(tickers).size).toBe(500);
  for (const ticker of tickers) expect(ticker).toMatch(/^I:Q[A-Z][A-Z][a-z]$/);
});

test("three of them come from the beginning, the middle and the end", () => {
  const all = tickersToKeep(10_000);
  expect(threeTickers(10_000).map((ticker) => all.indexOf(ticker))).toEqual([1, 250, 498]);
});
