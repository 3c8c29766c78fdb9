import type { ByteRange } from "./byte-ranges.ts";

/** Bytes are held until there are so many: at the vendor's pace they come in small pieces, and each write costs. */
const WRITE_BYTES = 256 << 10;

/** Where the bytes of an object go. */
export interface RangeSink {
  /** Is told of bytes that arrived. */
  received(count: number): void;
  /** Takes the bytes that stand at `offset` of the object, in pieces that follow each other. */
  write(pieces: readonly Uint8Array[], offset: number): Promise<void>;
  /** Is told of a range when it is written. */
  finish(range: ByteRange): Promise<void>;
}

/** Hands the bytes of one answer on to a sink. */
export class RangeWriter {
  readonly #sink: RangeSink;
  #held: Uint8Array[] = [];
  #writtenTo: number;
  #position: number;

  constructor(sink: RangeSink, start: number) {
    this.#sink = sink;
    this.#writtenTo = start;
    this.#position = start;
  }

  /** Where the next bytes belong. */
  get position(): number {
    return this.#position;
  }

  /** Whether it is time to `flush`. */
  get isFull(): boolean {
    return this.#position - this.#writtenTo >= WRITE_BYTES;
  }

  add(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#position += bytes.length;
    this.#sink.received(bytes.length);
  }

  /** Writes what is held, and notes that it is written: after a kill only what was held is missing. */
  async flush(): Promise<void> {
    if (this.#held.length === 0) return;
    const [held, start, end] = [this.#held, this.#writtenTo, this.#position];
    this.#held = [];
    await this.#sink.write(held, start);
    await this.#sink.finish({ start, end });
    this.#writtenTo = end;
  }
}
