import { expect, test } from "bun:test";
import { rangeOf } from "./objects.ts";

test.each([
  [null, undefined],
  ["bytes=0-0", { start: 0, end: 1 }],
  ["bytes=10-99", { start: 10, end: 100 }],
  ["bytes=10-", { start: 10, end: 100 }],
  ["bytes=90-200", { start: 90, end: 100 }],
  ["bytes=100-", null],
  ["bytes=7-3", null],
  ["bytes=-5", undefined],
  ["lines=1-2", undefined],
])("of 100 bytes, %s asks for %j", (header, expected) => {
  expect(rangeOf(header, 100)).toEqual(expected);
});
