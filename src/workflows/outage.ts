import { BackfillError } from "../core/errors.ts";
import { formatDuration } from "../core/format.ts";
import type { Progress } from "../core/progress.ts";
import { backoffMs, sleep } from "../core/retry.ts";
import { TRANSIENT } from "../postgres/errors.ts";

const BACKOFF = { attempts: Infinity, baseDelayMs: 500, maxDelayMs: 5000 };

/** Patience with a database that does not answer for a while. */
export class Outage {
  readonly #limitMs: number;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  #failures = 0;
  #untilMs = 0;

  /** `limitMs` is how long the database may go without a success, from its first failure on. */
  constructor(limitMs: number, progress: Progress, signal: AbortSignal) {
    this.#limitMs = limitMs;
    this.#progress = progress;
    this.#signal = signal;
  }

  /** The database has done something for us. */
  end(): void {
    if (this.#failures > 0) this.#progress.info("Writing to the database goes on.");
    this.#failures = 0;
  }

  /** Does `work`, again and again while it fails for a reason that may pass and there is time. */
  async outlast<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        // Being stopped by the user breaks the connection too; that is no fault of the database.
        this.#signal.throwIfAborted();
        await this.#wait(error);
      }
    }
  }

  async #wait(error: unknown): Promise<void> {
    if (!(error instanceof BackfillError) || error.code !== TRANSIENT) throw error;
    const nowMs = performance.now();
    if (this.#failures === 0) this.#untilMs = nowMs + this.#limitMs;
    const leftMs = this.#untilMs - nowMs;
    if (leftMs <= 0) throw error;
    this.#failures++;
    if (this.#failures === 1)
      this.#progress.warn(`${error.message}. Trying again for up to ${formatDuration(this.#limitMs)}.`);
    else this.#progress.detail(`${error.message}. Trying again.`);
    // The last try comes when the time is just over.
    await sleep(Math.min(backoffMs(this.#failures, BACKOFF, Math.random()), leftMs), this.#signal);
  }
}
