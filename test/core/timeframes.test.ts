import { expect, test } from "bun:test";
import { ONE_MINUTE, timeframeName } from "../../src/core/timeframes.ts";

test("timeframes are named in minutes, whole hours and whole days", () => {
  expect([ONE_MINUTE, 5, 15, 30, 60, 90, 240, 1440, 2880].map(timeframeName)).toEqual([
    "1m",
    "5m",
    "15m",
    "30m",
    "1h",
    "90m",
    "4h",
    "1d",
    "2d",
  ]);
});
