import type { Bar } from "../../src/core/bar.ts";

/** One bar as a line of text: equal bars, equal lines, wherever they were read. */
export function barLine(symbol: string, timeframe: string, bar: Bar): string {
  const stamp = new Date(bar.windowStartMs).toISOString().slice(0, 16);
  const values = [bar.open, bar.high, bar.low, bar.close, bar.volume, bar.vwap, bar.transactions];
  return `${symbol} ${timeframe} ${stamp} ${values.map((value) => value ?? "-").join(" ")}`;
}

const SHOWN = 5;

/** How two lists of lines differ: empty if they hold the same lines; else the first few that only one has. */
export function differences(actual: readonly string[], expected: readonly string[]): string[] {
  const [has, should] = [new Set(actual), new Set(expected)];
  const missing = expected.filter((line) => !has.has(line)).map((line) => `missing: ${line}`);
  const extra = actual.filter((line) => !should.has(line)).map((line) => `not expected: ${line}`);
  const doubled = actual.length - has.size;
  return [
    ...missing.slice(0, SHOWN),
    ...extra.slice(0, SHOWN),
    ...(missing.length > SHOWN ? [`${missing.length} are missing in all`] : []),
    ...(extra.length > SHOWN ? [`${extra.length} are not expected in all`] : []),
    ...(doubled > 0 ? [`${doubled} are there twice`] : []),
  ];
}
