import { describe, expect, test } from "bun:test";
import { readColumns } from "../../src/csv/columns.ts";
import { dayBounds } from "../../src/core/day-bounds.ts";
import { readRow } from "../../src/csv/row.ts";

const BOUNDS = dayBounds("2024-11-22");
const INDICES = readColumns("ticker,open,close,high,low,window_start");
const GUIDE = readColumns("timestamp,ticker,open,high,low,close");
const NINE_THIRTY_MS = Date.UTC(2024, 10, 22, 14, 30);

function nanoseconds(epochMs: number): string {
  return `${BigInt(epochMs) * 1_000_000n}`;
}

function readStamp(windowStart: string, bounds = BOUNDS) {
  return readRow(["I:SPX", "2", "3", "4", "1", windowStart], INDICES, bounds);
}

function readGuide(timestamp: string, bounds = BOUNDS) {
  return readRow([timestamp, "I:SPX", "2", "4", "1", "3"], GUIDE, bounds);
}

function windowStartOf(read: ReturnType<typeof readRow>): number | string {
  return typeof read === "string" ? read : read.windowStartMs;
}

describe("stamps in nanoseconds", () => {
  test("keep every digit beyond 2^53", () => {
    expect(windowStartOf(readStamp("1732285800000000000"))).toBe(1_732_285_800_000);
  });

  test.each([
    "",
    "-68400000000000",
    "-1732285800000000000",
    "+1732285800000000000",
    "1.7322858e18",
    "1732285800000000000.0",
    "0x180A",
    " 1732285800000000000",
    "17322858000000000000",
    "2024-11-22T14:30:00Z",
    "now",
  ])("%j is not a stamp", (windowStart) => {
    expect(readStamp(windowStart)).toBe("not a stamp");
  });

  test.each([
    "1732285800000000001",
    "1732285799999999999",
    "1732285800000001000",
    "1732285800001000000",
    "1732285801000000000",
    "1732285830000000000",
  ])("%s is not a whole minute", (windowStart) => {
    expect(readStamp(windowStart)).toBe("not a whole minute");
  });

  test.each([
    ["the offset of a time zone", "68400000000000", "date of another day"],
    ["the day before", "1732199400000000000", "date of another day"],
    ["the day after", "1732372200000000000", "date of another day"],
    ["milliseconds", "1732285800000", "not a whole minute"],
    ["microseconds", "1732285800000000", "not a whole minute"],
  ])("%s are rejected", (_what, windowStart, reason) => {
    expect<string | object>(readStamp(windowStart)).toBe(reason);
  });
});

describe("stamps in ISO-8601", () => {
  test.each(["2024-11-22T14:30:00Z", "2024-11-22T14:30:00.000Z", "2024-11-22T14:30:00.000000000Z"])(
    "%s is read",
    (timestamp) => {
      expect(readGuide(timestamp)).toEqual({
        windowStartMs: NINE_THIRTY_MS,
        open: 2,
        high: 4,
        low: 1,
        close: 3,
        volume: null,
        vwap: null,
        transactions: null,
      });
    },
  );

  test.each([
    "",
    "2024-11-22",
    "2024-11-22 14:30:00Z",
    "2024-11-22T14:30:00",
    "2024-11-22T14:30Z",
    "2024-11-22T09:30:00-05:00",
    "2024-11-22T25:30:00Z",
    "2024-11-22T14:60:00Z",
    "2024-13-22T14:30:00Z",
    "2024-11-32T14:30:00Z",
    "1732285800000000000",
  ])("%j is not a stamp", (timestamp) => {
    expect(readGuide(timestamp)).toBe("not a stamp");
  });

  test("a date that no calendar has is not a stamp, even where it would fall on the file's day", () => {
    expect(readGuide("2024-02-30T14:30:00Z", dayBounds("2024-03-01"))).toBe("not a stamp");
    expect(readGuide("2023-02-29T14:30:00Z", dayBounds("2023-03-01"))).toBe("not a stamp");
  });

  test.each(["2024-11-22T14:30:01Z", "2024-11-22T14:30:00.001Z", "2024-11-22T14:30:00.000001Z"])(
    "%s is not a whole minute",
    (timestamp) => {
      expect(readGuide(timestamp)).toBe("not a whole minute");
    },
  );
});

describe("the day's bounds", () => {
  test.each([
    ["in winter", "2024-11-22", Date.UTC(2024, 10, 22), Date.UTC(2024, 10, 23, 6)],
    ["in summer", "2024-07-01", Date.UTC(2024, 6, 1), Date.UTC(2024, 6, 2, 5)],
    ["before clocks go forward", "2024-03-09", Date.UTC(2024, 2, 9), Date.UTC(2024, 2, 10, 6)],
    ["when clocks go forward", "2024-03-10", Date.UTC(2024, 2, 10), Date.UTC(2024, 2, 11, 5)],
    ["before clocks go back", "2024-11-02", Date.UTC(2024, 10, 2), Date.UTC(2024, 10, 3, 5)],
    ["when clocks go back", "2024-11-03", Date.UTC(2024, 10, 3), Date.UTC(2024, 10, 4, 6)],
    ["at the end of a year", "2024-12-31", Date.UTC(2024, 11, 31), Date.UTC(2025, 0, 1, 6)],
  ])("%s run from midnight UTC to midnight in Chicago", (_when, date, fromMs, toMs) => {
    const bounds = dayBounds(date);
    expect(bounds).toEqual({ fromMs, toMs });
    const read = (ms: number) => windowStartOf(readStamp(nanoseconds(ms), bounds));
    expect([read(fromMs - 60_000), read(fromMs), read(toMs - 60_000), read(toMs)]).toEqual([
      "date of another day",
      fromMs,
      toMs - 60_000,
      "date of another day",
    ]);
  });

  test("take a minute if its date is the file's in UTC, New York or Chicago, and no other", () => {
    const clocks = ["UTC", "America/New_York", "America/Chicago"].map(
      (timeZone) => new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }),
    );
    for (const date of ["2024-01-15", "2024-03-10", "2024-06-03", "2024-11-03"]) {
      const bounds = dayBounds(date);
      const middayMs = Date.parse(`${date}T12:00:00Z`);
      for (let ms = middayMs - 48 * 3_600_000; ms <= middayMs + 48 * 3_600_000; ms += 1_800_000) {
        const belongs = clocks.some((clock) => clock.format(ms) === date);
        const read = readStamp(nanoseconds(ms), bounds);
        expect([ms, windowStartOf(read)]).toEqual([ms, belongs ? ms : "date of another day"]);
      }
    }
  });
});
