import { setImmediate } from "node:timers/promises";

/** Bars that are looked at before anything else gets a turn: some 10 ms. */
const BARS_A_TURN = 10_000;
/** What looking at a batch costs besides its bars, in bars. */
const BATCH_COST = 20;

/** Gives the event loop a turn now and then in work that never waits, so that the user's Ctrl-C is heard. */
export class Turns {
  readonly #signal: AbortSignal;
  #bars = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Counts a batch; throws the reason of the signal if that is aborted. */
  async after(bars: number): Promise<void> {
    this.#bars += bars + BATCH_COST;
    if (this.#bars < BARS_A_TURN) return;
    this.#bars = 0;
    await setImmediate();
    this.#signal.throwIfAborted();
  }
}
