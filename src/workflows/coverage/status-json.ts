import type { Status } from "./status.ts";

/** The coverage in the form of `status --json`. */
export function statusJson({ symbols, ...rest }: Status, cacheBytes: number): object {
  return {
    ...rest,
    cacheBytes,
    symbols: symbols.map((coverage) => ({
      dataset: coverage.dataset,
      ticker: coverage.ticker,
      symbol: coverage.symbol,
      days: coverage.days.map((_, index) => coverage.day(index)),
      totals: coverage.totals,
    })),
  };
}
