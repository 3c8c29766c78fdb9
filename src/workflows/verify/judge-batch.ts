import type { Bar } from "../../core/bar.ts";
import type { Batch } from "../../cache/batches.ts";
import { contentHash } from "../../cache/content-hash.ts";
import { UNREAD_HASH } from "../../cache/mark-unread.ts";
import { countInside, holesIn } from "../../cache/write-batch.ts";
import { formatCount, plural } from "../../core/format.ts";
import type { Session } from "../../core/sessions.ts";

/** In what the manifest and the bars of a batch disagree. */
export interface ManifestFault {
  readonly kind: "marked-unread" | "bar-count" | "content-hash" | "session-count" | "unknown-file";
  readonly detail: string;
}

/** The manifest's row of a batch, whether the version of the file it names is known, and its bars. */
export interface HeldBatch {
  readonly batch: Batch;
  readonly isFileKnown: boolean;
  readonly bars: readonly Bar[];
}

/** Compares the manifest's row of a batch with its bars; null if they agree. What is wrong first explains the rest. */
export function judgeBatch(
  { batch, isFileKnown, bars }: HeldBatch,
  session: Session | null,
): ManifestFault | null {
  if (batch.contentHash === UNREAD_HASH)
    return { kind: "marked-unread", detail: `${plural(bars.length, "bar")} wait to be read again` };
  if (batch.barCount !== bars.length)
    return {
      kind: "bar-count",
      detail: `${plural(batch.barCount, "bar")} by the manifest, ${formatCount(bars.length)} in the cache`,
    };
  const hash = contentHash(bars);
  if (batch.contentHash !== hash)
    return {
      kind: "content-hash",
      detail: `hash ${batch.contentHash} by the manifest, ${hash} of the ${plural(bars.length, "bar")} in the cache`,
    };
  if (!isFileKnown)
    return {
      kind: "unknown-file",
      detail: `read from file version ${batch.flatFileId ?? "none"}, which is not in the table flat_files`,
    };
  const inside = countInside(bars, session);
  if (batch.sessionBarCount !== inside)
    return {
      kind: "session-count",
      detail: `${plural(batch.sessionBarCount, "bar")} in the session by the manifest, ${formatCount(inside)} in the cache`,
    };
  // A cache of an earlier version does not say which minutes lack.
  if (batch.sessionHoles !== null && batch.sessionHoles !== holesIn(bars, session))
    return {
      kind: "session-count",
      detail: "the minutes without a bar are others than those of the manifest",
    };
  return null;
}
