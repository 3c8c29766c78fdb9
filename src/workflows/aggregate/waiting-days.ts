import type { Cache } from "../../cache/cache.ts";
import { staleDays } from "../../cache/derivations.ts";
import { knownSymbolId } from "../../cache/symbols.ts";
import { keptTimeframes } from "../../cache/timeframes.ts";
import { epochDayOf } from "../../core/dates.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";

const LAST_EPOCH_DAY = 1_000_000;

/** Of how many days of symbols the bars of a timeframe that the cache keeps are not made from the present minutes. */
export function waitingDays(
  cache: Cache,
  symbols: readonly TrackedSymbol[],
  range: { readonly from: string; readonly to: string } | null,
): number {
  const fromEpochDay = range === null ? 0 : epochDayOf(range.from);
  const toEpochDay = range === null ? LAST_EPOCH_DAY : epochDayOf(range.to);
  const kept = keptTimeframes(cache);
  let days = 0;
  for (const symbol of kept.length === 0 ? [] : symbols) {
    const symbolId = knownSymbolId(cache, symbol);
    if (symbolId === null) continue;
    const span = { symbolId, fromEpochDay, toEpochDay };
    const waiting = kept.flatMap(({ timeframeMinutes, session }) =>
      staleDays(cache, span, timeframeMinutes, session),
    );
    days += new Set(waiting).size;
  }
  return days;
}
