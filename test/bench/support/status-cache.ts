import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openCache } from "../../../src/cache/cache.ts";
import { flatFileId, markRead } from "../../../src/cache/flat-files.ts";
import { MIGRATIONS } from "../../../src/cache/migrations.ts";
import { MINUTE_MS, type Bar } from "../../../src/core/bar.ts";
import { sessionDates } from "../../../src/core/session-dates.ts";
import { writeDay } from "../../support/cache-days.ts";
import type { Bench } from "./case.ts";

const TICKERS = ["AAPL", "MSFT", "TSLA"];
const FIRST_DATE = "2014-01-02";
/** The last day of the cache. */
export const LAST_DATE = "2024-12-31";
const SESSION_MINUTES = 390;

/** The data directory of a cache with many days of three stocks, made now if it is not there. */
export async function statusCache(bench: Bench): Promise<string> {
  const days = bench.scale.statusDays;
  const schema = Bun.hash(JSON.stringify(MIGRATIONS)).toString(36);
  const dataDir = join(bench.cacheFolder, `status-${days}-${schema}`);
  if (existsSync(dataDir)) return dataDir;
  bench.say(`making a cache of ${days} days`);
  const unfinished = `${dataDir}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const dates = sessionDates("stocks", FIRST_DATE, LAST_DATE, LAST_DATE).slice(-days);
  const cache = openCache(unfinished);
  for (const date of dates) {
    const file = { dataset: "stocks", date, key: `${date}.csv.gz`, etag: date, sizeBytes: 1 } as const;
    const id = await cache.write(() => flatFileId(cache, { ...file, lastModifiedMs: null }));
    const bars = barsOf(date);
    await writeDay(cache, {
      dataset: "stocks",
      date,
      flatFileId: id,
      blocks: TICKERS.map((ticker) => [ticker, bars] as const),
    });
    await cache.write(() => markRead(cache, id, { nowMs: 1000, allTickers: false, rejected: [] }));
  }
  cache.close();
  renameSync(unfinished, dataDir);
  return dataDir;
}

function barsOf(date: string): Bar[] {
  const startMs = Date.parse(`${date}T14:30:00Z`);
  return Array.from({ length: SESSION_MINUTES }, (_, minute) => {
    const prices = { open: 100, high: 101 + minute, low: 99, close: 100 + minute };
    return { windowStartMs: startMs + minute * MINUTE_MS, ...prices, volume: 1, vwap: null, transactions: 1 };
  });
}
