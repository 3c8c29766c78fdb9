import type { Dataset } from "../../core/datasets.ts";
import { addDays } from "../../core/dates.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";

/** One REST question: the bars of a symbol from one date to another, wanted for `dates` among them. */
export interface PlannedRequest {
  readonly symbol: TrackedSymbol;
  readonly from: string;
  readonly to: string;
  readonly dates: readonly string[];
}

/** Bars of one page of the REST API, the most it gives: https://massive.com/docs, aggregates, `limit`. */
const PAGE_BARS = 50_000;

/** Bars that a liquid ticker has on a day: every minute of its trading hours. */
const DAY_BARS: Readonly<Record<Dataset, number>> = {
  indices: 390,
  stocks: 960,
  options: 405,
  crypto: 1440,
  forex: 1440,
};

/**
 * How many days of a gap between two wanted days one request bridges: a page holds 50,000 minutes, so asking for
 * a weekend too costs nothing, and a month costs less than another request.
 */
const MAX_BRIDGED_DAYS = 30;

/** The questions for the wanted dates (in order) of one symbol: as few as possible. */
export function requestsFor(symbol: TrackedSymbol, wanted: readonly string[]): PlannedRequest[] {
  return joinNearDates(wanted).map((dates) => ({
    symbol,
    from: dates[0] ?? "",
    to: dates.at(-1) ?? "",
    dates,
  }));
}

/** How many pages a question takes at most, each a request; a ticker that trades seldom takes fewer. */
export function pagesOf({ symbol, dates }: PlannedRequest): number {
  return Math.max(1, Math.ceil((dates.length * DAY_BARS[symbol.dataset]) / PAGE_BARS));
}

function joinNearDates(dates: readonly string[]): string[][] {
  const runs: string[][] = [];
  for (const date of dates) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && date <= addDays(last, MAX_BRIDGED_DAYS)) run.push(date);
    else runs.push([date]);
  }
  return runs;
}
