import type { LineRun } from "./line-run.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;

/**
 * Finds the lines of a few tickers by searching for their names instead of looking at every line: the machine's
 * own byte search passes a file that is nearly all unwanted at the speed of memory.
 */
export class TickerSearch {
  /** Each ticker with the newline before it: only as the first field of a line is it meant. */
  readonly #needles: readonly Buffer[];

  constructor(tickers: Iterable<string>) {
    this.#needles = [...tickers].map((ticker) => Buffer.from(`\n${ticker}`));
  }

  /**
   * The wanted lines among `lines`, which begins at a line's start and ends with a newline, in their order. Fields
   * must not be quoted.
   */
  find(lines: Buffer): LineRun[] {
    const starts = this.#needles.flatMap((needle) => startsOf(needle, lines)).toSorted((a, b) => a - b);
    const runs: LineRun[] = [];
    for (const start of starts) {
      const end = lines.indexOf(NEWLINE, start) + 1;
      const last = runs.at(-1);
      if (last?.end === start) runs[runs.length - 1] = { start: last.start, end, lines: last.lines + 1 };
      else runs.push({ start, end, lines: 1 });
    }
    return runs;
  }
}

/** Where the lines of one ticker start. */
function startsOf(needle: Buffer, lines: Buffer): number[] {
  const starts: number[] = [];
  const length = needle.length - 1;
  if (lines.subarray(0, length).equals(needle.subarray(1)) && endsField(lines[length])) starts.push(0);
  for (let at = lines.indexOf(needle); at >= 0; at = lines.indexOf(needle, at + 1))
    if (endsField(lines[at + needle.length])) starts.push(at + 1);
  return starts;
}

function endsField(byte: number | undefined): boolean {
  return byte === COMMA || byte === NEWLINE || byte === CARRIAGE_RETURN;
}
