import { expect, test } from "bun:test";
import { formatBytes, formatCount, formatDuration, plural } from "../../src/core/format.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1234, "1.2 kB"],
  [999_499, "999.5 kB"],
  [999_500, "1.0 MB"],
  [1_234_567, "1.2 MB"],
  [149_000_000, "149.0 MB"],
  [7_890_000_000, "7.9 GB"],
  [1_500_000_000_000, "1.5 TB"],
  [1_500_000_000_000_000, "1500.0 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [12_345.4, "12,345"],
  [12_345.5, "12,346"],
  [1_234_567, "1,234,567"],
])("%d is written %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [0, "0.0 s"],
  [49, "0.0 s"],
  [51, "0.1 s"],
  [59_949, "59.9 s"],
  [59_950, "1 min 00 s"],
  [60_000, "1 min 00 s"],
  [185_000, "3 min 05 s"],
  [3_599_400, "59 min 59 s"],
  [3_599_500, "1 h 00 min"],
  [7_800_000, "2 h 10 min"],
  [90_000_000, "25 h 00 min"],
])("%d ms are %s", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test.each([
  [0, "day", "0 days"],
  [1, "day", "1 day"],
  [2, "day", "2 days"],
  [1234, "file", "1,234 files"],
  [1, "batch", "1 batch"],
  [2, "batch", "2 batches"],
  [2, "API request", "2 API requests"],
])("%d of %s are %s", (count, noun, text) => {
  expect(plural(count, noun)).toBe(text);
});
