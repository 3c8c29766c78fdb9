import { ONE_MINUTE } from "../core/timeframes.ts";
import type { BatchKey } from "./bars.ts";
import type { Cache } from "./cache.ts";

/** What the minutes of a part of a day come to, worked out without reading them one by one. */
export interface MinuteSums {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Null if no minute says it. */
  readonly volume: number | null;
  readonly transactions: number | null;
  /** The sum of vwap times volume. */
  readonly traded: number;
  /** The volume of the minutes that have no vwap. */
  readonly unpricedVolume: number;
}

const PART_OF_DAY = `FROM bars WHERE symbol_id = ?1 AND timeframe_minutes = ${ONE_MINUTE}
  AND window_start_ms >= ?3 AND window_start_ms < ?4 AND epoch_day = ?2`;

/** The sums of a day's minutes from `fromMs` to `toMs` (epoch ms, the end exclusive); null if there are none. */
export function minuteSums(
  { db }: Cache,
  { symbolId, epochDay }: Pick<BatchKey, "symbolId" | "epochDay">,
  fromMs: number,
  toMs: number,
): MinuteSums | null {
  const sums = db
    .query<{ [Name in keyof MinuteSums]: MinuteSums[Name] | null }, [number, number, number, number]>(
      `SELECT (SELECT open ${PART_OF_DAY} ORDER BY window_start_ms LIMIT 1) AS open, max(high) AS high, min(low) AS low,
         (SELECT close ${PART_OF_DAY} ORDER BY window_start_ms DESC LIMIT 1) AS close,
         sum(volume) AS volume, sum(transactions) AS transactions,
         total(vwap * volume) AS traded, total(volume) FILTER (WHERE vwap IS NULL) AS unpricedVolume ${PART_OF_DAY}`,
    )
    .get(symbolId, epochDay, fromMs, toMs);
  return sums !== null && isKnown(sums) ? sums : null;
}

/** Of no minutes there is no price. */
function isKnown(sums: { [Name in keyof MinuteSums]: MinuteSums[Name] | null }): sums is MinuteSums {
  return sums.open !== null;
}
