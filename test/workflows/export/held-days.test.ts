import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { daysOfText, daysText } from "../../../src/workflows/export/held-days.ts";

test("dates as text are those dates again", () => {
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 30_000 }), { maxLength: 400 });
  fc.assert(
    fc.property(days, (some) => {
      const sorted = some.toSorted((one, other) => one - other);
      expect(daysOfText(daysText(sorted))).toEqual(sorted);
    }),
  );
});

test("a year of dates is a short text", () => {
  const days = Array.from({ length: 366 }, (_, index) => 19_723 + index);
  expect(daysText(days).length).toBeLessThan(80);
});

test.each(["x", "12", "12:", ":AA==", "12:A-", "123456789:AA=="])("%p is no such text", (text) => {
  expect(daysOfText(text)).toBeNull();
});
