import type { TransferOptions } from "./s3-client.ts";

/** On a fast connection a range lasts about so long: the cost of a request is then no matter. */
const RANGE_SECONDS = 1;

/** How large the ranges are in which files are fetched. */
export class Pace {
  readonly #options: TransferOptions;
  #bytesPerSecond = 0;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  /** A connection brought `bytes` within `durationMs`; what is too short to tell is left out. */
  measured(bytes: number, durationMs: number): void {
    if (bytes < this.#options.minRangeBytes || durationMs <= 0) return;
    this.#bytesPerSecond = (bytes / durationMs) * 1000;
  }

  /**
   * For a file of this size: as many ranges as there are connections, so that all of them work on it until it ends,
   * but not so small that a connection is done with one at once.
   */
  rangeBytes(sizeBytes: number): number {
    const { connections, minRangeBytes, maxRangeBytes } = this.#options;
    const wanted = Math.max(Math.ceil(sizeBytes / connections), this.#bytesPerSecond * RANGE_SECONDS);
    return Math.round(Math.min(maxRangeBytes, Math.max(minRangeBytes, wanted)));
  }
}
