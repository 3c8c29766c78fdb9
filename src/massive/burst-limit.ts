import { pause, type Clock } from "./clock.ts";

/** Keeps the requests of all asset classes together to so many within any second. */
export class BurstLimit {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** When the last `perSecond` requests were let go, oldest first. */
  readonly #goneMs: number[] = [];

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Waits until one more request may be sent; rejects with the reason of `signal` if that is aborted. */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const oldestMs = this.#goneMs.length < this.#perSecond ? undefined : this.#goneMs[0];
      const waitMs = (oldestMs ?? Number.NEGATIVE_INFINITY) + 1000 - this.#clock.now();
      if (waitMs <= 0) break;
      await pause(this.#clock, waitMs, signal);
    }
    if (this.#goneMs.push(this.#clock.now()) > this.#perSecond) this.#goneMs.shift();
  }
}
