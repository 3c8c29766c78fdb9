import type { Dataset } from "../../core/datasets.ts";

const MINUTE_MS = 60_000;
const BURST_REQUESTS = 2;

interface Bucket {
  requests: number;
  filledMs: number;
}

/**
 * Requests per minute, for each asset class of its own. Two may come back to back, the third must wait until
 * its share of the minute has passed: so it was measured on the vendor's Basic plan.
 */
export class RateLimit {
  readonly #requestsPerMinute: number;
  readonly #buckets = new Map<Dataset, Bucket>();

  constructor(requestsPerMinute: number) {
    this.#requestsPerMinute = requestsPerMinute;
  }

  /** Takes one request at `nowMs`; returns how long to wait if there is none to take, else 0. */
  takeMs(dataset: Dataset, nowMs: number): number {
    const spacingMs = MINUTE_MS / this.#requestsPerMinute;
    const bucket = this.#buckets.get(dataset) ?? { requests: BURST_REQUESTS, filledMs: nowMs };
    bucket.requests = Math.min(BURST_REQUESTS, bucket.requests + (nowMs - bucket.filledMs) / spacingMs);
    bucket.filledMs = nowMs;
    this.#buckets.set(dataset, bucket);
    if (bucket.requests < 1) return Math.ceil((1 - bucket.requests) * spacingMs);
    bucket.requests -= 1;
    return 0;
  }
}
