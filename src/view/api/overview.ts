import { earliestDay } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { symbolSpans } from "../../cache/symbol-spans.ts";
import { newYorkDate } from "../../core/dates.ts";
import { DERIVED_TIMEFRAMES, ONE_MINUTE, timeframeName } from "../../core/timeframes.ts";
import type { ViewContext } from "./context.ts";

/** A chart can be of any: those that the cache does not keep are made from the minutes. */
const TIMEFRAMES = [ONE_MINUTE, ...DERIVED_TIMEFRAMES].map(timeframeName);

/** What there is to look at: symbols and from when to when they have bars, which the manifest gives at once. */
export function overview({ cache, dataDir, version, synthetic, nowMs }: ViewContext): object {
  const today = newYorkDate(nowMs());
  const from = firstDay(cache, today);
  const facts = { version, dataDir, synthetic, today, from, to: today, timeframes: TIMEFRAMES };
  return { ...facts, symbols: symbolSpans(cache) };
}

/** The first day that the cache knows something of, today for an empty one. */
function firstDay(cache: Cache, today: string): string {
  const first = earliestDay(cache);
  return first !== null && first <= today ? first : today;
}
