import { expect, test } from "bun:test";
import { figure, target, verdict } from "./figures.ts";

test.each([
  [0.545, "s", "0.55 s"],
  [11.17, "s", "11.2 s"],
  [123.4, "s", "123 s"],
  [1.666, "×", "1.67 ×"],
  [36.6, "ms", "37 ms"],
  [199.6, "MB", "200 MB"],
  [15.31, "MB/s", "15.3 MB/s"],
  [349_123, "rows/s", "349,123 rows/s"],
] as const)("%d in %s is %s", (value, unit, expected) => {
  expect(figure(value, unit)).toBe(expected);
});

const finding = { what: "", value: 1, unit: "rows/s", bound: "≥", target: 500_000, note: null } as const;

test("a target has its bound and its unit", () => {
  expect(target({ ...finding, reached: true })).toBe("≥ 500,000 rows/s");
});

test("a verdict is one word for each case", () => {
  expect([true, false, null].map((reached) => verdict({ ...finding, reached }))).toEqual([
    "reached",
    "missed",
    "not judged",
  ]);
});
