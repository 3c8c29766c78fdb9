import { MINUTE_MS, type Bar } from "../../core/bar.ts";
import { CHICAGO, NEW_YORK, zonedTimeMs } from "../../core/dates.ts";
import type { Dataset } from "../../core/datasets.ts";
import { sessionOf } from "../../core/sessions.ts";
import { hashText } from "./random.ts";

/** Prices and sizes of a day that are told otherwise than its minutes say. */
export type FalseDay = Partial<Pick<Bar, "open" | "high" | "low" | "close" | "volume">>;

/** What the closing auction of a stock adds to the volume that its minutes show: up to 12 %. */
const MOST_AUCTION_PERCENT = 12;

/**
 * The one bar of a day, as the vendor makes it; undefined for a day without bars. Stamped midnight Chicago for indices,
 * New York for stocks and options, UTC for crypto and forex. Of stocks, open and close are those of the regular session
 * (what trades before and after it updates neither), volume is the whole day's and the closing auction's.
 * Source: the vendor's articles on how aggregates are made, by which a trade's sale condition decides what it updates.
 */
export function dayBarOf(
  dataset: Dataset,
  ticker: string,
  date: string,
  bars: readonly Bar[],
  told: FalseDay = {},
): Bar | undefined {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const regular = dataset === "stocks" ? regularBars(date, bars) : bars;
  const auction = dataset === "stocks" ? auctionShare(ticker, date) : 0;
  return {
    windowStartMs: zonedTimeMs(date, "00:00", dayZone(dataset)),
    open: regular[0]?.open ?? first.open,
    high: Math.max(...bars.map((bar) => bar.high)),
    low: Math.min(...bars.map((bar) => bar.low)),
    close: regular.at(-1)?.close ?? last.close,
    volume: first.volume === null ? null : sum(bars.map((bar) => bar.volume ?? 0)) * (1 + auction),
    vwap: null,
    transactions: first.transactions === null ? null : sum(bars.map((bar) => bar.transactions ?? 0)),
    ...told,
  };
}

function dayZone(dataset: Dataset): string {
  if (dataset === "indices") return CHICAGO;
  return dataset === "stocks" || dataset === "options" ? NEW_YORK : "UTC";
}

function regularBars(date: string, bars: readonly Bar[]): readonly Bar[] {
  const session = sessionOf("stocks", date);
  if (session === null) return bars;
  const { openMs, closeMs } = session;
  return bars.filter(({ windowStartMs }) => windowStartMs >= openMs && windowStartMs + MINUTE_MS <= closeMs);
}

function auctionShare(ticker: string, date: string): number {
  return (hashText(`${ticker} ${date}`, 1) % (MOST_AUCTION_PERCENT + 1)) / 100;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
