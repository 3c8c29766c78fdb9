import { BackfillError } from "../core/errors.ts";
import type { LineRun } from "./line-run.ts";
import { TickerSearch } from "./ticker-search.ts";

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const CARRIAGE_RETURN = 0x0d;

/** A line of a bar file has about 80 bytes; one that is longer than this is no line of a bar file. */
const MAX_LINE_BYTES = 1 << 20;

/** Each ticker that is searched for costs a pass over the bytes: beyond this, one walk over the lines is quicker. */
const MOST_SEARCHED = 16;

const NOTHING: FoundLines = { text: "", runs: [] };

/** The wanted lines of a stretch of the file. */
export interface FoundLines {
  /** All of them in the order of the file, each with its newline. */
  readonly text: string;
  /** Where they stand in the file; the runs follow each other in `text`. */
  readonly runs: readonly LineRun[];
}

/**
 * Picks the wanted lines out of a byte stream, so that the CSV parser sees only the few rows a user keeps.
 * A line is wanted by its first field, which is compared whole and case-sensitively; `wants` is asked once for
 * each run of lines with the same first field, since files are sorted by it.
 */
export class LineFilter {
  readonly #wants: (firstField: string) => boolean;
  #partialLine: Uint8Array = new Uint8Array(0);
  /** Where the partial line, or else the next chunk, begins in the file. */
  #positionBytes: number;
  /** First field of the line before, with the byte that ended it, and whether its lines are wanted. */
  #runField: Uint8Array = new Uint8Array(0);
  #runWanted = false;

  /** For a few tickers; null where looking at each line is quicker. */
  readonly #search: TickerSearch | null;

  /**
   * `few` are all the first fields that `wants` wants, if they are known and not many; `startByte` is where in the
   * file the first chunk begins.
   */
  constructor(
    wants: (firstField: string) => boolean,
    few: ReadonlySet<string> | null = null,
    startByte: number = 0,
  ) {
    this.#wants = wants;
    this.#positionBytes = startByte;
    this.#search = few === null || few.size > MOST_SEARCHED ? null : new TickerSearch(few);
  }

  /**
   * Takes the next bytes of the file; returns the wanted lines that are complete by now.
   * @throws BackfillError (data) for a line that has no end.
   */
  push(chunk: Uint8Array): FoundLines {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const firstEnd = this.#partialLine.length > 0 ? bytes.indexOf(NEWLINE) + 1 : 0;
    const linesEnd = bytes.lastIndexOf(NEWLINE) + 1;
    if (linesEnd === 0) {
      this.#keepPartialLine(Buffer.concat([this.#partialLine, bytes]));
      return NOTHING;
    }
    // Only the line that the chunks share is put together: copying whole chunks would cost more than searching.
    const first = this.#find(Buffer.concat([this.#partialLine, bytes.subarray(0, firstEnd)]));
    const others = this.#find(bytes.subarray(firstEnd, linesEnd));
    this.#keepPartialLine(bytes.subarray(linesEnd));
    return { text: first.text + others.text, runs: [...first.runs, ...others.runs] };
  }

  /** Ends the file; returns its last line, with a newline, if that is wanted and had none. */
  finish(): FoundLines {
    if (this.#partialLine.length === 0) return NOTHING;
    const last = Buffer.concat([this.#partialLine, Buffer.of(NEWLINE)]);
    this.#partialLine = new Uint8Array(0);
    return this.#find(last);
  }

  /** The wanted ones among whole lines, which stand at the present position of the file. */
  #find(lines: Buffer): FoundLines {
    if (lines.length === 0) return NOTHING;
    // A quote may stand around a ticker, where the search would not see it.
    const runs =
      this.#search !== null && !lines.includes(QUOTE) ? this.#search.find(lines) : this.#walk(lines);
    const position = this.#positionBytes;
    this.#positionBytes += lines.length;
    return {
      text: runs.map(({ start, end }) => lines.toString("utf8", start, end)).join(""),
      runs: runs.map((run) => ({ ...run, start: position + run.start, end: position + run.end })),
    };
  }

  /** Looks at the first field of every line. */
  #walk(bytes: Buffer): LineRun[] {
    const runs: LineRun[] = [];
    let runStart = 0;
    let lines = 0;
    let lineStart = 0;
    const endRun = () => {
      if (lines > 0) runs.push({ start: runStart, end: lineStart, lines });
      lines = 0;
    };
    for (;;) {
      const lineEnd = bytes.indexOf(NEWLINE, lineStart);
      if (lineEnd < 0) break;
      if (this.#isWanted(bytes, lineStart, lineEnd)) {
        if (lines === 0) runStart = lineStart;
        lines++;
      } else if (lines > 0) endRun();
      lineStart = lineEnd + 1;
    }
    endRun();
    return runs;
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
  const isQuoted = line[0] === QUOTE;
  const closing = isQuoted ? line.indexOf(QUOTE, 1) : -1;
  if (closing > 0) return { field: line.toString("utf8", 1, closing), endsAt: start + closing + 1 };
  const comma = isQuoted ? -1 : line.indexOf(COMMA);
  if (comma >= 0) return { field: line.toString("utf8", 0, comma), endsAt: start + comma };
  const length = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
  return { field: line.toString("utf8", isQuoted ? 1 : 0, length), endsAt: end };
}
