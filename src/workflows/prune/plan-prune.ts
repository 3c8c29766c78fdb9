import type { Dataset } from "../../core/datasets.ts";
import { addDays } from "../../core/dates.ts";

/** A flat file in the data directory, and what the cache knows about it. */
export interface FileToJudge {
  readonly dataset: Dataset;
  readonly date: string;
  readonly sizeBytes: number;
  /** Why it is still needed; null if all that was asked of it is in the cache (and synced). */
  readonly neededFor: Need | null;
}

/** `unknown` the manifest has no such file · `changed` it has another size · `unread` · `unsynced`. */
export type Need = "unknown" | "changed" | "unread" | "unsynced";

export interface PruneLimits {
  /** Files of today and of that many calendar days before it stay, whatever else is said; null for no such rule. */
  readonly keepDays: number | null;
  /** The oldest files go until the others take no more than that; null for no such rule. */
  readonly maxBytes: number | null;
  /** Whether files go that are still needed. */
  readonly force: boolean;
}

/** Why a file stays. */
export type KeepReason = Need | "recent" | "fits";

export interface PrunePlan {
  readonly remove: readonly FileToJudge[];
  readonly keep: readonly (FileToJudge & { readonly reason: KeepReason })[];
  /** By how much what stays is above `maxBytes`; 0 if it is not. */
  readonly excessBytes: number;
}

/**
 * Which flat files to delete. Without limits all that are no longer needed; with `keepDays` those older than that; with
 * `maxBytes` the oldest, until what is left fits; with both the oldest until what is left fits, but none of `keepDays`.
 */
export function planPrune(files: readonly FileToJudge[], today: string, limits: PruneLimits): PrunePlan {
  const { keepDays, maxBytes, force } = limits;
  const oldestKept = keepDays === null ? null : addDays(today, -keepDays);
  const whyKept = ({ date }: FileToJudge, leftBytes: number): KeepReason | null => {
    if (oldestKept !== null && date >= oldestKept) return "recent";
    return maxBytes !== null && leftBytes <= maxBytes ? "fits" : null;
  };
  let leftBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const remove: FileToJudge[] = [];
  const keep: (FileToJudge & { reason: KeepReason })[] = [];
  for (const file of files.toSorted((a, b) => a.date.localeCompare(b.date))) {
    const why = whyKept(file, leftBytes);
    if (why !== null) keep.push({ ...file, reason: why });
    else if (file.neededFor !== null && !force) keep.push({ ...file, reason: file.neededFor });
    else {
      remove.push(file);
      leftBytes -= file.sizeBytes;
    }
  }
  return { remove, keep, excessBytes: maxBytes === null ? 0 : Math.max(0, leftBytes - maxBytes) };
}
