/** The columns that say whose bars they are. */
export const SERIES_COLUMNS = ["symbol", "timeframe"] as const;

/** The columns of a bar's own values, in the order of historical_bars. */
export const VALUE_COLUMNS = [
  "timestamp",
  "open",
  "high",
  "low",
  "close",
  "volume",
  "vwap",
  "trades",
] as const;
