import { expect, test } from "bun:test";
import { median } from "./statistics.ts";

test("the median is the middle by size, not by text, and leaves the samples as they were", () => {
  const samples = [100, 9, 20];
  expect(median(samples)).toBe(20);
  expect(samples).toEqual([100, 9, 20]);
});

test("the median of an even number is the mean of the two in the middle", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("there is no median of nothing", () => {
  expect(() => median([])).toThrow(RangeError);
});
