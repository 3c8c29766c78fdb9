import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  addDays,
  CHICAGO,
  dateInZone,
  dateOfEpochDay,
  datesBetween,
  epochDayOf,
  isDate,
  NEW_YORK,
  newYorkDate,
  weekdayOf,
  zonedTimeMs,
} from "../../src/core/dates.ts";

describe("isDate", () => {
  test.each(["2024-11-24", "2024-02-29", "2000-02-29", "1999-12-31", "2003-09-10"])("takes %s", (text) => {
    expect(isDate(text)).toBe(true);
  });

  test.each([
    "",
    "2024-02-30",
    "2023-02-29",
    "1900-02-29",
    "2024-13-01",
    "2024-00-10",
    "2024-01-00",
    "2024-04-31",
    "2024-1-5",
    "24-01-05",
    "2024/01/05",
    "20240105",
    " 2024-01-05",
    "2024-01-05 ",
    "2024-01-05\n",
    "2024-01-05T00:00",
    "+002024-01-05",
    "yesterday",
  ])("refuses %j", (text) => {
    expect(isDate(text)).toBe(false);
  });
});

describe("addDays", () => {
  test("crosses months, years and leap days", () => {
    expect([
      addDays("2024-02-28", 1),
      addDays("2024-02-28", 2),
      addDays("2023-02-28", 1),
      addDays("2024-12-31", 1),
      addDays("2025-01-01", -1),
      addDays("2024-11-24", -90),
      addDays("2024-11-24", 0),
    ]).toEqual([
      "2024-02-29",
      "2024-03-01",
      "2023-03-01",
      "2025-01-01",
      "2024-12-31",
      "2024-08-26",
      "2024-11-24",
    ]);
  });
});

describe("weekdayOf", () => {
  test("counts from 1 for Monday to 7 for Sunday", () => {
    const week = datesBetween("2024-11-18", "2024-11-24");
    expect(week.map(weekdayOf)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describe("datesBetween", () => {
  test("includes both ends", () => {
    expect(datesBetween("2024-02-27", "2024-03-01")).toEqual([
      "2024-02-27",
      "2024-02-28",
      "2024-02-29",
      "2024-03-01",
    ]);
  });

  test("is one date from a date to itself, and none backwards", () => {
    expect(datesBetween("2024-11-24", "2024-11-24")).toEqual(["2024-11-24"]);
    expect(datesBetween("2024-11-25", "2024-11-24")).toEqual([]);
  });
});

describe("zones", () => {
  test("a clock time is another instant in summer and in winter", () => {
    expect(zonedTimeMs("2024-07-01", "09:30", NEW_YORK)).toBe(Date.UTC(2024, 6, 1, 13, 30));
    expect(zonedTimeMs("2024-12-02", "09:30", NEW_YORK)).toBe(Date.UTC(2024, 11, 2, 14, 30));
    expect(zonedTimeMs("2024-12-02", "00:00", CHICAGO)).toBe(Date.UTC(2024, 11, 2, 6));
  });

  test("the days of the clock changes are 23 and 25 hours long", () => {
    const hours = ["2024-03-10", "2024-11-03", "2024-11-04"].map(
      (date) =>
        (zonedTimeMs(addDays(date, 1), "00:00", NEW_YORK) - zonedTimeMs(date, "00:00", NEW_YORK)) / 3_600_000,
    );
    expect(hours).toEqual([23, 25, 24]);
  });

  test("the date changes at midnight of the zone", () => {
    const midnightMs = Date.UTC(2024, 10, 23, 5);
    expect([newYorkDate(midnightMs - 1), newYorkDate(midnightMs)]).toEqual(["2024-11-22", "2024-11-23"]);
    expect(dateInZone(midnightMs, CHICAGO)).toBe("2024-11-22");
    expect(dateInZone(midnightMs, "UTC")).toBe("2024-11-23");
  });
});

describe("epoch days", () => {
  test("count from 1970-01-01", () => {
    expect([epochDayOf("1970-01-01"), epochDayOf("1970-01-02"), epochDayOf("2024-11-22")]).toEqual([
      0, 1, 20_049,
    ]);
    expect(epochDayOf("1969-12-31")).toBe(-1);
  });

  test("and dates are one another's inverse", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50_000 }), (epochDay) => {
        const date = dateOfEpochDay(epochDay);
        expect(isDate(date)).toBe(true);
        expect(epochDayOf(date)).toBe(epochDay);
        expect(addDays("1970-01-01", epochDay)).toBe(date);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
