import type { Sink } from "./bar-encoder.ts";

/** Characters that are gathered before they are handed over. */
const CHUNK_CHARS = 1 << 20;

/** Gathers lines of text into large pieces of UTF-8. */
export class TextRows {
  readonly #sink: Sink;
  readonly #encoder = new TextEncoder();
  #text = "";

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Adds text, its line ends included. */
  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= CHUNK_CHARS) this.flush();
  }

  flush(): void {
    if (this.#text !== "") this.#sink(this.#encoder.encode(this.#text));
    this.#text = "";
  }
}
