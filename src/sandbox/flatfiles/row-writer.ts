const COMMA = 44;
const DOT = 46;
const NEWLINE = 10;
const ZERO = 48;
const LONGEST_FIELD_BYTES = 64;

/** Builds CSV text as bytes, digit by digit: several times faster than strings for millions of rows. */
export class RowWriter {
  #bytes = new Uint8Array(1 << 19);
  #length = 0;

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** The text written so far, as a copy; begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** The text written from position `start` on. */
  textFrom(start: number): string {
    return Buffer.from(this.#bytes.subarray(start, this.#length)).toString("latin1");
  }

  /** Takes back all that was written from position `start` on. */
  rewind(start: number): void {
    this.#length = start;
  }

  /** Appends bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  comma(): void {
    this.#byte(COMMA);
  }

  newline(): void {
    this.#byte(NEWLINE);
  }

  /** Appends a whole number >= 0 below 2^53. */
  integer(value: number): void {
    this.#reserve(LONGEST_FIELD_BYTES);
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits += 1;
    this.#digits(value, digits);
  }

  /** Appends an instant of whole seconds, given in milliseconds, in nanoseconds. */
  stampNs(epochMs: number): void {
    this.integer(epochMs / 1000);
    this.#digits(0, 9);
  }

  /**
   * Appends `whole` + `fraction` / 10^decimals without trailing zeros, but with at least `leastDecimals`
   * digits after the point; without a point if there are none.
   */
  decimal(whole: number, fraction: number, decimals: number, leastDecimals: number): void {
    this.integer(whole);
    let rest = fraction;
    let kept = decimals;
    while (kept > leastDecimals && rest % 10 === 0) {
      rest = (rest / 10) | 0;
      kept -= 1;
    }
    if (kept === 0 && leastDecimals === 0) return;
    this.#byte(DOT);
    this.#digits(rest, kept);
    this.#digits(0, Math.max(0, leastDecimals - kept));
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let index = this.#length + count - 1; index >= this.#length; index -= 1) {
      const quotient = Math.floor(rest / 10);
      this.#bytes[index] = ZERO + (rest - quotient * 10);
      rest = quotient;
    }
    this.#length += count;
  }

  #byte(value: number): void {
    this.#reserve(LONGEST_FIELD_BYTES);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(this.#bytes.length * 2 + count);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
