import { MINUTE_MS, type Bar } from "../../../src/core/bar.ts";
import { sessionDates } from "../../../src/core/session-dates.ts";
import type { Bench } from "./case.ts";
import { keptCache, writeReadDay } from "./kept-cache.ts";

const TICKERS = ["AAPL", "MSFT", "TSLA"];
const FIRST_DATE = "2014-01-02";
/** The last day of the cache. */
export const LAST_DATE = "2024-12-31";
const SESSION_MINUTES = 390;

/** The data directory of a cache with many days of three stocks, made now if it is not there. */
export async function statusCache(bench: Bench): Promise<string> {
  const days = bench.scale.statusDays;
  return keptCache(bench, `status-${days}`, async (cache) => {
    for (const date of sessionDates("stocks", FIRST_DATE, LAST_DATE, LAST_DATE).slice(-days)) {
      const bars = barsOf(date);
      await writeReadDay(
        cache,
        { dataset: "stocks", date },
        TICKERS.map((ticker) => [ticker, bars] as const),
      );
    }
  });
}

function barsOf(date: string): Bar[] {
  const startMs = Date.parse(`${date}T14:30:00Z`);
  return Array.from({ length: SESSION_MINUTES }, (_, minute) => {
    const prices = { open: 100, high: 101 + minute, low: 99, close: 100 + minute };
    return { windowStartMs: startMs + minute * MINUTE_MS, ...prices, volume: 1, vwap: null, transactions: 1 };
  });
}
