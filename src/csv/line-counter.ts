const NEWLINE = 0x0a;

/**
 * Tells on which line of a file certain lines stand, by the byte at which each begins. Counting lines costs more
 * than finding the wanted ones, so a file is only counted when a row of it turned out to be bad.
 */
export class LineCounter {
  /** Places that are not reached yet, the next one last. */
  readonly #ahead: number[];
  readonly #numbers = new Map<number, number>();
  #positionBytes = 0;
  #line = 1;

  constructor(startBytes: Iterable<number>) {
    this.#ahead = [...new Set(startBytes)].toSorted((a, b) => b - a);
  }

  /** Whether all places were passed: the rest of the file need not be read. */
  get isDone(): boolean {
    return this.#ahead.length === 0;
  }

  /** Takes the next bytes of the file. */
  push(chunk: Uint8Array): void {
    let from = 0;
    for (let next = this.#ahead.at(-1); next !== undefined; next = this.#ahead.at(-1)) {
      const at = next - this.#positionBytes;
      if (at > chunk.length) break;
      this.#line += newlinesIn(chunk.subarray(from, at));
      this.#numbers.set(next, this.#line);
      this.#ahead.pop();
      from = at;
    }
    if (!this.isDone) this.#line += newlinesIn(chunk.subarray(from));
    this.#positionBytes += chunk.length;
  }

  /** The number (from 1) of the line that begins at `startByte`; null if the file is shorter than that. */
  numberAt(startByte: number): number | null {
    return this.#numbers.get(startByte) ?? null;
  }
}

function newlinesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
