import type { TrackedSymbol } from "../core/symbols.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { Cache } from "./cache.ts";

/** What the cache has of a symbol, in all. */
export interface SymbolSums extends TrackedSymbol {
  /** The first and last date with 1-minute bars; null if there is none. */
  readonly first: string | null;
  readonly last: string | null;
  /** How many dates have bars, and how many bars. */
  readonly days: number;
  readonly bars: number;
}

/** The sums of every symbol, by its name: the manifest counted, no bar looked at. */
export function symbolSums({ db }: Cache): SymbolSums[] {
  return db
    .query<SymbolSums, [number]>(
      `SELECT s.dataset, s.ticker, s.symbol, date(min(b.epoch_day) * 86400, 'unixepoch') AS first,
         date(max(b.epoch_day) * 86400, 'unixepoch') AS last, count(b.epoch_day) AS days,
         coalesce(sum(b.bar_count), 0) AS bars
       FROM symbols s LEFT JOIN batches b
         ON b.symbol_id = s.id AND b.timeframe_minutes = ? AND b.bar_count > 0
       GROUP BY s.id ORDER BY s.symbol`,
    )
    .all(ONE_MINUTE);
}
