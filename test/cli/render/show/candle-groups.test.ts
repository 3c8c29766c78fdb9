import { describe, expect, test } from "bun:test";
import { candleGroups } from "../../../../src/cli/render/show/candle-groups.ts";
import { MINUTE_MS } from "../../../../src/core/bar.ts";
import { NEW_YORK, zonedTimeMs } from "../../../../src/core/dates.ts";

const OPEN_MS = zonedTimeMs("2024-11-22", "09:30", NEW_YORK);

function barAt(timestamp: number) {
  const prices = { open: 1, high: 1, low: 1, close: 1 };
  return { timestamp, ...prices, volume: 1, vwap: null, trades: 1, incomplete: false };
}

function minutes(fromMs: number, count: number) {
  return Array.from({ length: count }, (_, minute) => barAt(fromMs + minute * MINUTE_MS));
}

function grouped(bars: readonly ReturnType<typeof barAt>[], timeframe: string, room: number) {
  const { groups, candle } = candleGroups({ dataset: "stocks", timeframe, bars }, room);
  return { candle, groups: groups.map((group) => [group.startMs, group.bars.length]) };
}

test("bars that fit are a candle each", () => {
  expect(grouped(minutes(OPEN_MS, 2), "1m", 2)).toEqual({
    candle: "1m",
    groups: [
      [OPEN_MS, 1],
      [OPEN_MS + MINUTE_MS, 1],
    ],
  });
});

describe("more bars than columns", () => {
  test("become candles of one length, counted from the open", () => {
    const bars = minutes(OPEN_MS - 10 * MINUTE_MS, 70);
    expect(grouped(bars, "1m", 4)).toEqual({
      candle: "20m",
      groups: [-20, 0, 20, 40].map((minute, index) => [OPEN_MS + minute * MINUTE_MS, index === 0 ? 10 : 20]),
    });
  });

  test("leave out the time without bars", () => {
    const bars = [...minutes(OPEN_MS, 30), ...minutes(OPEN_MS + 300 * MINUTE_MS, 30)];
    expect(grouped(bars, "1m", 4).groups).toEqual(
      [0, 15, 300, 315].map((minute) => [OPEN_MS + minute * MINUTE_MS, 15]),
    );
  });

  test("are put together from whole bars only", () => {
    const bars = Array.from({ length: 26 }, (_, index) => barAt(OPEN_MS + index * 15 * MINUTE_MS));
    expect(grouped(bars, "15m", 13).candle).toBe("30m");
    expect(grouped(bars, "15m", 12).candle).toBe("1h");
  });

  test("do not mix days, until a day is one candle", () => {
    const opens = ["2024-11-19", "2024-11-20", "2024-11-21", "2024-11-22"].map((date) =>
      zonedTimeMs(date, "09:30", NEW_YORK),
    );
    const bars = opens.flatMap((openMs) => minutes(openMs, 390));
    expect(grouped(bars, "1m", 4)).toEqual({ candle: "1d", groups: opens.map((openMs) => [openMs, 390]) });
    expect(grouped(bars, "1m", 3)).toEqual({
      candle: "2 trading days",
      groups: [
        [opens[0] ?? 0, 780],
        [opens[2] ?? 0, 780],
      ],
    });
  });

  test("of days become candles of several days", () => {
    const bars = Array.from({ length: 250 }, (_, day) => barAt(OPEN_MS + day * 1440 * MINUTE_MS));
    expect(grouped(bars, "1d", 72).candle).toBe("4 trading days");
  });
});
