import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE_FILE, explain } from "../cache/cache.ts";
import { BackfillError } from "../core/errors.ts";

/** The file that says that all bars beside it are synthetic. */
const MARKER = "SYNTHETIC-DATA.txt";

/**
 * Marks a data directory as synthetic.
 * @throws BackfillError (usage) if it holds a cache of real bars.
 */
export function claimSyntheticFolder(dataDir: string): void {
  if (isSynthetic(dataDir)) return;
  if (existsSync(join(dataDir, CACHE_FILE)))
    throw new BackfillError({
      kind: "usage",
      operation: `run the demo in ${dataDir}`,
      reason: "the folder holds a cache of real bars, which synthetic ones must not mix with",
      nextStep: "Leave out --data-dir, or name an empty folder.",
    });
  const marker = join(dataDir, MARKER);
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(
      marker,
      "The bars in this folder were made up by `massive-backfill demo`. They are no market data.\n",
    );
  } catch (error) {
    throw explain(error, marker);
  }
}

/**
 * Makes sure that real bars do not get into a data directory of synthetic ones.
 * @throws BackfillError (usage) if it is one.
 */
export function refuseSyntheticFolder(dataDir: string, command: string): void {
  if (!isSynthetic(dataDir)) return;
  throw new BackfillError({
    kind: "usage",
    operation: `run ${command} in ${dataDir}`,
    reason: "the folder holds the demo's synthetic bars, which real ones must not mix with",
    nextStep: "Name another --data-dir, or run demo again for this one.",
  });
}

/**
 * Makes sure that synthetic bars do not get into a database that was set for real ones.
 * @throws BackfillError (usage) if the data directory is one of synthetic bars.
 */
export function refuseSyntheticSync(dataDir: string): void {
  if (!isSynthetic(dataDir)) return;
  throw new BackfillError({
    kind: "usage",
    operation: `sync ${dataDir}`,
    reason: "the folder holds the demo's synthetic bars, and the database of your settings is for real ones",
    nextStep: "Say which database may have them: --database-url=postgres://…",
  });
}

/** Whether the bars of a data directory are the demo's. */
export function isSynthetic(dataDir: string): boolean {
  return existsSync(join(dataDir, MARKER));
}
