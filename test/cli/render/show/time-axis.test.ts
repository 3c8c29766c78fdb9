import { describe, expect, test } from "bun:test";
import { timeAxis } from "../../../../src/cli/render/show/time-axis.ts";
import { MINUTE_MS } from "../../../../src/core/bar.ts";
import { addDays, NEW_YORK, zonedTimeMs } from "../../../../src/core/dates.ts";

const ONE_DAY = { dataset: "stocks", from: "2024-11-22", to: "2024-11-22" } as const;
const SEVERAL_DAYS = { dataset: "stocks", from: "2024-11-01", to: "2025-01-31" } as const;

/** Columns of so many minutes each, from the open of each day. */
function columnsOf(dates: readonly string[], perDay: number, minutes: number) {
  return dates.flatMap((date) => {
    const openMs = zonedTimeMs(date, "09:30", NEW_YORK);
    return Array.from({ length: perDay }, (_, index) => ({ startMs: openMs + index * minutes * MINUTE_MS }));
  });
}

function days(from: string, count: number) {
  return Array.from({ length: count }, (_, index) => addDays(from, index));
}

describe("the axis of one day", () => {
  test("has a time every dozen columns", () => {
    expect(timeAxis(ONE_DAY, columnsOf(["2024-11-22"], 26, 15))).toBe("┴09:30──────┴12:30────────");
  });

  test("has no part of a time where its end leaves no room", () => {
    expect(timeAxis(ONE_DAY, columnsOf(["2024-11-22"], 17, 15))).toBe("┴09:30───────────");
    expect(timeAxis(ONE_DAY, columnsOf(["2024-11-22"], 3, 15))).toBe("───");
  });
});

describe("the axis of several days", () => {
  test("has the date where each day begins", () => {
    expect(timeAxis(SEVERAL_DAYS, columnsOf(days("2024-11-19", 4), 13, 30))).toBe(
      "┴2024-11-19──┴11-20───────┴11-21───────┴11-22───────",
    );
  });

  test("has times between dates that are far apart", () => {
    expect(timeAxis(SEVERAL_DAYS, columnsOf(days("2024-11-21", 2), 26, 15))).toBe(
      "┴2024-11-21─┴12:30────────┴11-22──────┴12:30────────",
    );
  });

  test("leaves the year out where it would hide the next day", () => {
    expect(timeAxis(SEVERAL_DAYS, columnsOf(days("2024-11-19", 4), 7, 60))).toBe(
      "┴11-19─┴11-20─┴11-21─┴11-22─",
    );
  });

  test("leaves out dates that would meet, and tells a new year", () => {
    expect(timeAxis(SEVERAL_DAYS, columnsOf(days("2024-12-22", 26), 1, 1440))).toBe(
      "┴2024-12-22─┴2025-01-03─┴─",
    );
  });

  test("marks days at the end whose date has no room", () => {
    expect(timeAxis(SEVERAL_DAYS, columnsOf(days("2024-11-19", 2), 13, 30).slice(0, 16))).toBe(
      "┴2024-11-19──┴──",
    );
  });
});
