import type { Status } from "../../../src/workflows/coverage/status.ts";
import type { CoverageDay, SymbolCoverage } from "../../../src/workflows/coverage/symbol-coverage.ts";

/** A status as plain values: what there is to see of it. */
export interface PlainStatus extends Omit<Status, "symbols"> {
  readonly symbols: readonly (Pick<SymbolCoverage, "dataset" | "ticker" | "symbol" | "totals"> & {
    readonly days: readonly CoverageDay[];
  })[];
}

export function plainStatus({ symbols, ...rest }: Status): PlainStatus {
  return {
    ...rest,
    symbols: symbols.map((coverage) => {
      const { dataset, ticker, symbol, totals } = coverage;
      return { dataset, ticker, symbol, days: coverage.days.map((_, index) => coverage.day(index)), totals };
    }),
  };
}
