import type { Bar } from "../../core/bar.ts";
import type { Market } from "../market/market.ts";
import type { DayFile } from "./keys.ts";

const INDEX_HEADER = "ticker,open,close,high,low,window_start";
const TRADE_HEADER = "ticker,volume,open,close,high,low,window_start,transactions";
const MOST_DECIMALS = 6;

/** The CSV text of the file that has one row a ticker: the day as a whole. */
export function* dayBarsText(market: Market, { dataset, date }: DayFile): Generator<Uint8Array> {
  yield Buffer.from(`${dataset === "indices" ? INDEX_HEADER : TRADE_HEADER}\n`);
  for (const ticker of market.tickers(dataset).toSorted((a, b) => (a < b ? -1 : 1))) {
    const bar = market.dayBar(dataset, ticker, date);
    if (bar !== undefined) yield Buffer.from(rowOf(ticker, bar));
  }
}

function rowOf(ticker: string, bar: Bar): string {
  const prices = [bar.open, bar.close, bar.high, bar.low].map(decimals).join(",");
  const stampNs = `${bar.windowStartMs}000000`;
  if (bar.volume === null) return `${ticker},${prices},${stampNs}\n`;
  return `${ticker},${decimals(bar.volume)},${prices},${stampNs},${bar.transactions ?? 0}\n`;
}

function decimals(value: number): string {
  return String(Number(value.toFixed(MOST_DECIMALS)));
}
