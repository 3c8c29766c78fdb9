import { BackfillError } from "../core/errors.ts";
import { TickerSearch } from "./ticker-search.ts";

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const CARRIAGE_RETURN = 0x0d;

/** A line of a bar file has about 80 bytes; one that is longer than this is no line of a bar file. */
const MAX_LINE_BYTES = 1 << 20;

/** Each ticker that is searched for costs a pass over the bytes: beyond this, one walk over the lines is quicker. */
const MOST_SEARCHED = 6;

/**
 * Picks the wanted lines out of a byte stream, so that the CSV parser sees only the few rows a user keeps.
 * A line is wanted by its first field, which is compared whole and case-sensitively; `wants` is asked once for
 * each run of lines with the same first field, since files are sorted by it.
 */
export class LineFilter {
  readonly #wants: (firstField: string) => boolean;
  #partialLine: Uint8Array = new Uint8Array(0);
  /** First field of the line before, with the byte that ended it, and whether its lines are wanted. */
  #runField: Uint8Array = new Uint8Array(0);
  #runWanted = false;

  /** For a few tickers; null where looking at each line is quicker. */
  readonly #search: TickerSearch | null;

  /** `few` are all the first fields that `wants` wants, if they are known and not many. */
  constructor(wants: (firstField: string) => boolean, few: ReadonlySet<string> | null = null) {
    this.#wants = wants;
    this.#search = few === null || few.size > MOST_SEARCHED ? null : new TickerSearch(few);
  }

  /**
   * Takes the next bytes of the file; returns the wanted lines that are complete by now, each with its newline.
   * @throws BackfillError (data) for a line that has no end.
   */
  push(chunk: Uint8Array): string {
    const bytes = this.#withPartialLine(chunk);
    const linesEnd = bytes.lastIndexOf(NEWLINE) + 1;
    const lines = bytes.subarray(0, linesEnd);
    // A quote may stand around a ticker, where the search would not see it.
    const wanted =
      this.#search !== null && !lines.includes(QUOTE) ? this.#search.find(lines) : this.#walk(lines);
    this.#keepPartialLine(bytes.subarray(linesEnd));
    return wanted;
  }

  /** Looks at the first field of every line. */
  #walk(bytes: Buffer): string {
    let wanted = "";
    let runStart = 0;
    let lineStart = 0;
    for (;;) {
      const lineEnd = bytes.indexOf(NEWLINE, lineStart);
      if (lineEnd < 0) break;
      if (!this.#isWanted(bytes, lineStart, lineEnd)) {
        if (runStart < lineStart) wanted += bytes.toString("utf8", runStart, lineStart);
        runStart = lineEnd + 1;
      }
      lineStart = lineEnd + 1;
    }
    if (runStart < lineStart) wanted += bytes.toString("utf8", runStart, lineStart);
    return wanted;
  }

  /** Ends the file; returns its last line if that is wanted and had no newline. */
  finish(): string {
    const bytes = this.#withPartialLine(new Uint8Array(0));
    this.#partialLine = new Uint8Array(0);
    return bytes.length > 0 && this.#isWanted(bytes, 0, bytes.length) ? `${bytes.toString("utf8")}\n` : "";
  }

  #withPartialLine(chunk: Uint8Array): Buffer {
    if (this.#partialLine.length > 0) return Buffer.concat([this.#partialLine, chunk]);
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }

  #keepPartialLine(rest: Uint8Array): void {
    if (rest.length > MAX_LINE_BYTES)
      throw new BackfillError({
        kind: "data",
        operation: "split the file into lines",
        reason: "a line is longer than 1 MB",
        nextStep: "This is not a file of minute bars.",
      });
    // A copy (which Buffer's slice is not): a view would keep the whole chunk in memory, and the caller may use
    // that again.
    this.#partialLine = new Uint8Array(rest);
  }

  #isWanted(bytes: Buffer, start: number, end: number): boolean {
    const run = this.#runField;
    if (run.length > 0 && run.length <= end - start && startsWith(bytes, start, run)) return this.#runWanted;
    const { field, endsAt } = firstField(bytes, start, end);
    // Without its closing comma the field could be the beginning of a longer one.
    this.#runField = new Uint8Array(bytes.subarray(start, endsAt < end ? endsAt + 1 : start));
    this.#runWanted = this.#wants(field);
    return this.#runWanted;
  }
}

function startsWith(bytes: Uint8Array, start: number, prefix: Uint8Array): boolean {
  // The last bytes of two tickers differ more often than the first (`I:`, `O:SPY25`).
  for (let at = prefix.length - 1; at >= 0; at--) if (bytes[start + at] !== prefix[at]) return false;
  return true;
}

/** The text of the first field of a line and where the separator after it stands (`end` if there is none). */
function firstField(bytes: Buffer, start: number, end: number): { field: string; endsAt: number } {
  const line = bytes.subarray(start, end);
  const closing = line[0] === QUOTE ? line.indexOf(QUOTE, 1) : -1;
  if (closing > 0) return { field: line.toString("utf8", 1, closing), endsAt: start + closing + 1 };
  const comma = line.indexOf(COMMA);
  if (comma >= 0) return { field: line.toString("utf8", 0, comma), endsAt: start + comma };
  const length = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
  return { field: line.toString("utf8", 0, length), endsAt: end };
}
