import { batchBars, type BatchKey } from "../../cache/bars.ts";
import { findBatch } from "../../cache/batches.ts";
import type { Cache } from "../../cache/cache.ts";
import { putDerivation } from "../../cache/derivations.ts";
import { writeBatch, type BatchChange } from "../../cache/write-batch.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { sessionOf } from "../../core/sessions.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE } from "../../core/timeframes.ts";
import type { KeptTimeframe } from "../../cache/timeframes.ts";
import { dayBarStartMs, dayWindows, type DayWindows } from "../../core/windows.ts";
import { aggregateBars } from "./aggregate-bars.ts";
import { incompleteBars } from "./incomplete-bars.ts";

/** A day without a session: no minute counts. */
const NO_WINDOWS: DayWindows = { fromMs: 0, toMs: 0, anchorMs: 0, cutsMs: [] };

/** What making the coarser bars of one day came to. */
export interface DayOfBars {
  /** Minutes that were read. */
  readonly minutes: number;
  readonly changes: readonly BatchChange[];
  /** Bars that lack minutes. */
  readonly incomplete: number;
}

/**
 * Makes the bars of `timeframes` of one day from its minutes and writes them with what they are made from. Call inside
 * `cache.write`.
 */
export function aggregateDay(
  cache: Cache,
  { dataset }: TrackedSymbol,
  { symbolId, epochDay }: Pick<BatchKey, "symbolId" | "epochDay">,
  timeframes: readonly KeptTimeframe[],
): DayOfBars {
  const batch = findBatch(cache, { symbolId, timeframeMinutes: ONE_MINUTE, epochDay });
  if (batch === null) return { minutes: 0, changes: [], incomplete: 0 };
  const minutes = batchBars(cache, batch);
  const date = dateOfEpochDay(epochDay);
  const changes: BatchChange[] = [];
  let incomplete = 0;
  for (const { timeframeMinutes, session } of timeframes) {
    const key = { symbolId, timeframeMinutes, epochDay };
    const windows = dayWindows(dataset, date, session) ?? NO_WINDOWS;
    const bars = aggregateBars(minutes, timeframeMinutes, windows, dayBarStartMs(dataset, date, session));
    const incompleteBarsMs = incompleteBars(bars, timeframeMinutes, windows, {
      dataset,
      date,
      minutes,
      batch,
    });
    incomplete += incompleteBarsMs.length;
    const origin = {
      source: "derived",
      flatFileId: null,
      readAtMs: batch.readAtMs,
      session: sessionOf(dataset, date),
    } as const;
    changes.push(writeBatch(cache, key, bars, origin, findBatch(cache, key)));
    putDerivation(cache, key, {
      session,
      minutesRevision: batch.revision,
      minutesReadAtMs: batch.readAtMs,
      isProvisional: batch.source === "api",
      incompleteBarsMs,
    });
  }
  return { minutes: minutes.length, changes, incomplete };
}
