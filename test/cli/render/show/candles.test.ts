import { expect, test } from "bun:test";
import { blockRow, candleRows } from "../../../../src/cli/render/show/candles.ts";

const CANDLES = [
  { open: 2, high: 6, low: 1, close: 4 },
  { open: 4, high: 5, low: 2, close: 3 },
  null,
  { open: 3, high: 4, low: 2, close: 3 },
];

test("rising candles are hollow, falling ones full, and wicks reach to high and low", () => {
  expect(candleRows(CANDLES, { rows: 6, colour: false })).toEqual([
    "│   ",
    "││  ",
    "║┃ │",
    "║┃ ─",
    "║│ │",
    "│   ",
  ]);
});

test("with colours rising is green and falling red", () => {
  expect(candleRows(CANDLES, { rows: 6, colour: true })[2]).toBe(
    "\u001B[32m║\u001B[39m\u001B[31m┃\u001B[39m │",
  );
});

test("prices that are all the same are one line in the middle", () => {
  const flat = { open: 5, high: 5, low: 5, close: 5 };
  expect(candleRows([flat, flat], { rows: 3, colour: false })).toEqual(["  ", "──", "  "]);
});

test("volumes are blocks, the largest a full one", () => {
  expect(blockRow([0, 1, 4, 8, null])).toBe(" ▂▅█ ");
  expect(blockRow([null, null])).toBe("  ");
});
