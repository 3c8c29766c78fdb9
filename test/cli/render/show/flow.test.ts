import { expect, test } from "bun:test";
import { flow } from "../../../../src/cli/render/show/flow.ts";

test("parts that fit are one line", () => {
  expect(flow(["Open 1", "High 2"], "   ", 15)).toEqual(["Open 1   High 2"]);
});

test("a part that does not fit begins the next line", () => {
  expect(flow(["Open 1", "High 2", "Low 3"], "   ", 14)).toEqual(["Open 1", "High 2   Low 3"]);
});

test("a part longer than a line is broken between words, as far in as it began", () => {
  expect(flow(["  one two three"], "", 9)).toEqual(["  one two", "  three"]);
  expect(flow(["abcdefgh"], "", 5)).toEqual(["abcde", "fgh"]);
});
