import type { Bar } from "../../core/bar.ts";
import { batchBars, type BatchKey } from "../../cache/bars.ts";
import type { Cache } from "../../cache/cache.ts";
import type { KeptTimeframe } from "../../cache/timeframes.ts";
import type { Dataset } from "../../core/datasets.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { ONE_MINUTE } from "../../core/timeframes.ts";
import { dayBarStartMs, dayWindows } from "../../core/windows.ts";
import { aggregateBars } from "./aggregate-bars.ts";

/** The bars of a timeframe that the minutes of one day make; none on a day without the session they are made of. */
export function madeBars(
  cache: Cache,
  dataset: Dataset,
  { symbolId, epochDay }: Pick<BatchKey, "symbolId" | "epochDay">,
  { timeframeMinutes, session }: KeptTimeframe,
): Bar[] {
  const date = dateOfEpochDay(epochDay);
  const windows = dayWindows(dataset, date, session);
  if (windows === null) return [];
  const minutes = batchBars(cache, { symbolId, timeframeMinutes: ONE_MINUTE, epochDay });
  return aggregateBars(minutes, timeframeMinutes, windows, dayBarStartMs(dataset, date, session));
}
