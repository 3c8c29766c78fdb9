import { expect, test } from "bun:test";
import { MINUTE_MS } from "../../../src/core/bar.ts";
import { barText, stockBars, stockDates, STOCKS } from "./stock-bars.ts";

const [date = ""] = stockDates(1);

test("a day is 3,125 bars, the same each time it is made", () => {
  const days = STOCKS.map((stock) => stockBars(stock, date));
  expect(days.flat()).toHaveLength(3125);
  expect(STOCKS.map((stock) => stockBars(stock, date))).toEqual(days);
});

test("bars follow each other within trading hours, and their prices agree", () => {
  for (const stock of STOCKS) {
    const bars = stockBars(stock, date);
    const minutes = bars.map((bar) => (bar.windowStartMs - Date.parse(`${date}T09:00:00Z`)) / MINUTE_MS);
    expect(minutes).toEqual([...new Set(minutes)].toSorted((a, b) => a - b));
    expect([minutes[0], (minutes.at(-1) ?? 960) < 960]).toEqual([0, true]);
    for (const { open, high, low, close, vwap } of bars)
      expect([high >= Math.max(open, close, vwap ?? 0), low <= Math.min(open, close)]).toEqual([true, true]);
  }
});

test("stocks and days differ", () => {
  const [one, other] = STOCKS;
  if (one === undefined || other === undefined) throw new Error("there are no stocks");
  const firsts = [stockBars(one, date), stockBars(other, date), stockBars(one, stockDates(2)[0] ?? "")];
  expect(new Set(firsts.map(([bar]) => bar?.volume)).size).toBe(3);
});

test("a bar is a line for COPY, its numbers as they are", () => {
  const prices = { open: 1.5, high: 2, low: 1.25, close: 1.75, volume: 100.000001, vwap: 1.6 };
  expect(barText("AAPL", { windowStartMs: 60_000, ...prices, transactions: 7 })).toBe(
    "AAPL\t1m\t60000\t1.5\t2\t1.25\t1.75\t100.000001\t1.6\t7",
  );
});
