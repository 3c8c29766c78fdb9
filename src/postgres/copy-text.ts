import type { Bar } from "../core/bar.ts";
import { BackfillError } from "../core/errors.ts";

/** A bar with the symbol and the timeframe that `historical_bars` shall have for it. */
export interface BarRow {
  readonly symbol: string;
  readonly timeframe: string;
  readonly bar: Bar;
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
 * A row in the text format of COPY, its line end included, in the order of `BAR_COLUMNS`. A number is written
 * as its shortest decimal text, so a NUMERIC column gets that value; whole-number columns get it rounded.
 * Throws a `data` error for what no column can hold: a NUL in a name, a number that is not finite.
 * Format: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export function copyLine(row: BarRow, columns: IntegerColumns): string {
  const { open, high, low, close, volume, vwap, transactions, windowStartMs } = row.bar;
  if (!Number.isFinite(open + high + low + close + (volume ?? 0) + (vwap ?? 0) + (transactions ?? 0))) {
    throw unwritable(row, "one of its numbers is not finite");
  }
  const volumeText = columns.volumeIsInteger ? integerText(volume) : numberText(volume);
  const tradesText = columns.tradesIsInteger ? integerText(transactions) : numberText(transactions);
  return `${escapeText(row, row.symbol)}\t${escapeText(row, row.timeframe)}\t${windowStartMs}\t${open}\t${high}\t${low}\t${close}\t${volumeText}\t${numberText(vwap)}\t${tradesText}\n`;
}

function numberText(value: number | null): string {
  return value === null ? NULL : String(value);
}

function integerText(value: number | null): string {
  return value === null ? NULL : String(Math.round(value));
}

function escapeText(row: BarRow, text: string): string {
  if (!SPECIAL.test(text)) return text;
  if (text.includes("\0")) throw unwritable(row, "Postgres cannot store a NUL character");
  return text.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

function unwritable(row: BarRow, reason: string): BackfillError {
  return new BackfillError({
    kind: "data",
    operation: `write the ${row.timeframe} bar of ${JSON.stringify(row.symbol)} at ${row.bar.windowStartMs}`,
    reason,
    nextStep: "This is a fault in the cached data: read that day again.",
  });
}
