import Papa from "papaparse";
import { BackfillError } from "../../src/core/errors.ts";
import { mergeBars } from "../../src/core/merge-bars.ts";
import type { Bar } from "../../src/core/bar.ts";
import { readColumns, type Columns } from "../../src/csv/columns.ts";
import { dayBounds } from "../../src/core/day-bounds.ts";
import { isFitTicker, readRow, type RejectReason } from "../../src/csv/row.ts";
import type { NumberedRow } from "../../src/workflows/read-day.ts";
import type { ParsedText, ParseOptions } from "./parse-text.ts";

/** A file that is refused, and why. */
export interface Refusal {
  readonly code: string | undefined;
  readonly reason: string;
}

/**
 * What a day's file comes to when papaparse reads its text plainly, one line after the other, and all rows are
 * judged: no byte is searched for, nothing is cut into chunks, nothing is left out before papaparse has seen it.
 */
export function plainReading(bytes: Uint8Array, { date, wanted }: ParseOptions): ParsedText | Refusal {
  const [header = "", ...lines] = Buffer.from(bytes).toString("utf8").split("\n");
  try {
    return new PlainReading(readColumns(header), date, wanted).read(lines);
  } catch (error) {
    if (error instanceof BackfillError) return { code: error.code, reason: error.reason };
    throw error;
  }
}

class PlainReading {
  readonly #columns: Columns;
  readonly #bounds: ReturnType<typeof dayBounds>;
  readonly #wanted: ParseOptions["wanted"];
  readonly #blocks: { ticker: string; bars: readonly Bar[] }[] = [];
  readonly #rejected: Partial<Record<RejectReason, number>> = {};
  readonly #samples: NumberedRow[] = [];
  #block: { ticker: string; rows: { bar: Bar; lineNumber: number }[] } = { ticker: "", rows: [] };
  #rows = 0;
  #duplicates = 0;

  constructor(columns: Columns, date: string, wanted: ParseOptions["wanted"]) {
    this.#columns = columns;
    this.#bounds = dayBounds(date);
    this.#wanted = wanted;
  }

  read(lines: readonly string[]): ParsedText | Refusal {
    for (const [index, line] of lines.entries()) this.#readLine(line, index + 2);
    if (lines.every((line) => /^\r*$/.test(line)))
      return { code: "no-rows", reason: "there are none, only a header" };
    this.#endBlock();
    const rejectedRows = Object.values(this.#rejected).reduce((sum, count) => sum + count, 0);
    if (rejectedRows > this.#rows / 100) return this.#badRows(rejectedRows);
    const summary = {
      rows: this.#rows,
      bars: this.#blocks.reduce((sum, block) => sum + block.bars.length, 0),
      duplicates: this.#duplicates,
      rejected: this.#rejected,
      rejectedRows,
      rejectedSamples: this.#samples.slice(0, 100),
    };
    return { blocks: this.#blocks, summary };
  }

  #readLine(line: string, lineNumber: number): void {
    const fields = fieldsOf(line.replace(/\r$/, ""));
    if (fields.length === 1 && fields[0] === "") return;
    const ticker = fields[this.#columns.ticker] ?? "";
    if (this.#wanted !== "all" && !this.#wanted.includes(ticker)) return;
    this.#rows++;
    if (ticker !== this.#block.ticker) this.#endBlock();
    this.#block.ticker = ticker;
    const bar = this.#readBar(ticker, fields);
    if (typeof bar === "string") this.#reject(bar, fields.join(","), lineNumber);
    else this.#block.rows.push({ bar, lineNumber });
  }

  #readBar(ticker: string, fields: readonly string[]): Bar | RejectReason {
    if (ticker === "") return "field count";
    return isFitTicker(ticker) ? readRow(fields, this.#columns, this.#bounds) : "not a ticker";
  }

  #endBlock(): void {
    const { ticker, rows } = this.#block;
    this.#block = { ticker, rows: [] };
    if (rows.length === 0) return;
    const { bars, duplicates, conflicts } = mergeBars(rows.map(({ bar }) => bar));
    for (const conflict of conflicts) {
      const lineNumber = rows.find(({ bar }) => bar === conflict)?.lineNumber ?? 0;
      const reason = "contradicts an earlier row of the same minute";
      this.#reject(reason, `${ticker} ${JSON.stringify(conflict)}`, lineNumber);
    }
    this.#duplicates += duplicates;
    this.#blocks.push({ ticker, bars });
  }

  #reject(reason: RejectReason, text: string, lineNumber: number): void {
    this.#rejected[reason] = (this.#rejected[reason] ?? 0) + 1;
    this.#samples.push({ reason, text: text.slice(0, 500), lineNumber });
  }

  #badRows(rejectedRows: number): Refusal {
    const reasons = Object.entries(this.#rejected).map(([reason, count]) => `${count} × ${reason}`);
    const bad = `${rejectedRows} of ${this.#rows} wanted rows are bad (${reasons.join(", ")})`;
    return { code: "bad-rows", reason: `${bad}, first: ${this.#samples[0]?.text}` };
  }
}

/** The fields of one line, after a line that takes what papaparse does with the first of a text. */
function fieldsOf(line: string): string[] {
  return Papa.parse<string[]>(`-\n${line}`, { delimiter: ",", newline: "\n" }).data[1] ?? [""];
}
