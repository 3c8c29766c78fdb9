import { openCache } from "../../src/cache/cache.ts";
import { outboxSummary, type OutboxSummary } from "../../src/cache/outbox.ts";
import { findTarget } from "../../src/cache/targets.ts";
import { MINUTE_MS, type Bar } from "../../src/core/bar.ts";
import { addDays } from "../../src/core/dates.ts";
import { parseTarget } from "../../src/postgres/target.ts";
import { hashNumbers, hashText } from "../../src/sandbox/market/random.ts";
import { writeDay } from "./cache-days.ts";

/** Tickers of the days that `reviseDays` writes, in the order of the Postgres key. */
export const REVISED_TICKERS = ["AAPL", "BRK.A", "MSFT", "ZION"] as const;
/** A minute of the day (UTC) within its bars that no version has a bar for, so that rows of others fit in. */
export const FREE_MINUTE = 14 * 60 + 30 + 49;

const FIRST_DATE = "2024-01-02";
const OPEN_MINUTE = 14 * 60 + 30;
const MINUTES = 390;

/** The dates of so many days, from the given one on. */
export function revisedDates(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => addDays(FIRST_DATE, first + index));
}

/** When a minute of a date begins, epoch ms. */
export function minuteMs(date: string, minuteOfDay: number): number {
  return Date.parse(`${date}T00:00:00Z`) + minuteOfDay * MINUTE_MS;
}

/**
 * Writes some 350 bars for each ticker on each of the dates, as a flat file of that version has them. Another
 * version corrects bars, lacks bars, and has bars that the earlier one lacked.
 */
export async function reviseDays(dataDir: string, dates: readonly string[], version: number): Promise<void> {
  const cache = openCache(dataDir);
  try {
    for (const date of dates) {
      const blocks = REVISED_TICKERS.map((ticker) => [ticker, barsOf(ticker, date, version)] as const);
      await writeDay(cache, { dataset: "stocks", date, readAtMs: 1000 + version, blocks });
    }
  } finally {
    cache.close();
  }
}

function barsOf(ticker: string, date: string, version: number): Bar[] {
  const seed = hashText(`${ticker} ${date}`);
  const bars: Bar[] = [];
  for (let minute = 0; minute < MINUTES; minute++) {
    const hash = hashNumbers(seed, minute);
    const minuteOfDay = OPEN_MINUTE + minute;
    if (minuteOfDay === FREE_MINUTE || hashNumbers(hash, version) % 12 === 0) continue;
    const low = 100 + (hash % 90_000) / 100;
    const correction = hash % 3 === version % 3 ? version : 0;
    bars.push({
      windowStartMs: minuteMs(date, minuteOfDay),
      open: low,
      high: low + 2 + correction,
      low,
      close: low + 1,
      volume: (hash % 1_000_000) / 1000,
      vwap: null,
      transactions: hash % 500,
    });
  }
  return bars;
}

/** What the cache still has to bring to the database of the URL. */
export function outboxOf(dataDir: string, databaseUrl: string): OutboxSummary {
  const cache = openCache(dataDir);
  try {
    const { name } = parseTarget(databaseUrl, "historical_bars");
    return outboxSummary(cache, findTarget(cache, name));
  } finally {
    cache.close();
  }
}
