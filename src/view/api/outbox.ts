import { outboxSummary } from "../../cache/outbox.ts";
import { lastFailure, targetNames } from "../../cache/targets.ts";
import type { ViewContext } from "./context.ts";

/** What each database that this cache was brought to lacks, and why. */
export function outbox({ cache }: ViewContext): object {
  const targets = targetNames(cache).map(({ id, name }) => {
    const { batches, bars, oldestMs } = outboxSummary(cache, id);
    const failure = lastFailure(cache, id);
    return {
      target: name,
      unsyncedBatches: batches,
      unsyncedBars: bars,
      oldestUnsyncedAt: oldestMs === null ? null : new Date(oldestMs).toISOString(),
      lastError: failure && { error: failure.error, at: new Date(failure.atMs).toISOString() },
    };
  });
  return { targets };
}
