import { expect, test } from "bun:test";
import { planningMs } from "../../src/workflows/context.ts";

const NOON_MS = Date.parse("2024-11-22T12:00:00-05:00");

test("a run plans for now", () => {
  expect(planningMs(undefined, NOON_MS)).toBe(NOON_MS);
});

test("--today is the evening of a day that is over", () => {
  expect(planningMs("2024-11-21", NOON_MS)).toBe(Date.parse("2024-11-21T21:00:00-05:00"));
  expect(planningMs("2024-07-10", NOON_MS)).toBe(Date.parse("2024-07-10T21:00:00-04:00"));
});

test("--today never reaches beyond the clock", () => {
  expect(planningMs("2024-11-22", NOON_MS)).toBe(NOON_MS);
  const lateMs = Date.parse("2024-11-22T21:00:00.001-05:00");
  expect(planningMs("2024-11-22", lateMs)).toBe(lateMs - 1);
});
