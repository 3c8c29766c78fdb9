import { batchesOf } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import { epochDayOf } from "../../core/dates.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { DERIVED_TIMEFRAMES, ONE_DAY, ONE_MINUTE } from "../../core/timeframes.ts";
import { chartBars } from "./chart-bars.ts";

const ONE_HOUR = 60;
/** Fewer bars than that are no chart: fewer days are shown in finer bars, though some of them share a column. */
const LEAST_DAYS = 10;
/** Minutes outside the session, which coarser bars may leave out, for each inside: a day has 24 hours, a session 6.5. */
const MOST_OUTSIDE = 4;

/**
 * The finest timeframe, in minutes, of which there are no more than `columns` bars on the days asked for. A few
 * days are shown by the hour at most, though that does not fit, and many by the day.
 */
export function fittingTimeframe(
  cache: Cache,
  symbol: TrackedSymbol,
  { from, to }: { readonly from: string; readonly to: string },
  columns: number,
): number {
  const symbolId = knownSymbolId(cache, symbol);
  if (symbolId === null) return ONE_MINUTE;
  const span = { symbolId, fromEpochDay: epochDayOf(from), toEpochDay: epochDayOf(to) };
  const batches = batchesOf(cache, symbolId, ONE_MINUTE, span.fromEpochDay, span.toEpochDay);
  const filled = batches.filter(({ barCount }) => barCount > 0);
  const minutes = filled.reduce((sum, { barCount }) => sum + barCount, 0);
  if (minutes <= columns) return ONE_MINUTE;
  // Bars need not be made to see that they are too many.
  if (minutes > columns * ONE_HOUR * MOST_OUTSIDE && filled.length >= LEAST_DAYS) return ONE_DAY;
  let coarsest = ONE_MINUTE;
  for (const timeframe of DERIVED_TIMEFRAMES) {
    if (timeframe === ONE_DAY && filled.length < LEAST_DAYS) continue;
    const { bars } = chartBars(cache, symbol, span, timeframe);
    if (bars.length === 0) continue;
    if (bars.length <= columns) return timeframe;
    coarsest = timeframe;
  }
  return coarsest;
}
