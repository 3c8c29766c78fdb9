import { pause, type Clock } from "./clock.ts";

/** What may be made up for after a wait that took longer than it should have. */
const CREDIT_MS = 100;

/** Keeps what all connections bring together to a number of bytes a second: each waits before it reads on. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Waits as long as `bytes` more were to take; rejects with the reason of `signal` if that is aborted. */
  async spend(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const nowMs = this.#clock.now();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - CREDIT_MS) + (bytes / this.#bytesPerSecond) * 1000;
    if (this.#freeAtMs > nowMs) await pause(this.#clock, this.#freeAtMs - nowMs, signal);
  }
}
