import { expect, test } from "bun:test";
import { volumeText } from "../../../../src/cli/render/show/volume.ts";

test.each([
  [0, "0"],
  [0.000_001, "0.000001"],
  [0.1 + 0.2, "0.3"],
  [8407.125, "8,407.125"],
  [9999, "9,999"],
  [10_000, "10.0k"],
  [12_345, "12.3k"],
  [999_499, "999k"],
  [999_500, "1.00M"],
  [4_560_000, "4.56M"],
  [20_303_360, "20.3M"],
  [3.2e9, "3.20B"],
  [1.5e12, "1.50T"],
  [2.5e16, "25,000T"],
])("a volume of %p is shown as %s", (volume, text) => {
  expect(volumeText(volume)).toBe(text);
});
