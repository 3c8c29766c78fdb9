import { expect, test } from "bun:test";
import { array, assert, integer, property } from "fast-check";
import { decimalSum } from "../../src/core/sum.ts";

test("decimals are added as they are written", () => {
  expect(decimalSum([0.1, 0.2])).toBe(0.3);
  expect(decimalSum([2_036_584.149027, 0.000001, 10])).toBe(2_036_594.149028);
  expect(decimalSum([1e-8, 2e-8, 0.1])).toBe(0.10000003);
  expect(decimalSum([1, 2, 3])).toBe(6);
  expect(decimalSum([])).toBe(0);
});

test("whatever the order, the sum is that of the texts", () => {
  const millionths = array(integer({ min: 0, max: 999_999_999 }), { maxLength: 400 });
  assert(
    property(millionths, (values) => {
      const exact = values.reduce((sum, value) => sum + BigInt(value), 0n);
      const text = `${exact / 1_000_000n}.${String(exact % 1_000_000n).padStart(6, "0")}`;
      const decimals = values.map((value) => value / 1e6);
      expect(decimalSum(decimals)).toBe(Number(text));
      expect(decimalSum(decimals.toReversed())).toBe(Number(text));
    }),
  );
});
