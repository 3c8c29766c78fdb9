import type { DownloadOptions } from "./download.ts";

type Reports = Pick<DownloadOptions, "onBytes" | "onResumed" | "onQueued">;

/** Counts what a download brings and reports it; what is dropped to be fetched again is taken back. */
export class DownloadTally {
  readonly #options: Reports;
  #fetched = 0;
  #resumed = 0;
  #dropped = 0;

  constructor(options: Reports) {
    this.#options = options;
  }

  /** All that came over the network, whether it was of use or not. */
  get fetchedBytes(): number {
    return this.#fetched + this.#dropped;
  }

  fetched(count: number): void {
    this.#fetched += count;
    this.#options.onBytes?.(count);
  }

  /** Some bytes need not be fetched. */
  resumed(count: number): void {
    if (count === 0) return;
    this.#resumed += count;
    this.#options.onResumed?.(count);
  }

  /** All that is missing waits for its connection. */
  queued(): void {
    this.#options.onQueued?.();
  }

  /** All that is there is of no use. */
  drop(): void {
    if (this.#fetched > 0) this.#options.onBytes?.(-this.#fetched);
    if (this.#resumed > 0) this.#options.onResumed?.(-this.#resumed);
    this.#dropped += this.#fetched;
    this.#fetched = 0;
    this.#resumed = 0;
  }
}
