import type { RunContext } from "./context.ts";
import { recorded } from "./run-record.ts";
import { nothingSent, sync, type Sent, type SyncOptions, type SyncResult } from "./sync.ts";

/** As `sync`, as a run of its own that is remembered. */
export async function recordedSync(
  context: RunContext,
  options: SyncOptions,
  sent: Sent = nothingSent(),
): Promise<SyncResult> {
  return recorded(context, "sync", async (meter, watched) => {
    try {
      return await meter.time("syncMs", () => sync(watched, options, sent));
    } finally {
      meter.moved({ barsSynced: sent.bars });
    }
  });
}
