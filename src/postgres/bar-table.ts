/**
 * The columns of a bar, as the guide has them: `historical_bars` has `created_at` besides. Their order is that
 * of our COPY.
 */
export const KEY_COLUMNS = ["symbol", "timeframe", "timestamp"] as const;
export const VALUE_COLUMNS = ["open", "high", "low", "close", "volume", "vwap", "trades"] as const;
export const BAR_COLUMNS = [...KEY_COLUMNS, ...VALUE_COLUMNS] as const;

export type BarColumn = (typeof BAR_COLUMNS)[number];
