import { expect, test } from "bun:test";
import { knownName } from "../../../src/view/page/known-name.ts";

const SYMBOLS = ["BCpC", "SPX", "X:BTC-USD", "abc", "ABC"].map((symbol) => ({ symbol }));

test.each([
  ["SPX", "SPX"],
  ["spx", "SPX"],
  ["Spx", "SPX"],
  ["x:btc-usd", "X:BTC-USD"],
  ["bcpc", "BCpC"],
  ["BCpC", "BCpC"],
  ["abc", "abc"],
  ["Abc", "ABC"],
])("%s is %s", (typed, name) => {
  expect(knownName(typed, SYMBOLS)).toBe(name);
});

test("capitals are no other stock's small letters", () => {
  expect(knownName("BCPC", SYMBOLS)).toBe("BCPC");
});

test("what nobody knows stays as it was typed", () => {
  expect(knownName("ndx", SYMBOLS)).toBe("ndx");
});
