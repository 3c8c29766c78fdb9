import { expect, test } from "bun:test";
import { canHaveBars, sessionDates } from "../../src/core/session-dates.ts";

test("a date can have bars if it has a session and lies in the vendor's history", () => {
  expect(canHaveBars("indices", "2023-02-13")).toBe(false);
  expect(canHaveBars("indices", "2023-02-14")).toBe(true);
  expect(canHaveBars("stocks", "2023-02-13")).toBe(true);
  expect(canHaveBars("indices", "2024-11-28")).toBe(false);
  expect(canHaveBars("crypto", "2024-11-28")).toBe(true);
});

test("session dates end with today, both ends included", () => {
  const week = ["2024-11-25", "2024-11-26", "2024-11-27", "2024-11-29"];
  expect(sessionDates("stocks", "2024-11-23", "2024-12-01", "2024-12-31")).toEqual(week);
  expect(sessionDates("stocks", "2024-11-25", "2024-11-29", "2024-11-27")).toEqual(week.slice(0, 3));
  expect(sessionDates("stocks", "2024-11-25", "2024-11-27", "2024-11-29")).toEqual(week.slice(0, 3));
  expect(sessionDates("stocks", "2024-11-26", "2024-11-29", "2024-11-25")).toEqual([]);
});
