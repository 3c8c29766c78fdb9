import { expect, test } from "bun:test";
import { amountText, bytesText, durationText, gapsText, plural } from "../../../src/view/page/words.ts";

test.each([
  [0, "0"],
  [0.00021, "0.00021"],
  [0.00000001, "0.00000001"],
  [1234.5, "1,234.5"],
  [0.1 + 0.2, "0.3"],
  [12_345_678, "12,345,678"],
])("an amount of %d is written as %s", (amount, text) => {
  expect(amountText(amount)).toBe(text);
});

test.each([
  [999, "999 B"],
  [12_345_678, "12.3 MB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [2240, "2.2 s"],
  [185_000, "3 min 05 s"],
  [4_800_000, "1 h 20 min"],
])("%d ms are %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test("one is one", () => {
  expect([plural(1, "day"), plural(1002, "day")]).toEqual(["1 day", "1,002 days"]);
});

test("gaps are named by their minutes, of very many the first ones", () => {
  const gaps = ["09:31", "09:33", "09:35", "09:37", "09:39"].map((at) => ({ from: at, to: at }));
  const six = [{ from: "09:20", to: "09:28" }, ...gaps];
  const words = "09:20 to 09:28, 09:31, 09:33, 09:35, 09:37, 09:39";
  expect(gapsText(six)).toBe(words);
  expect(gapsText([...six, ...gaps.slice(0, 1)])).toBe(`${words} and 1 more gap`);
  expect(gapsText([...six, ...gaps])).toBe(`${words} and 5 more gaps`);
});
