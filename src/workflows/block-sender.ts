import type { Bar } from "../core/bar.ts";
import { packInto, VALUES_PER_BAR } from "../core/packed-bars.ts";
import type { DayMessage } from "./day-message.ts";

/** Bars that are sent at once: fewer messages, yet none that fills the memory. */
const BARS_PER_MESSAGE = 4_096;

/** Messages that may be on their way at once: enough to keep both threads busy, and a bound for memory. */
const MAX_UNTAKEN = 8;

/** Packs blocks of bars into messages, and knows how far the thread that takes them is behind. */
export class BlockSender {
  readonly #send: (message: DayMessage, transfer: ArrayBuffer[]) => void;
  #blocks: { readonly ticker: string; readonly bars: readonly Bar[] }[] = [];
  #bars = 0;
  #untaken = 0;
  #taken = Promise.withResolvers<void>();

  constructor(send: (message: DayMessage, transfer: ArrayBuffer[]) => void) {
    this.#send = send;
  }

  /** Adds the bars of one block; sends what has come together when it is enough. */
  add(ticker: string, bars: readonly Bar[]): void {
    this.#blocks.push({ ticker, bars });
    this.#bars += bars.length;
    if (this.#bars >= BARS_PER_MESSAGE) this.flush();
  }

  /** Sends what is left. */
  flush(): void {
    if (this.#blocks.length === 0) return;
    const values = new Float64Array(this.#bars * VALUES_PER_BAR);
    let at = 0;
    for (const { bars } of this.#blocks) at = packInto(values, at, bars);
    const tickers = this.#blocks.map(({ ticker }) => ticker);
    const counts = this.#blocks.map(({ bars }) => bars.length);
    this.#send({ kind: "blocks", tickers, counts, values }, [values.buffer]);
    this.#blocks = [];
    this.#bars = 0;
    this.#untaken++;
  }

  /** A message was taken. */
  taken(): void {
    this.#untaken--;
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
  }

  /** Nobody takes anything any more: what waits for room goes on, to its own end. */
  stop(): void {
    this.#untaken = Number.NEGATIVE_INFINITY;
    this.#taken.resolve();
  }

  /** Resolves when so few messages are on their way that more may follow. */
  async room(): Promise<void> {
    while (this.#untaken >= MAX_UNTAKEN) await this.#taken.promise;
  }
}
