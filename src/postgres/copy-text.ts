import type { Bar } from "../core/bar.ts";
import { BackfillError } from "../core/errors.ts";

/** Bars of one symbol and timeframe, as `historical_bars` shall name them. */
export interface BarSeries {
  readonly symbol: string;
  readonly timeframe: string;
  readonly bars: readonly Bar[];
}

/** Which of the columns hold whole numbers only. */
export interface IntegerColumns {
  readonly volumeIsInteger: boolean;
  readonly tradesIsInteger: boolean;
}

const NULL = "\\N";
const SPECIAL = /[\\\t\n\r\0]/;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * Bars in the text format of COPY, one a line, in the order of `BAR_COLUMNS`. A number is written as its shortest
 * decimal text, so a NUMERIC column gets that value; whole-number columns get it rounded.
 * Throws a `data` error for what no column can hold: a NUL in a name, a number that is not finite.
 * Format: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export function copyText(series: BarSeries, columns: IntegerColumns): string {
  const start = `${escapeText(series, series.symbol)}\t${escapeText(series, series.timeframe)}\t`;
  const volumeText = columns.volumeIsInteger ? integerText : numberText;
  const tradesText = columns.tradesIsInteger ? integerText : numberText;
  let text = "";
  for (const bar of series.bars) {
    const { open, high, low, close, volume, vwap, transactions, windowStartMs } = bar;
    if (!Number.isFinite(open + high + low + close + (volume ?? 0) + (vwap ?? 0) + (transactions ?? 0)))
      throw unwritable(series, `the bar at ${windowStartMs} has a number that is not finite`);
    text += `${start}${windowStartMs}\t${open}\t${high}\t${low}\t${close}\t${volumeText(volume)}\t${numberText(vwap)}\t${tradesText(transactions)}\n`;
  }
  return text;
}

function numberText(value: number | null): string {
  return value === null ? NULL : String(value);
}

function integerText(value: number | null): string {
  return value === null ? NULL : String(Math.round(value));
}

function escapeText(series: BarSeries, text: string): string {
  if (!SPECIAL.test(text)) return text;
  if (text.includes("\0")) throw unwritable(series, "Postgres cannot store a NUL character");
  return text.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

function unwritable({ symbol, timeframe }: BarSeries, reason: string): BackfillError {
  return new BackfillError({
    kind: "data",
    operation: `write the ${timeframe} bars of ${JSON.stringify(symbol)}`,
    reason,
    nextStep: "This is a fault in the cached data: read that day again.",
  });
}
