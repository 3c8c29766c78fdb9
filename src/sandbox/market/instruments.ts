import type { Dataset } from "../../core/datasets.ts";
import { OVERNIGHT_INDEX } from "../tickers.ts";
import { hashText } from "./random.ts";

/** What makes one ticker's bars look as they do. */
export interface Instrument {
  readonly dataset: Dataset;
  readonly ticker: string;
  readonly seed: number;
  readonly basePrice: number;
  /** Prices are whole multiples of 10^-decimals. */
  readonly decimals: number;
  /** Typical move of one minute, as a fraction of the price. */
  readonly minuteVolatility: number;
  /** Chance that a minute of the regular session has a bar. */
  readonly sessionDensity: number;
  /** Chance that a minute of extended hours has a bar. */
  readonly extendedDensity: number;
  /** Typical volume of a minute, in shares, contracts or coins. */
  readonly minuteVolume: number;
  /** Follows crypto: trades around the clock on every day that has a file. */
  readonly overnight: boolean;
}

const KNOWN_PRICES: Readonly<Record<string, number>> = {
  "I:SPX": 5900,
  "I:NDX": 20_000,
  "I:VIX": 15,
  "I:RUT": 2200,
  "I:DJI": 43_000,
  "I:OEX": 2850,
  "I:XSP": 590,
  "I:VVIX": 92,
  [OVERNIGHT_INDEX]: 70,
  AAPL: 225,
  MSFT: 420,
  TSLA: 330,
  NVDA: 140,
  SPY: 590,
  QQQ: 500,
  "BRK.B": 470,
  F: 11,
  BCPC: 165,
  BCpC: 24,
  "X:BTC-USD": 97_000,
  "X:ETH-USD": 3300,
  "X:SOL-USD": 240,
  "C:EUR-USD": 1.05,
  "C:GBP-USD": 1.26,
  "C:USD-JPY": 154,
  "C:AUD-USD": 0.65,
};

const LIQUID_STOCKS = new Set(["AAPL", "MSFT", "TSLA", "NVDA", "SPY", "QQQ"]);

/** The instrument behind a ticker: known names get their usual level, all others one from their hash. */
export function instrumentOf(dataset: Dataset, ticker: string, seed: number): Instrument {
  const hash = hashText(`${dataset} ${ticker}`, seed);
  const basePrice = KNOWN_PRICES[ticker] ?? inventedPrice(dataset, hash);
  const share = ((hash >>> 8) % 1000) / 1000;
  return {
    dataset,
    ticker,
    seed: hash,
    basePrice,
    decimals: decimalsOf(dataset, basePrice, hash),
    minuteVolatility: ticker === "I:VIX" || ticker === "I:VVIX" ? 0.002 : 0.0005,
    ...tradingOf(dataset, ticker, share),
    overnight: ticker === OVERNIGHT_INDEX,
  };
}

function inventedPrice(dataset: Dataset, hash: number): number {
  const share = (hash % 10_000) / 10_000;
  if (dataset === "options") return 1 + share * 20;
  if (dataset === "forex") return 0.6 + share;
  return 5 + share * share * 500;
}

function decimalsOf(dataset: Dataset, basePrice: number, hash: number): number {
  if (dataset === "indices") return [2, 2, 4, 3][hash % 4] ?? 2;
  if (dataset === "forex") return basePrice > 20 ? 3 : 5;
  return 2;
}

function tradingOf(
  dataset: Dataset,
  ticker: string,
  share: number,
): Pick<Instrument, "sessionDensity" | "extendedDensity" | "minuteVolume"> {
  if (dataset === "stocks") {
    return LIQUID_STOCKS.has(ticker)
      ? { sessionDensity: 1, extendedDensity: 0.6, minuteVolume: 20_000 + share * 80_000 }
      : { sessionDensity: 0.25 + share * 0.7, extendedDensity: 0.03, minuteVolume: 100 + share * 2000 };
  }
  if (dataset === "options")
    return { sessionDensity: 0.02 + share * 0.2, extendedDensity: 0.02, minuteVolume: 1 + share * 20 };
  return { sessionDensity: 1, extendedDensity: 0, minuteVolume: 1 + share * 50 };
}
