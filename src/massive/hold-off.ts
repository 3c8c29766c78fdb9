import { backoffMs, type RetryPolicy } from "../core/retry.ts";
import { pause, type Clock } from "./clock.ts";

/**
 * A server that asks us to slow down is left alone by all connections for a while, longer each time it asks again:
 * a refusal comes at once, so fewer connections alone would not ask it less often.
 */
export class HoldOff {
  readonly #clock: Clock;
  readonly #policy: RetryPolicy;
  #untilMs = Number.NEGATIVE_INFINITY;
  /** How often it has asked since it last answered. */
  #rounds = 0;

  constructor(clock: Clock, policy: RetryPolicy) {
    this.#clock = clock;
    this.#policy = policy;
  }

  /** Waits until the server may be asked again; returns that moment. */
  async over(signal: AbortSignal | undefined): Promise<number> {
    for (;;) {
      const nowMs = this.#clock.now();
      if (nowMs >= this.#untilMs) return nowMs;
      await pause(this.#clock, this.#untilMs - nowMs, signal);
    }
  }

  /**
   * A request that began at `begunMs` was asked to come back later. Those under way together count once. Returns
   * whether it is worth while: after too many rounds without an answer nobody waits any more.
   */
  asked(begunMs: number): boolean {
    if (begunMs >= this.#untilMs) {
      this.#rounds++;
      const waits = this.#rounds < this.#policy.attempts;
      // The moment itself is over for those that were under way.
      this.#untilMs = this.#clock.now() + (waits ? backoffMs(this.#rounds, this.#policy, Math.random()) : 1);
    }
    return this.#rounds < this.#policy.attempts;
  }

  /** A request that began at `begunMs` was answered. */
  answered(begunMs: number): void {
    if (begunMs >= this.#untilMs) this.#rounds = 0;
  }
}
