import { pause, type Clock } from "./clock.ts";

/** Basic plans allow 5 requests a minute for each asset class, and refuse bursts even within that. */
const BASIC_PLAN_INTERVAL_MS = 12_000;

/** Even if the vendor says that we may come back at once, it has just refused. */
const MIN_INTERVAL_MS = 1000;

/** Spaces the requests of one asset class evenly, once the vendor has asked for it. */
export class Pacer {
  readonly #clock: Clock;
  #minIntervalMs: number;
  #nextAtMs = Number.NEGATIVE_INFINITY;
  #slowedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, minIntervalMs: number) {
    this.#clock = clock;
    this.#minIntervalMs = minIntervalMs;
  }

  /** Waits until the next request may be sent; rejects with the reason of `signal` if that is aborted. */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    // Whoever wakes first takes the turn; the others see that it is gone and wait on.
    for (;;) {
      const waitMs = this.#nextAtMs - this.#clock.now();
      if (waitMs <= 0) break;
      await pause(this.#clock, waitMs, signal);
    }
    this.#nextAtMs = this.#clock.now() + this.#minIntervalMs;
  }

  /** Time between two requests; 0 as long as the vendor has not asked for any. */
  get intervalMs(): number {
    return this.#minIntervalMs;
  }

  /**
   * After a 429 for a request that was sent at `sentAtMs`: nothing for `retryAfterMs`, if the vendor said so, and even
   * spacing from then on. A request that was spaced and still refused doubles the space.
   */
  slowDown(retryAfterMs: number | null, sentAtMs: number): void {
    const nowMs = this.#clock.now();
    const wasSpaced = sentAtMs > this.#slowedAtMs && this.#minIntervalMs > 0;
    const wantedMs = Math.max(retryAfterMs ?? BASIC_PLAN_INTERVAL_MS, MIN_INTERVAL_MS);
    const spacedMs = wasSpaced ? Math.max(wantedMs, 2 * this.#minIntervalMs) : wantedMs;
    this.#minIntervalMs = Math.max(this.#minIntervalMs, Math.min(spacedMs, BASIC_PLAN_INTERVAL_MS));
    this.#nextAtMs = nowMs + Math.max(retryAfterMs ?? 0, this.#minIntervalMs);
    this.#slowedAtMs = nowMs;
  }
}
