import Papa from "papaparse";
import type { Bar } from "../core/bar.ts";
import { dayBounds, type DayBounds } from "../core/day-bounds.ts";
import { BackfillError } from "../core/errors.ts";
import { mergeBars } from "../core/merge-bars.ts";
import { headerError, readColumns, type Columns } from "./columns.ts";
import { LineFilter, type FoundLines } from "./line-filter.ts";
import { assertFewRejected, barText, RejectedRows, type RejectedRow } from "./rejected-rows.ts";
import { isFitTicker, readRow, type RejectReason } from "./row.ts";

export interface DayParserOptions {
  /** Date of the file (`YYYY-MM-DD`), from its key or name: every row must agree with it. */
  readonly date: string;
  /** Tickers to keep, in the vendor's form; `all` keeps every one. */
  readonly wanted: ReadonlySet<string> | "all";
  /**
   * Takes the bars of one block of rows of one ticker, in time order. Files are sorted by ticker, yet a ticker
   * can come in several blocks.
   */
  readonly onBlock: (ticker: string, bars: Bar[]) => void;
  /** Whether a file of which many wanted rows are bad is read all the same; default no. */
  readonly takesBadRows?: boolean;
}

/** What a day's file held. */
export interface DaySummary {
  /** Rows of wanted tickers. */
  readonly rows: number;
  readonly bars: number;
  /** Rows that repeat an earlier row to the digit; harmless. */
  readonly duplicates: number;
  /** Rows that are no bar of this day, by reason. */
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  readonly rejectedRows: number;
  /** The first of them. */
  readonly rejectedSamples: readonly RejectedRow[];
}

/** The vendor's longest header has 67 bytes. */
const MAX_HEADER_BYTES = 4096;

/** Of a ticker in a day: each of its minutes could stand there dozens of times. */
const MAX_BLOCK_ROWS = 100_000;

/**
 * Reads one day's file of minute bars: bytes in (decompressed, in chunks of any size), blocks of bars out.
 * Memory is bounded by the largest block, not by the file.
 */
export class DayParser {
  readonly #options: DayParserOptions;
  readonly #bounds: DayBounds;
  #header: Uint8Array = new Uint8Array(0);
  #columns: Columns | null = null;
  #lines: LineFilter | null = null;
  #blockTicker = "";
  #blockTickerIsFit = false;
  #block: Bar[] = [];
  /** Of each bar of the block, the number of its line among the wanted lines. */
  #blockLines: number[] = [];
  #hasRows = false;
  #rows = 0;
  #bars = 0;
  #duplicates = 0;
  readonly #rejected = new RejectedRows();

  constructor(options: DayParserOptions) {
    this.#options = options;
    this.#bounds = dayBounds(options.date);
  }

