import type { Bar } from "../../core/bar.ts";
import { MINUTE_MS } from "../../core/bar.ts";
import { addDays, datesBetween, newYorkDate } from "../../core/dates.ts";
import { DATASET_FACTS } from "../../core/datasets.ts";
import type { Listed, Market } from "../market/market.ts";
import type { AggregatesRequest } from "./request.ts";

/** By how much the REST API divides the prices of the first stock unless asked for `adjusted=false`. */
export const SPLIT_FACTOR = 4;

/** One element of `results`. */
interface Result {
  readonly v?: number;
  readonly vw?: number;
  readonly o: number;
  readonly c: number;
  readonly h: number;
  readonly l: number;
  readonly t: number;
  readonly n?: number;
}

/** One page of results, and whether there are more. */
export interface ResultPage {
  readonly results: readonly Result[];
  readonly more: boolean;
}

/** The results for `listed` as they are at `nowMs`: windows that have begun, the running one as far as it is. */
export function aggregate(
  market: Market,
  listed: Listed,
  request: AggregatesRequest,
  nowMs: number,
): ResultPage {
  const factor = request.adjusted && listed.ticker === market.tickers("stocks")[0] ? SPLIT_FACTOR : 1;
  const results: Result[] = [];
  for (const bar of barsOf(market, listed, request, nowMs)) {
    if (results.length === request.limit) return { results, more: true };
    results.push(resultOf(bar, factor));
  }
  return { results, more: false };
}

function* barsOf(
  market: Market,
  { dataset, ticker }: Listed,
  request: AggregatesRequest,
  nowMs: number,
): Generator<Bar> {
  const lastMs = Math.min(request.toMs, nowMs);
  const firstDate = addDays(newYorkDate(request.fromMs), -1);
  const { historyStart } = DATASET_FACTS[dataset];
  const dates = datesBetween(
    firstDate > historyStart ? firstDate : historyStart,
    addDays(newYorkDate(lastMs), 1),
  );
  if (request.sort === "desc") dates.reverse();
  for (const date of dates) {
    const begun = market
      .bars(dataset, ticker, date)
      .filter((bar) => bar.windowStartMs <= nowMs)
      .map((bar) => runningAt(bar, nowMs));
    const bars = request.timespan === "day" ? dayBars(market, { dataset, ticker }, date, begun) : begun;
    if (request.sort === "desc") bars.reverse();
    yield* bars.filter((bar) => bar.windowStartMs >= request.fromMs && bar.windowStartMs <= lastMs);
  }
}

/** The bar as it stands at `nowMs`: the bar itself if its minute is over, a part of it if not. */
function runningAt(bar: Bar, nowMs: number): Bar {
  const share = (nowMs - bar.windowStartMs) / MINUTE_MS;
  if (share >= 1) return bar;
  const close = rounded(bar.open + (bar.close - bar.open) * share, 5);
  return {
    ...bar,
    close,
    high: Math.max(bar.open, close),
    low: Math.min(bar.open, close),
    volume: bar.volume === null ? null : Math.floor(bar.volume * share),
    transactions: bar.transactions === null ? null : Math.ceil(bar.transactions * share),
  };
}

function dayBars(market: Market, { dataset, ticker }: Listed, date: string, begun: readonly Bar[]): Bar[] {
  const bar = market.dayBar(dataset, ticker, date, [...begun]);
  return bar === undefined ? [] : [bar];
}

function resultOf(bar: Bar, factor: number): Result {
  const prices = {
    o: rounded(bar.open / factor, 6),
    c: rounded(bar.close / factor, 6),
    h: rounded(bar.high / factor, 6),
    l: rounded(bar.low / factor, 6),
    t: bar.windowStartMs,
  };
  if (bar.volume === null || bar.transactions === null) return prices;
  return {
    v: rounded(bar.volume * factor, 6),
    vw: rounded((prices.o + prices.c + prices.h + prices.l) / 4, 4),
    ...prices,
    n: bar.transactions,
  };
}

function rounded(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}
