import { ConnectionLimit } from "./connection-limit.ts";

/** A place among the connections, for one request. */
export interface Place {
  /** The server asked us to slow down: from now on there are fewer places. */
  throttled(): void;
  /** The request came through: in time there are more places again. */
  succeeded(): void;
}

interface RunOptions {
  readonly signal: AbortSignal | undefined;
  /** Whether the work was interrupted and goes on: then it comes before all that has not begun. */
  readonly returns?: boolean;
}

/** A number of places that the server's answers change, given out in the order in which they are asked for. */
export class Slots {
  readonly #limit: ConnectionLimit;
  #used = 0;
  readonly #returning = new Set<() => void>();
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#limit = new ConnectionLimit(count);
  }

  /** Runs `work` in a place of its own; rejects with the signal's reason if that is aborted while waiting. */
  async run<T>({ signal, returns = false }: RunOptions, work: (place: Place) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    if (this.#used < this.#limit.count) this.#used += 1;
    else await this.#wait(signal, returns ? this.#returning : this.#waiting);
    const { round } = this.#limit;
    try {
      return await work({
        throttled: () => this.#limit.throttled(round),
        succeeded: () => this.#limit.succeeded(round),
      });
    } finally {
      this.#used -= 1;
      this.#admit();
    }
  }

  async #wait(signal: AbortSignal | undefined, queue: Set<() => void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        queue.delete(enter);
        reject(signal?.reason);
      };
      const enter = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      queue.add(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  /** Gives free places to those who wait longest. */
  #admit(): void {
    for (const queue of [this.#returning, this.#waiting])
      for (const enter of queue) {
        if (this.#used >= this.#limit.count) return;
        this.#used += 1;
        queue.delete(enter);
        enter();
      }
  }
}
