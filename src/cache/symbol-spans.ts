import type { TrackedSymbol } from "../core/symbols.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { Cache } from "./cache.ts";

/** From when to when the cache has bars of a symbol. */
export interface SymbolSpan extends TrackedSymbol {
  /** The first and last date with 1-minute bars; null if there is none. */
  readonly first: string | null;
  readonly last: string | null;
}

const DATES_WITH_BARS = `FROM batches WHERE symbol_id = s.id AND timeframe_minutes = ?1 AND bar_count > 0 ORDER BY epoch_day`;

/** The spans of every symbol, by its name. Two looks into the key for each: counting the days would take them all. */
export function symbolSpans({ db }: Cache): SymbolSpan[] {
  return db
    .query<SymbolSpan, [number]>(
      `SELECT s.dataset, s.ticker, s.symbol,
         (SELECT date(epoch_day * 86400, 'unixepoch') ${DATES_WITH_BARS} LIMIT 1) AS first,
         (SELECT date(epoch_day * 86400, 'unixepoch') ${DATES_WITH_BARS} DESC LIMIT 1) AS last
       FROM symbols s ORDER BY s.symbol`,
    )
    .all(ONE_MINUTE);
}
