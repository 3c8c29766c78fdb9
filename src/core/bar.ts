/**
 * One bar: what traded (or was quoted) in the window that starts at `windowStartMs`.
 *
 * Prices and volumes are doubles. A double keeps up to 15 significant decimal digits, so the shortest text
 * of the number (`String(bar.close)`) has the same value as the text the vendor published.
 */
export interface Bar {
  /** Start of the window, UTC epoch milliseconds, a whole minute. */
  readonly windowStartMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Shares, contracts or coins; fractional for stocks since 2026-02-23; null where the source has none (indices). */
  readonly volume: number | null;
  /** Volume-weighted average price; only the REST API gives it. */
  readonly vwap: number | null;
  /** Number of trades in the window; null where the source has none. */
  readonly transactions: number | null;
}

/** One minute in milliseconds: the length of the bars that the vendor serves. */
export const MINUTE_MS = 60_000;
