import { describe, expect, test } from "bun:test";
import { MINUTE_MS, type Bar } from "../../../src/core/bar.ts";
import { sessionOf } from "../../../src/core/sessions.ts";
import { ONE_DAY } from "../../../src/core/timeframes.ts";
import { dayBarStartMs, dayWindows } from "../../../src/core/windows.ts";
import { aggregateBars } from "../../../src/workflows/aggregate/aggregate-bars.ts";

const DATE = "2024-11-22";
const OPEN_MS = sessionOf("stocks", DATE)?.openMs ?? 0;

function minute(offset: number, fields: Partial<Bar>): Bar {
  const flat = { open: 10, high: 10, low: 10, close: 10, volume: null, vwap: null, transactions: null };
  return { windowStartMs: OPEN_MS + offset * MINUTE_MS, ...flat, ...fields };
}

function aggregated(minutes: readonly Bar[], timeframeMinutes: number): Bar[] {
  const windows = dayWindows("stocks", DATE, "regular");
  if (windows === null) throw new Error("no session");
  return aggregateBars(minutes, timeframeMinutes, windows, dayBarStartMs("stocks", DATE, "regular"));
}

test("a bar has the first open, the highest high, the lowest low, the last close and all the trades", () => {
  const minutes = [
    minute(1, { open: 10, high: 12, low: 9, close: 11, volume: 0.1, vwap: 10.5, transactions: 3 }),
    minute(3, { open: 11, high: 15, low: 10, close: 14, volume: 0.2, vwap: 12, transactions: 4 }),
    minute(4, { open: 14, high: 14, low: 8, close: 13, volume: 0.3, vwap: 13, transactions: 5 }),
  ];
  expect(aggregated(minutes, 5)).toEqual([
    {
      windowStartMs: OPEN_MS,
      open: 10,
      high: 15,
      low: 8,
      close: 13,
      volume: 0.6,
      vwap: 12.25,
      transactions: 12,
    },
  ]);
});

test("a window without a minute has no bar", () => {
  const bars = aggregated([minute(0, {}), minute(10, {})], 5);
  expect(bars.map(({ windowStartMs }) => (windowStartMs - OPEN_MS) / MINUTE_MS)).toEqual([0, 10]);
});

test("minutes outside of the session do not count", () => {
  const bars = aggregated([minute(-1, { high: 99 }), minute(0, {}), minute(390, { low: 1 })], ONE_DAY);
  expect(bars).toEqual([minute(0, {})]);
});

test("no minutes make no bars", () => {
  expect(aggregated([], ONE_DAY)).toEqual([]);
});

function vwapOf(...minutes: Partial<Bar>[]): number | null | undefined {
  const [bar] = aggregated(
    minutes.map((fields, index) => minute(index, fields)),
    5,
  );
  return bar?.vwap;
}

describe("the vwap", () => {
  test("counts no minute without volume", () => {
    expect(vwapOf({ volume: 2, vwap: 10 }, { volume: 0, vwap: 99 }, { volume: null, vwap: null })).toBe(10);
  });
  test("is not known if that of a minute with volume is not", () => {
    expect(vwapOf({ volume: 2, vwap: 10 }, { volume: 2, vwap: null })).toBeNull();
  });
  test("is none where nothing was traded", () => {
    expect(vwapOf({ volume: 0, vwap: 10 })).toBeNull();
    expect(vwapOf({})).toBeNull();
  });
});

test("volume and trades stay unknown where no minute says them, and 0 where they are 0", () => {
  expect(aggregated([minute(0, {})], 5)).toMatchObject([{ volume: null, transactions: null }]);
  expect(aggregated([minute(0, { volume: 0, transactions: 0 })], 5)).toMatchObject([
    { volume: 0, transactions: 0 },
  ]);
});
