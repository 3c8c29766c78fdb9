import { aggregateKept, type AggregateResult } from "./aggregate/aggregate.ts";
import type { RunContext } from "./context.ts";
import { recorded } from "./run-record.ts";
import { nothingSent, sync, type Sent, type SyncOptions, type SyncResult } from "./sync.ts";

/** What a sync by itself came to. */
export interface SyncRun {
  /** What became of the coarser bars; null if none are kept. */
  readonly derived: AggregateResult | null;
  readonly sync: SyncResult;
}

/**
 * As `sync`, as a run of its own that is remembered. Coarser bars that a run which was stopped has left behind their
 * minutes are made first: the database never gets minutes without what follows from them.
 */
export async function recordedSync(
  context: RunContext,
  options: SyncOptions,
  sent: Sent = nothingSent(),
): Promise<SyncRun> {
  return recorded(context, "sync", async (meter, watched) => {
    const derived = await aggregateKept(watched);
    try {
      return { derived, sync: await meter.time("syncMs", () => sync(watched, options, sent)) };
    } finally {
      meter.moved({ barsSynced: sent.bars });
    }
  });
}
