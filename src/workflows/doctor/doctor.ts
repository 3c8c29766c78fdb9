import { emptyCache, openCacheToRead, type Cache } from "../../cache/cache.ts";
import { trackedSelection } from "../../cache/symbols.ts";
import { BackfillError } from "../../core/errors.ts";
import { silentProgress } from "../../core/progress.ts";
import type { Settings } from "../../core/settings.ts";
import { datasetsOf, parseSymbols, type SymbolSelection } from "../../core/symbols.ts";
import { checkClock } from "./check-clock.ts";
import { checkDisk } from "./check-disk.ts";
import { checkFlatFiles } from "./check-flat-files.ts";
import { checkCache, checkFolder, checkLock } from "./check-place.ts";
import { checkPostgres } from "./check-postgres.ts";
import { checkRest } from "./check-rest.ts";
import type { Finding } from "./findings.ts";

/** Findings that belong together. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/**
 * Looks at everything that a run depends on: keys, plan, clock, disk, cache, database. Each part by itself and side by side,
 * so that one trouble does not hide another; nothing is made or written.
 */
export async function examine(
  settings: Settings,
  nowMs: number,
  signal: AbortSignal,
): Promise<readonly Section[]> {
  const { dataDir } = settings;
  const place = [checkFolder(dataDir), checkCache(dataDir), checkLock(dataDir)];
  const cache = usableCache(dataDir);
  try {
    const context = { settings, cache, progress: silentProgress, signal, nowMs };
    const selection = selectionOf(cache, settings.symbols);
    const [files, rest, clock, disk, postgres] = await Promise.all([
      checkFlatFiles(context, datasetsOf(selection)),
      checkRest(context, selection),
      checkClock(settings, signal),
      checkDisk(context, selection),
      checkPostgres(context),
    ]);
    return [
      { title: "Massive", findings: [...files, ...rest] },
      { title: "This computer", findings: [clock, disk, ...place] },
      { title: "Database", findings: postgres },
    ];
  } finally {
    cache.close();
  }
}

/** The cache, or an empty one in its place where there is none or it cannot be opened, which has a line of its own. */
function usableCache(dataDir: string): Cache {
  try {
    return openCacheToRead(dataDir) ?? emptyCache();
  } catch (error) {
    if (error instanceof BackfillError) return emptyCache();
    throw error;
  }
}

/** What the next run would bring: what the cache tracks, else what the settings name. */
function selectionOf(cache: Cache, names: readonly string[]): SymbolSelection {
  const tracked = trackedSelection(cache);
  if (tracked.symbols.length + tracked.wholeDatasets.length > 0) return tracked;
  try {
    return parseSymbols(names);
  } catch (error) {
    if (error instanceof BackfillError) return tracked;
    throw error;
  }
}
