import {
  CACHE_FORMAT,
  cacheFormat,
  emptyCache,
  explain,
  openCacheToRead,
  type Cache,
} from "../../cache/cache.ts";
import { trackedSelection } from "../../cache/symbols.ts";
import { BackfillError } from "../../core/errors.ts";
import { silentProgress } from "../../core/progress.ts";
import type { Settings } from "../../core/settings.ts";
import { datasetsOf, EVERY_TICKER, parseSymbols, type SymbolSelection } from "../../core/symbols.ts";
import { checkClock } from "./check-clock.ts";
import { checkDisk } from "./check-disk.ts";
import { checkFlatFiles } from "./check-flat-files.ts";
import { CACHE, checkCache, checkFolder, checkLock } from "./check-place.ts";
import { checkPostgres } from "./check-postgres.ts";
import { checkRest } from "./check-rest.ts";
import { fromError, type Finding } from "./findings.ts";

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
  const cache = usableCache(dataDir, place);
  try {
    const context = { settings, cache, progress: silentProgress, signal, nowMs };
    const { selection, findings: names } = selectionOf(cache, settings.symbols);
    const [files, rest, clock, disk, postgres] = await Promise.all([
      guarded("S3 keys", cache, checkFlatFiles(context, datasetsOf(selection))),
      guarded("API key", cache, checkRest(context, selection)),
      checkClock(settings, signal),
      guarded("disk", cache, checkDisk(context, selection)),
      checkPostgres(context),
    ]);
    return [
      { title: "Massive", findings: [...names, ...files, ...rest] },
      { title: "This computer", findings: [clock, ...disk, ...place] },
      { title: "Database", findings: postgres },
    ];
  } finally {
    cache.close();
  }
}

/** What a check found, or that the cache, which it reads, is damaged: a page deep in a large file shows only here. */
async function guarded(
  name: string,
  cache: Cache,
  check: Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await check].flat();
  } catch (error) {
    return [fromError(name, explain(error, cache.path))];
  }
}

/**
 * The cache; an empty one in its place where there is none, where its line says that it is of no use, or where opening it
 * would change it.
 */
function usableCache(dataDir: string, found: readonly Finding[]): Cache {
  if (found.some(({ name, state }) => name === CACHE && state === "red")) return emptyCache();
  if (cacheFormat(dataDir) !== CACHE_FORMAT) return emptyCache();
  return openCacheToRead(dataDir) ?? emptyCache();
}

interface Chosen {
  readonly selection: SymbolSelection;
  readonly findings: readonly Finding[];
}

/** What the next run would bring: what the cache tracks, else what the settings name. */
function selectionOf(cache: Cache, names: readonly string[]): Chosen {
  const tracked = trackedSelection(cache);
  const isKnown = tracked.symbols.length + tracked.wholeDatasets.length > 0;
  // Whoever sets every ticker gives hybrid --dataset, without which nobody knows what it stands for.
  if (isKnown || names.includes(EVERY_TICKER)) return { selection: tracked, findings: [] };
  try {
    return { selection: parseSymbols(names), findings: [] };
  } catch (error) {
    const finding = fromError("symbols", error);
    const found = error instanceof BackfillError ? error.message : finding.found;
    return { selection: tracked, findings: [{ ...finding, found }] };
  }
}
