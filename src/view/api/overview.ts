import { earliestDay } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { knownSymbols } from "../../cache/symbols.ts";
import { newYorkDate } from "../../core/dates.ts";
import { DERIVED_TIMEFRAMES, ONE_MINUTE, timeframeName } from "../../core/timeframes.ts";
import { status } from "../../workflows/coverage/status.ts";
import type { ViewContext } from "./context.ts";

/** More symbols than anybody looks through: their gaps would take longer to count than somebody waits. */
const MOST_SYMBOLS_COUNTED = 500;

/** A chart can be of any: those that the cache does not keep are made from the minutes. */
const TIMEFRAMES = [ONE_MINUTE, ...DERIVED_TIMEFRAMES].map(timeframeName);

/** What there is to look at: symbols with their sums. */
export function overview({ cache, dataDir, version, synthetic, nowMs }: ViewContext): object {
  const today = newYorkDate(nowMs());
  const from = firstDay(cache, today);
  const symbols = knownSymbols(cache);
  const facts = { version, dataDir, synthetic, today, from, to: today, timeframes: TIMEFRAMES };
  if (symbols.length > MOST_SYMBOLS_COUNTED) return { ...facts, symbols: symbols.map(withoutSums) };
  const { symbols: coverages } = status(cache, { symbols, from, to: today, nowMs: nowMs(), target: null });
  return {
    ...facts,
    symbols: coverages.map(({ symbol, ticker, dataset, totals }) => ({
      symbol,
      ticker,
      dataset,
      first: totals.first,
      last: totals.last,
      days: totals.complete + totals.partial + totals.provisional,
      bars: totals.bars,
      gaps: totals.missing + totals.partial + totals.failed,
    })),
  };
}

/** The first day that the cache knows something of, today for an empty one. */
export function firstDay(cache: Cache, today: string): string {
  const first = earliestDay(cache);
  return first !== null && first <= today ? first : today;
}

function withoutSums(symbol: {
  readonly symbol: string;
  readonly ticker: string;
  readonly dataset: string;
}): object {
  return { ...symbol, first: null, last: null, days: null, bars: null, gaps: null };
}
