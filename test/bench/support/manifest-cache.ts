import { flatFileId } from "../../../src/cache/flat-files.ts";
import { putBatch } from "../../../src/cache/batches.ts";
import { markSent } from "../../../src/cache/deliveries.ts";
import { advanceMark } from "../../../src/cache/outbox.ts";
import { symbolId, track } from "../../../src/cache/symbols.ts";
import { openTarget } from "../../../src/cache/targets.ts";
import { epochDayOf } from "../../../src/core/dates.ts";
import { sessionDates } from "../../../src/core/session-dates.ts";
import { trackedSymbol } from "../../../src/core/symbols.ts";
import { confirm, unsynced } from "../../support/outbox.ts";
import type { Bench } from "./case.ts";
import { keptCache } from "./kept-cache.ts";

const FIRST_DATE = "2014-01-02";
/** The last day of the cache. */
export const LAST_DATE = "2024-12-31";
export const TARGET_URL = "postgres://bench@127.0.0.1:5432/bench";
const TARGET = "127.0.0.1:5432/bench public.historical_bars";
const LEAST_BARS = 700;

/**
 * The data directory of a cache that knows of many days of many stocks, all synced; made now if it is not there. It has
 * the manifest alone: the bars would take 60 GB, and nothing that is measured with it reads one.
 */
export async function manifestCache(bench: Bench): Promise<string> {
  const { statusDays, statusSymbols } = bench.scale;
  return keptCache(bench, `manifest-${statusDays}x${statusSymbols}`, async (cache) => {
    const symbols = Array.from({ length: statusSymbols }, (_, index) =>
      trackedSymbol("stocks", `S${String(index).padStart(3, "0")}`),
    );
    await track(cache, { symbols, wholeDatasets: [] }, 1);
    const dates = sessionDates("stocks", FIRST_DATE, LAST_DATE, LAST_DATE).slice(-statusDays);
    for (const [place, date] of dates.entries())
      await cache.write(() => {
        const file = { dataset: "stocks", date, key: `${date}.csv.gz`, etag: date, sizeBytes: 28e6 } as const;
        const flatFile = flatFileId(cache, { ...file, lastModifiedMs: null });
        for (const [index, symbol] of symbols.entries())
          putBatch(cache, {
            symbolId: symbolId(cache, symbol),
            timeframeMinutes: 1,
            epochDay: epochDayOf(date),
            source: "flatfile",
            flatFileId: flatFile,
            revision: 1,
            contentHash: Bun.hash.xxHash64(`${date} ${index}`).toString(16).padStart(16, "0"),
            barCount: LEAST_BARS + ((index * 31 + place * 17) % 200),
            sessionBarCount: 390,
            readAtMs: 1000,
            changedAtMs: 1000,
            isDelayed: 0,
            sessionHoles: null,
          });
      });
    const target = await openTarget(cache, TARGET);
    const batches = unsynced(cache, target);
    await markSent(cache, target, batches);
    await confirm(cache, target, []);
    cache.db.run("UPDATE deliveries SET synced_revision = sent_revision, synced_at_ms = 1");
    await advanceMark(cache, target);
  });
}
