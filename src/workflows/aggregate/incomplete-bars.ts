import { MINUTE_MS, type Bar } from "../../core/bar.ts";
import type { Batch } from "../../cache/batches.ts";
import { DATASET_FACTS, type Dataset } from "../../core/datasets.ts";
import { DELAY_MS, dayIsOverMs } from "../../core/publication.ts";
import { sessionHoles } from "../../core/session-holes.ts";
import { sessionOf } from "../../core/sessions.ts";
import { isDayTimeframe, windowEndMs, windowStartMs, type DayWindows } from "../../core/windows.ts";

/** The day of which coarser bars were made, and what is known of its minutes. */
export interface AggregatedDay {
  readonly dataset: Dataset;
  readonly date: string;
  readonly minutes: readonly Bar[];
  readonly batch: Pick<Batch, "source" | "readAtMs" | "isDelayed">;
}

/**
 * The starts (epoch ms) of those of `bars` that lack minutes: a minute of the session is not there though every one should
 * be (indices), or the API was asked before their window was over.
 */
export function incompleteBars(
  bars: readonly Bar[],
  timeframeMinutes: number,
  windows: DayWindows,
  day: AggregatedDay,
): number[] {
  const holes = windowsWithHoles(timeframeMinutes, windows, day);
  const starts = bars.map(({ windowStartMs: startMs }) => startMs);
  if (isDayTimeframe(timeframeMinutes)) return holes.size > 0 || isDayCut(windows, day) ? starts : [];
  const knownUntilMs = minutesKnownUntilMs(day.batch);
  return starts.filter(
    (startMs) => holes.has(startMs) || windowEndMs(windows, timeframeMinutes, startMs) > knownUntilMs,
  );
}

/** Whether the API was asked before the last minute of the day that counts was there to be read. */
export function isDayCut(
  windows: DayWindows,
  { dataset, date, batch }: Pick<AggregatedDay, "dataset" | "date" | "batch">,
): boolean {
  return Math.min(windows.toMs, dayIsOverMs(dataset, date) - DELAY_MS) > minutesKnownUntilMs(batch);
}

/** The starts of windows of which a minute of the session is missing. */
function windowsWithHoles(
  timeframeMinutes: number,
  windows: DayWindows,
  { dataset, date, minutes }: AggregatedDay,
): ReadonlySet<number> {
  const session = sessionOf(dataset, date);
  const starts = new Set<number>();
  if (session === null || !DATASET_FACTS[dataset].barsEveryMinute) return starts;
  for (const [first, last] of sessionHoles(
    minutes.map((bar) => bar.windowStartMs),
    session,
  ))
    for (let minute = first; minute <= last; minute++)
      starts.add(windowStartMs(windows, timeframeMinutes, session.openMs + minute * MINUTE_MS));
  return starts;
}

/** Up to when all minutes there will ever be were there to be read, epoch ms: flat files come after their day. */
function minutesKnownUntilMs(batch: AggregatedDay["batch"]): number {
  if (batch.source !== "api") return Number.POSITIVE_INFINITY;
  return batch.readAtMs - (batch.isDelayed === 1 ? DELAY_MS : 0);
}