  /**
   * Takes the next bytes of the file.
   * @throws BackfillError (data) if the header is not one of a bar file.
   */
  push(chunk: Uint8Array): void {
    const rest = this.#lines === null ? this.#readHeader(chunk) : chunk;
    if (this.#lines === null || rest.length === 0) return;
    this.#hasRows ||= rest.some((byte) => byte !== 0x0a && byte !== 0x0d);
    this.#readRows(this.#lines.push(rest));
  }

  /**
   * Ends the file and says what it held.
   * @throws BackfillError (data) if there was no header, nothing after it, or more than 1 % of the wanted rows
   * are bad and `takesBadRows` is not set.
   */
  finish(): DaySummary {
    if (this.#lines === null) this.#readHeader(new TextEncoder().encode("\n"));
    if (this.#lines !== null) this.#readRows(this.#lines.finish());
    if (!this.#hasRows) throw this.#noRows();
    this.#endBlock();
    const summary = {
      rows: this.#rows,
      bars: this.#bars,
      duplicates: this.#duplicates,
      rejected: this.#rejected.byReason,
      rejectedRows: this.#rejected.count,
      rejectedSamples: this.#rejected.samples,
    };
    if (this.#options.takesBadRows !== true) assertFewRejected(this.#options.date, summary);
    return summary;
  }

  /** Collects bytes up to the end of the first line; returns what comes after it. */
  #readHeader(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.concat([this.#header, chunk]);
    const newline = bytes.indexOf(0x0a);
    this.#header = newline < 0 ? bytes : bytes.subarray(0, newline);
    // Decoded in one piece: a chunk may end inside a character.
    const headerLine = bytes.toString("utf8", 0, newline < 0 ? MAX_HEADER_BYTES : newline);
    if (this.#header.length > MAX_HEADER_BYTES)
      throw headerError(headerLine, `it is longer than ${MAX_HEADER_BYTES} bytes`);
    if (newline < 0) return new Uint8Array(0);
    const columns = readColumns(headerLine);
    const { wanted } = this.#options;
    // Where the ticker is not the first field, the fields have to be read before one can tell.
    const wants =
      wanted === "all" || columns.ticker > 0 ? () => true : (ticker: string) => wanted.has(ticker);
    this.#columns = columns;
    this.#lines = new LineFilter(wants, wanted === "all" || columns.ticker > 0 ? null : wanted, newline + 1);
    return bytes.subarray(newline + 1);
  }

  #readRows({ text, runs }: FoundLines): void {
    if (text === "" || this.#columns === null) return;
    let line = this.#rejected.begin(runs);
    for (const fields of splitFields(text)) this.#readFields(fields, line++, this.#columns);
    this.#rejected.passed(this.#blockLines[0] ?? line);
  }

  #readFields(fields: string[], line: number, columns: Columns): void {
    if (fields.length === 1 && fields[0] === "") return;
    const ticker = fields[columns.ticker] ?? "";
    if (this.#options.wanted !== "all" && !this.#options.wanted.has(ticker)) return;
    this.#rows++;
    if (ticker !== this.#blockTicker) this.#beginBlock(ticker);
    const bar = this.#readBar(ticker, fields, columns);
    if (typeof bar === "string") return this.#rejected.add(bar, () => ({ line, text: fields.join(",") }));
    if (this.#block.length >= MAX_BLOCK_ROWS) throw this.#endlessBlock();
    this.#block.push(bar);
    this.#blockLines.push(line);
  }

  #readBar(ticker: string, fields: string[], columns: Columns): Bar | RejectReason {
    if (ticker === "") return "field count";
    return this.#blockTickerIsFit ? readRow(fields, columns, this.#bounds) : "not a ticker";
  }

  #beginBlock(ticker: string): void {
    this.#endBlock();
    this.#blockTicker = ticker;
    this.#blockTickerIsFit = isFitTicker(ticker);
  }

  #endBlock(): void {
    if (this.#block.length === 0) return;
    const { bars, duplicates, conflicts } = mergeBars(this.#block);
    for (const bar of conflicts)
      this.#rejected.add("contradicts an earlier row of the same minute", () => ({
        line: this.#blockLines[this.#block.indexOf(bar)] ?? 0,
        text: barText(this.#blockTicker, bar),
      }));
    this.#block = [];
    this.#blockLines = [];
    this.#bars += bars.length;
    this.#duplicates += duplicates;
    this.#options.onBlock(this.#blockTicker, bars);
  }

  #endlessBlock(): BackfillError {
    return new BackfillError({
      kind: "data",
      code: "endless-block",
      operation: `read the rows of ${this.#options.date}`,
      reason: `${this.#blockTicker} has more than ${MAX_BLOCK_ROWS.toLocaleString("en-US")} rows, and a day 1440 minutes`,
      nextStep: "Nothing of this file was kept. The vendor may publish the day again; run again then.",
    });
  }

  /** No market is so quiet: a file without a row was cut off, and must not erase what is known of its day. */
  #noRows(): BackfillError {
    return new BackfillError({
      kind: "data",
      code: "no-rows",
      operation: `read the rows of ${this.#options.date}`,
      reason: "there are none, only a header",
      nextStep: "Nothing was changed. The vendor may publish the day again; run again then.",
    });
  }
}

/** The fields of each line; a line without any has one that is empty. */
function splitFields(lines: string): string[][] {
  const text = lines.includes("\r") ? lines.replaceAll("\r\n", "\n") : lines;
  if (!text.includes('"')) return fieldsOf(text);
  // A row is one line, quoted fields or not: a stray quote must not swallow the lines after its own.
  return text.split("\n").map((line) => fieldsOf(line)[0] ?? [""]);
}

function fieldsOf(lines: string): string[][] {
  // papaparse takes a byte order mark off the start of any text, yet only the header can have one.
  const text = lines.startsWith("\uFEFF") ? `\uFEFF${lines}` : lines;
  return Papa.parse<string[]>(text, { delimiter: ",", newline: "\n" }).data;
}
