import type { Bar } from "../../src/core/bar.ts";
import { copyText, type IntegerColumns } from "../../src/postgres/copy-text.ts";
import { inTransaction, type TimeLimits } from "../../src/postgres/transaction.ts";
import type { PostgresConnection } from "../../src/postgres/connect.ts";
import type { TargetTable } from "../../src/postgres/table.ts";
import { writeRows, type RowsToWrite, type WriteCounts } from "../../src/postgres/write-rows.ts";

/** One row of the table. */
export interface BarRow {
  readonly symbol: string;
  readonly timeframe: string;
  readonly bar: Bar;
}

const FIRST_MINUTE_MS = Date.parse("2024-11-25T14:30:00Z");
const MINUTE_MS = 60_000;

/** A bar of the given minute of a session, with plain prices where the test does not care. */
export function barRow(symbol: string, minute: number, values: Partial<Bar> = {}): BarRow {
  const bar = {
    windowStartMs: FIRST_MINUTE_MS + minute * MINUTE_MS,
    open: 100,
    high: 101,
    low: 99,
    close: 100.5,
    volume: 1000,
    vwap: null,
    transactions: null,
    ...values,
  };
  return { symbol, timeframe: "1m", bar };
}

/** One bar of each of the minutes from `first` on, `count` of them. */
export function barRows(symbol: string, count: number, first = 0): BarRow[] {
  return Array.from({ length: count }, (_, index) => barRow(symbol, first + index));
}

const AS_THEY_ARE = { volumeIsInteger: false, tradesIsInteger: false };

/** A row in the text format of COPY. */
export function lineOf({ symbol, timeframe, bar }: BarRow, columns: IntegerColumns = AS_THEY_ARE): string {
  return copyText({ symbol, timeframe, bars: [bar] }, columns);
}

/** The rows in the text format of COPY, each when it is asked for. */
export async function* linesOf(
  rows: Iterable<BarRow> | AsyncIterable<BarRow>,
  columns: IntegerColumns = AS_THEY_ARE,
): AsyncGenerator<string> {
  for await (const row of rows) yield lineOf(row, columns);
}

/** What to write for rows of which some may be there already. */
export function writing(rows: readonly BarRow[], fields: Partial<RowsToWrite> = {}): RowsToWrite {
  return { pieces: linesOf(rows), rows: rows.length, deletes: [], areNew: false, ...fields };
}

/** Writes in a transaction of its own. */
export function applyTransaction(
  connection: PostgresConnection,
  table: TargetTable,
  work: RowsToWrite,
  limits?: TimeLimits,
): Promise<WriteCounts> {
  return inTransaction(connection, "write bars", () => writeRows(connection, table, work), limits);
}
