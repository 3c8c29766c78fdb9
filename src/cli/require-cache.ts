import { hasCache } from "../cache/cache.ts";
import { BackfillError } from "../core/errors.ts";

/**
 * Makes sure that something is cached in `dataDir`: a folder that was mistyped would be an empty cache, all of it in order.
 * @throws BackfillError (usage) if not, (cache) if that cannot be seen.
 */
export function requireCache(dataDir: string, command: string): void {
  if (hasCache(dataDir)) return;
  throw new BackfillError({
    kind: "usage",
    help: "cache",
    operation: `${command} ${dataDir}`,
    reason: "nothing is cached there",
    nextStep: "Check --data-dir (or MASSIVE_DATA_DIR), or bring some bars first: massive-backfill hybrid.",
  });
}
