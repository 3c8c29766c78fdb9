import { expect, test } from "bun:test";
import { showText } from "../../../../src/cli/render/show/text.ts";
import { MINUTE_MS } from "../../../../src/core/bar.ts";
import { NEW_YORK, zonedTimeMs } from "../../../../src/core/dates.ts";
import type { Chart } from "../../../../src/workflows/chart/chart.ts";

const DATE = "2024-11-22";
const OPEN_MS = zonedTimeMs(DATE, "09:30", NEW_YORK);

function cents(price: number): number {
  return Number(price.toFixed(2));
}

const CHART: Chart = {
  dataset: "stocks",
  ticker: "AAPL",
  symbol: "AAPL",
  timeframe: "15m",
  from: DATE,
  to: DATE,
  session: "regular",
  made: "cached",
  days: [
    { date: DATE, state: "complete", source: "flatfile", provisional: false, bars: 873, expected: null },
  ],
  holes: [],
  bars: Array.from({ length: 26 }, (_, index) => {
    const price = cents(228 + 2 * Math.sin(index / 4));
    const close = cents(228 + 2 * Math.sin((index + 1) / 4));
    return {
      timestamp: OPEN_MS + index * 15 * MINUTE_MS,
      open: price,
      high: cents(Math.max(price, close) + 0.3),
      low: cents(Math.min(price, close) - 0.3),
      close,
      volume: 1000 * (1 + Math.abs(index - 13)),
      vwap: null,
      trades: 10,
      incomplete: false,
    };
  }),
};

test("a day is drawn with its prices, volume and source", () => {
  expect(showText(CHART, { columns: 80, colour: false })).toMatchSnapshot();
});

test("an index with gaps shows where they are, and no volume", () => {
  const holes = [
    { from: OPEN_MS + 47 * MINUTE_MS, to: OPEN_MS + 48 * MINUTE_MS, minutes: 1 },
    { from: OPEN_MS + 380 * MINUTE_MS, to: OPEN_MS + 390 * MINUTE_MS, minutes: 10 },
  ];
  const chart: Chart = {
    ...CHART,
    dataset: "indices",
    ticker: "I:SPX",
    symbol: "SPX",
    holes,
    days: [{ date: DATE, state: "partial", source: "api", provisional: true, bars: 379, expected: 390 }],
    bars: CHART.bars.map((bar) => ({ ...bar, volume: null })),
  };
  expect(showText(chart, { columns: 60, colour: false })).toMatchSnapshot();
});

test("a range tells its days by state, and many bars share columns", () => {
  const days = [
    ...CHART.days,
    { date: "2024-11-23", state: "closed", source: null, provisional: false, bars: 0, expected: null },
    { date: "2024-11-25", state: "missing", source: null, provisional: false, bars: 0, expected: null },
  ] as const;
  const chart: Chart = { ...CHART, to: "2024-11-25", days, made: "now" };
  expect(showText(chart, { columns: 30, colour: false })).toMatchSnapshot();
});

test("a day without bars says why", () => {
  const days = [
    { date: DATE, state: "denied", source: null, provisional: false, bars: 0, expected: null },
  ] as const;
  expect(showText({ ...CHART, days, bars: [] }, { columns: 80, colour: false })).toBe(
    "AAPL (stocks)  2024-11-22  0 15m bars\nnot in your plan: 0 minutes\n",
  );
});
