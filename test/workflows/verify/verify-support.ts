import { knownSymbols } from "../../../src/cache/symbols.ts";
import type { Bar } from "../../../src/core/bar.ts";
import type { Dataset } from "../../../src/core/datasets.ts";
import { checkCache } from "../../../src/workflows/verify/check-cache.ts";
import type { CheckResult } from "../../../src/workflows/verify/findings.ts";
import type { VerifyOptions, VerifyScope } from "../../../src/workflows/verify/scope.ts";
import type { Check } from "../../../src/workflows/verify/verify.ts";
import { bar } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";
import type { TempCache } from "../../support/temp-cache.ts";
import { contextOf } from "../run-context.ts";

export const USUAL: VerifyOptions = {
  jumpPercent: null,
  tolerancePercent: 0,
  requestsPerMinute: null,
  repair: false,
};

/** A check of every symbol and day of the cache, unless `scope` says less. */
export function checkWith(
  check: Check,
  temp: TempCache,
  options: Partial<VerifyOptions> = {},
  scope: Partial<VerifyScope> = {},
): Promise<CheckResult> {
  const all = { symbols: knownSymbols(temp.cache), range: null, ...scope };
  return check(contextOf(temp), all, { ...USUAL, ...options });
}

export function checkedCache(temp: TempCache, options: Partial<VerifyOptions> = {}): Promise<CheckResult> {
  return checkWith(checkCache, temp, options);
}

/** `count` bars that go up and down a little, one a minute from `start` (ISO 8601) on. */
export function wavingBars(start: string, count: number, base = 100, fields: Partial<Bar> = {}): Bar[] {
  const startMs = Date.parse(start);
  return Array.from({ length: count }, (_, minute) =>
    bar(startMs + minute * 60_000, Number((base + (minute % 7) + (minute % 5) / 10).toFixed(3)), fields),
  );
}

/** Writes one day of one ticker. */
export function writeBars(
  temp: TempCache,
  dataset: Dataset,
  ticker: string,
  date: string,
  bars: readonly Bar[],
  options: Partial<Parameters<typeof writeDay>[1]> = {},
) {
  return writeDay(temp.cache, { dataset, date, blocks: [[ticker, bars]], ...options });
}
