import { outboxSummary } from "../../cache/outbox.ts";
import { findTarget, lastFailure, targetNames } from "../../cache/targets.ts";
import type { ViewContext } from "./context.ts";

/** What each database that this cache was brought to lacks, and why; the one of the settings too, if it is new. */
export function outbox({ cache, target }: ViewContext): object {
  const known = targetNames(cache);
  const isNew = target !== null && known.every(({ name }) => name !== target);
  const shown = isNew ? [...known, { id: findTarget(cache, target), name: target }] : known;
  const targets = shown.map(({ id, name }) => {
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
