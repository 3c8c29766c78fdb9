import { describe, expect, test } from "bun:test";
import { localTimeOf } from "../../../src/workflows/schedule/local-time.ts";
import { nightlyName, nightlyWeekdays, waitUntil } from "../../../src/workflows/schedule/job.ts";

const NOW_MS = Date.parse("2024-11-24T17:00:00Z");
const TUE_TO_SAT = [2, 3, 4, 5, 6];

describe("localTimeOf", () => {
  test.each<[string, string, string, readonly number[], number]>([
    ["America/New_York", "11:45", "11:45", TUE_TO_SAT, 0],
    // A time that New York's clock leaves out one night a year.
    ["America/New_York", "02:30", "02:30", TUE_TO_SAT, 0],
    ["America/Chicago", "11:45", "10:45", TUE_TO_SAT, 0],
    ["America/Phoenix", "11:45", "09:45", TUE_TO_SAT, 60],
    ["UTC", "11:45", "16:45", TUE_TO_SAT, 60],
    // The weeks between the two continents' changes.
    ["Europe/Berlin", "11:45", "17:45", TUE_TO_SAT, 60],
    ["Asia/Kolkata", "11:45", "22:15", TUE_TO_SAT, 60],
    ["Asia/Tokyo", "11:45", "01:45", [3, 4, 5, 6, 7], 60],
    // Summer there is winter here.
    ["Australia/Sydney", "11:45", "03:45", [3, 4, 5, 6, 7], 120],
    ["Pacific/Honolulu", "03:30", "22:30", [1, 2, 3, 4, 5], 60],
  ])("in %s for %s New York: %s", (zone, time, local, weekdays, laterMinutes) => {
    expect(localTimeOf(time, TUE_TO_SAT, zone, NOW_MS)).toEqual({ time: local, weekdays, laterMinutes });
  });

  test("is never earlier in New York than meant, on any day of the year", () => {
    for (const zone of [
      "Europe/Berlin",
      "Australia/Sydney",
      "Asia/Tokyo",
      "America/Santiago",
      "Africa/Cairo",
    ]) {
      const { time, laterMinutes } = localTimeOf("11:45", TUE_TO_SAT, zone, NOW_MS);
      const late = Array.from({ length: 365 }, (_, day) => {
        const date = Temporal.PlainDate.from("2024-11-25").add({ days: day });
        const there = date.toZonedDateTime({ timeZone: zone, plainTime: time });
        const { hour, minute } = there.withTimeZone("America/New_York");
        return hour * 60 + minute - (11 * 60 + 45);
      });
      expect([zone, Math.min(...late), Math.max(...late)]).toEqual([zone, 0, laterMinutes]);
    }
  });
});

test.each([
  [[], [2, 3, 4, 5, 6]],
  [["indices", "stocks", "options"] as const, [2, 3, 4, 5, 6]],
  [["forex"] as const, [1, 2, 3, 4, 5, 6]],
  [["indices", "crypto"] as const, [1, 2, 3, 4, 5, 6, 7]],
])("the mornings after sessions of %j are %j", (datasets, weekdays) => {
  expect(nightlyWeekdays([...datasets])).toEqual(weekdays);
});

test("the name of a data directory stays, and no other has it", () => {
  expect(nightlyName("/home/me/market/data")).toBe("massive-backfill-99d6970c");
  expect(nightlyName("/home/me/market/data2")).not.toBe(nightlyName("/home/me/market/data"));
});

test.each([
  ["11:45", "13:45"],
  ["09:30", "11:30"],
  ["20:00", "22:00"],
  ["09:29", null],
  ["20:01", null],
  ["00:05", null],
])("a run at %s waits until %p", (time, until) => {
  expect(waitUntil(time)).toBe(until);
});
