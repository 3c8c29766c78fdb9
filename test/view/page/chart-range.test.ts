import { expect, test } from "bun:test";
import { addMonths, nextDay, timeframeFor } from "../../../src/view/page/chart-range.ts";

test.each([
  ["2024-03-15", -1, "2024-02-15"],
  ["2024-03-31", -1, "2024-02-29"],
  ["2023-03-31", -1, "2023-02-28"],
  ["2024-12-31", 1, "2025-01-31"],
  ["2024-01-10", -1, "2023-12-10"],
  ["2024-02-29", 12, "2025-02-28"],
  ["2024-02-29", -12, "2023-02-28"],
])("%s and %i months is %s", (date, months, other) => {
  expect(addMonths(date, months)).toBe(other);
});

test.each([
  ["stocks", "2024-11-22", 1, "2024-11-25"],
  ["stocks", "2024-11-25", -1, "2024-11-22"],
  ["crypto", "2024-11-22", 1, "2024-11-23"],
  ["forex", "2024-11-22", 1, "2024-11-24"],
])("after a day of %s, %s, comes in direction %i %s", (dataset, date, direction, next) => {
  expect(nextDay(dataset, date, direction)).toBe(next);
});

test.each([
  ["stocks", "2024-11-22", "2024-11-22", "1m"],
  ["stocks", "2024-11-15", "2024-11-22", "5m"],
  ["stocks", "2023-11-22", "2024-11-22", "1d"],
  ["crypto", "2024-11-15", "2024-11-22", "30m"],
])("%s from %s to %s are read best in %s", (dataset, from, to, timeframe) => {
  expect(timeframeFor(dataset, from, to)).toBe(timeframe);
});
