import { MINUTE_MS, type Bar } from "../../../src/core/bar.ts";
import { addDays } from "../../../src/core/dates.ts";
import type { Bench } from "./case.ts";
import { keptCache, writeReadDay } from "./kept-cache.ts";

export const COIN = "X:BTC-USD";
/** The last day of the cache. */
export const LAST_DATE = "2024-12-31";
const MOST_DAYS = 366;
const DAY_MINUTES = 1440;

/** The data directory of a cache with a year of a coin, every minute of it, made now if it is not there. */
export async function coinCache(bench: Bench): Promise<string> {
  const days = Math.min(MOST_DAYS, bench.scale.statusDays);
  return keptCache(bench, `coin-${days}`, async (cache) => {
    for (let back = days - 1; back >= 0; back--) {
      const date = addDays(LAST_DATE, -back);
      await writeReadDay(cache, { dataset: "crypto", date }, [[COIN, barsOf(date)]]);
    }
  });
}

function barsOf(date: string): Bar[] {
  const startMs = Date.parse(`${date}T00:00:00Z`);
  return Array.from({ length: DAY_MINUTES }, (_, minute) => {
    const prices = { open: 100, high: 101 + minute, low: 99, close: 100 + minute };
    return {
      windowStartMs: startMs + minute * MINUTE_MS,
      ...prices,
      volume: 0.5,
      vwap: 100,
      transactions: 2,
    };
  });
}
