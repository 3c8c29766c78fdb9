/**
 * How many connections may be in use at once: a throttled request halves it, success raises it again by one each
 * time as many requests have come through as there are connections.
 */
export class ConnectionLimit {
  readonly #most: number;
  #count: number;
  #round = 0;
  #successes = 0;

  constructor(most: number) {
    this.#most = most;
    this.#count = most;
  }

  get count(): number {
    return this.#count;
  }

  /** A number for requests that begin now. Those of an older round were sent before the limit was last lowered. */
  get round(): number {
    return this.#round;
  }

  /** A request of `round` was throttled. Requests that were under way together lower the limit once. */
  throttled(round: number): void {
    if (round !== this.#round) return;
    this.#round += 1;
    this.#successes = 0;
    this.#count = Math.max(1, Math.floor(this.#count / 2));
  }

  /** A request of `round` came through. */
  succeeded(round: number): void {
    if (round !== this.#round || this.#count === this.#most) return;
    this.#successes += 1;
    if (this.#successes < this.#count) return;
    this.#successes = 0;
    this.#count += 1;
  }
}
