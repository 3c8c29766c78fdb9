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
  withoutBars: null,
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
  expect(showText(CHART, { columns: 80, colour: false, chosen: false })).toMatchSnapshot();
});

test("a timeframe that was chosen here is told to be so", () => {
  expect(showText(CHART, { columns: 80, colour: false, chosen: true })).toContain(
    "\none candle = 15m, the finest that fits · choose with --timeframe · New York time\n",
  );
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
  expect(showText(chart, { columns: 60, colour: false, chosen: false })).toMatchSnapshot();
});

test("a range tells its days by state, and many bars share columns", () => {
  const days = [
    ...CHART.days,
    { date: "2024-11-23", state: "closed", source: null, provisional: false, bars: 0, expected: null },
    { date: "2024-11-25", state: "missing", source: null, provisional: false, bars: 0, expected: null },
  ] as const;
  const chart: Chart = { ...CHART, to: "2024-11-25", days, made: "now" };
  expect(showText(chart, { columns: 30, colour: false, chosen: false })).toMatchSnapshot();
});

test.each([
  ["weekend", "the market is closed on 2024-11-22, a Friday (weekend)"],
  ["holiday", "the market is closed on 2024-11-22 (holiday)"],
  ["before-history", "the vendor's history of stocks begins on 2003-09-10"],
  ["no-bars", "2024-11-22 was fetched, and the source has none of AAPL"],
  ["outside-session", "873 minutes outside the session (see them with --timeframe=1m)"],
] as const)("a day without bars says why: %s", (withoutBars, words) => {
  const chart = { ...CHART, bars: [], withoutBars };
  expect(showText(chart, { columns: 80, colour: false, chosen: true })).toBe(
    `AAPL (stocks)  2024-11-22\nno bars: ${words}\n`,
  );
});

test("a small volume is told to the last digit", () => {
  const [bar] = CHART.bars;
  const bars = bar === undefined ? [] : [{ ...bar, volume: 0.0425 }];
  expect(showText({ ...CHART, bars }, { columns: 80, colour: false, chosen: false })).toContain(
    "Volume 0.0425\n",
  );
});

test("a day on which the price does not move tells it once", () => {
  const bars = CHART.bars.map((bar) => ({ ...bar, open: 5, high: 5, low: 5, close: 5 }));
  const [, , ...lines] = showText({ ...CHART, bars }, { columns: 80, colour: false, chosen: false }).split(
    "\n",
  );
  expect(lines.filter((line) => line.includes("┤"))).toEqual([`  5.00 ┤${"─ ".repeat(26).trimEnd()}`]);
});

test.each([8, 12, 20, 30, 40, 60, 80, 120])("no line is wider than a terminal of %p columns", (columns) => {
  const days = [...CHART.days, ...CHART.days];
  const holes = [{ from: OPEN_MS, to: OPEN_MS + MINUTE_MS, minutes: 1 }];
  const bars = Array.from({ length: 40 }, () => CHART.bars).flat();
  for (const chart of [CHART, { ...CHART, days, bars, holes, to: "2024-11-26", made: "now" } as const])
    for (const line of showText(chart, { columns, colour: false, chosen: false }).split("\n"))
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
});

test("one of a thing is told in the singular", () => {
  const [bar] = CHART.bars;
  const chart: Chart = {
    ...CHART,
    to: "2024-11-25",
    timeframe: "1d",
    days: CHART.days.map((day) => ({ ...day, bars: 1 })),
    holes: [{ from: OPEN_MS, to: OPEN_MS + MINUTE_MS, minutes: 1 }],
    bars: bar === undefined ? [] : [bar],
  };
  const text = showText(chart, { columns: 80, colour: false, chosen: false });
  expect(text).toContain("  1 1d bar\n");
  expect(text).toContain("\n  2024-11-22 09:30: 1 minute\n");
  expect(text).not.toMatch(/\b1 (?:\w+ )?(?:bars|days|minutes|columns)\b/);
  expect(
    showText(
      { ...chart, days: [...chart.days, ...chart.days] },
      { columns: 80, colour: false, chosen: false },
    ),
  ).toContain("\n2 days complete\n");
});
