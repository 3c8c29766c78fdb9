import { expect, test } from "bun:test";
import { BackfillError } from "../../src/core/errors.ts";
import { copyText } from "../../src/postgres/copy-text.ts";
import { barRow, lineOf } from "./bars.ts";

const anyNumbers = { volumeIsInteger: false, tradesIsInteger: false };
const wholeNumbers = { volumeIsInteger: true, tradesIsInteger: true };

test("a bar is one line of tab-separated columns, absent values as \\N", () => {
  const row = barRow("SPX", 0, { open: 5950.25, high: 5951, low: 5949.5, close: 5950.75, volume: null });
  expect(lineOf(row, anyNumbers)).toBe(
    "SPX\t1m\t1732545000000\t5950.25\t5951\t5949.5\t5950.75\t\\N\t\\N\t\\N\n",
  );
});

test("bars of a series follow each other; none is no text", () => {
  const { symbol, timeframe, bar } = barRow("SPX", 0);
  const series = { symbol, timeframe, bars: [bar, barRow("SPX", 1).bar] };
  expect(copyText(series, anyNumbers)).toBe(
    "SPX\t1m\t1732545000000\t100\t101\t99\t100.5\t1000\t\\N\t\\N\nSPX\t1m\t1732545060000\t100\t101\t99\t100.5\t1000\t\\N\t\\N\n",
  );
  expect(copyText({ ...series, bars: [] }, anyNumbers)).toBe("");
});

test("numbers keep their value, however large or small", () => {
  const row = barRow("X", 0, {
    open: 1e-7,
    high: 123456789.012345,
    low: 2e21,
    close: 0.1,
    volume: 2036584.149027,
    vwap: 1.5,
    transactions: 3,
  });
  expect(lineOf(row, anyNumbers)).toBe(
    "X\t1m\t1732545000000\t1e-7\t123456789.012345\t2e+21\t0.1\t2036584.149027\t1.5\t3\n",
  );
});

test("whole-number columns get rounded values", () => {
  const row = barRow("X", 0, { volume: 2036584.649027, transactions: 3.4 });
  expect(lineOf(row, wholeNumbers)).toBe("X\t1m\t1732545000000\t100\t101\t99\t100.5\t2036585\t\\N\t3\n");
});

test("what COPY would take for structure is escaped", () => {
  expect(lineOf(barRow("a\tb\\N\nc\r", 0), anyNumbers).split("\t")[0]).toBe("a\\tb\\\\N\\nc\\r");
});

test.each([
  ["NUL", barRow("A\0B", 0), "Postgres cannot store a NUL character"],
  ["NaN", barRow("A", 0, { low: Number.NaN }), "the bar at 1732545000000 has a number that is not finite"],
  [
    "infinity",
    barRow("A", 0, { volume: Number.POSITIVE_INFINITY }),
    "the bar at 1732545000000 has a number that is not finite",
  ],
])("%s cannot be written", (_, row, reason) => {
  const write = () => lineOf(row, anyNumbers);
  expect(write).toThrow(BackfillError);
  expect(write).toThrow(reason);
});
