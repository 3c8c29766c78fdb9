import { DATASET_FACTS } from "../core/datasets.ts";
import type { Dataset } from "../core/datasets.ts";

/** An index that follows crypto: it has bars at night and on the holidays of the stock exchange. */
export const OVERNIGHT_INDEX = "I:AAVE100";

/**
 * Tickers the look-alike serves unless told otherwise. The first stock is the one whose prices the REST API
 * adjusts; BCPC and BCpC differ in case only, as they do at the vendor.
 */
export const DEFAULT_TICKERS: Readonly<Record<Dataset, readonly string[]>> = {
  indices: ["I:SPX", "I:NDX", "I:VIX", "I:RUT", "I:DJI", "I:OEX", "I:XSP", "I:VVIX", OVERNIGHT_INDEX],
  stocks: ["AAPL", "MSFT", "TSLA", "NVDA", "SPY", "QQQ", "BRK.B", "F", "BCPC", "BCpC"],
  options: [
    "O:SPY261218C00650000",
    "O:SPY261218P00600000",
    "O:AAPL261218C00250000",
    "O:AAPL261218P00200000",
    "O:TSLA261218C00400000",
    "O:A261218C00120000",
  ],
  crypto: ["X:BTC-USD", "X:ETH-USD", "X:SOL-USD", "X:AAVE-USD"],
  forex: ["C:EUR-USD", "C:GBP-USD", "C:USD-JPY", "C:AUD-USD"],
};

/** The first `count` tickers of an endless list for `dataset`: its default tickers, then invented ones. */
export function syntheticTickers(dataset: Dataset, count: number): string[] {
  const tickers = DEFAULT_TICKERS[dataset].slice(0, count);
  const { tickerPrefix } = DATASET_FACTS[dataset];
  for (let index = 0; tickers.length < count; index += 1)
    tickers.push(tickerPrefix + INVENTED[dataset](index));
  return tickers;
}

// All begin with a letter that no default ticker of their dataset begins with, so none can be there twice.
const INVENTED: Readonly<Record<Dataset, (index: number) => string>> = {
  indices: (index) => `Z${letters(index, 4)}`,
  stocks: (index) => `Z${letters(index, 3)}`,
  options: (index) => `Z261218C${String(index + 1).padStart(5, "0")}000`,
  crypto: (index) => `Z${letters(index, 3)}-USD`,
  forex: (index) => `Z${letters(index, 2)}-USD`,
};

/** `index` written with the letters A to Z: at least `length` of them, more if it needs more. */
function letters(index: number, length: number): string {
  let text = "";
  for (let rest = index; rest > 0 || text.length < length; rest = Math.floor(rest / 26))
    text = String.fromCharCode(65 + (rest % 26)) + text;
  return text;
}

/** What the REST API calls a ticker of the flat files: currency pairs lose their hyphen. */
export function restTicker(dataset: Dataset, ticker: string): string {
  return dataset === "crypto" || dataset === "forex" ? ticker.replace("-", "") : ticker;
}
