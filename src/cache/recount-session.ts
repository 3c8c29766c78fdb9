import { DATASET_FACTS } from "../core/datasets.ts";
import { dateOfEpochDay, epochDayOf } from "../core/dates.ts";
import { sessionOf } from "../core/sessions.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import { batchBars, type BatchKey } from "./bars.ts";
import { findBatch, putBatch } from "./batches.ts";
import type { Cache } from "./cache.ts";
import { forgetDerivations } from "./derivations.ts";
import { datasetOf } from "./symbols.ts";
import { countInside, holesIn } from "./write-batch.ts";

/** Makes the manifest say of a batch what its bars say of the session, which depends on the calendar. Call inside `cache.write`. */
export function recountSession(cache: Cache, key: BatchKey): void {
  const batch = findBatch(cache, key);
  if (batch === null) return;
  const dataset = datasetOf(cache, key.symbolId);
  const session = sessionOf(dataset, dateOfEpochDay(key.epochDay));
  const bars = batchBars(cache, key);
  putBatch(cache, {
    ...batch,
    sessionBarCount: countInside(bars, session),
    sessionHoles: DATASET_FACTS[dataset].barsEveryMinute ? holesIn(bars, session) : null,
  });
}

/** As `recountSession`, for every symbol on days whose session is another than it was when they were read. */
export async function recountDays(cache: Cache, dates: readonly string[]): Promise<void> {
  const symbols = cache.db.query<{ symbolId: number }, [number, number]>(
    "SELECT symbol_id AS symbolId FROM batches WHERE epoch_day = ? AND timeframe_minutes = ?",
  );
  await cache.write(() => {
    for (const epochDay of dates.map(epochDayOf)) {
      for (const { symbolId } of symbols.all(epochDay, ONE_MINUTE))
        recountSession(cache, { symbolId, timeframeMinutes: ONE_MINUTE, epochDay });
      forgetDerivations(cache, epochDay);
    }
  });
}
