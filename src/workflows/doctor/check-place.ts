import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { CACHE_FILE, CACHE_FORMAT, cacheFormat, explain, openCacheToRead } from "../../cache/cache.ts";
import { LEADS_NOWHERE, leadsNowhere } from "../../cache/explanations.ts";
import { integrityFaults } from "../../cache/integrity.ts";
import { holderText, lockHolder } from "../../cache/lock.ts";
import { trackedSelection } from "../../cache/symbols.ts";
import { errorText } from "../../core/errors.ts";
import { formatBytes, plural } from "../../core/format.ts";
import { fromError, green, red, skipped, type Finding } from "./findings.ts";

/** The name of the line about the cache. */
export const CACHE = "cache";
/** A cache up to that size is read through, which takes a second at most; `verify` is there for larger ones. */
const READ_THROUGH_BYTES = 100_000_000;

/** Whether the data directory can be written to, or made. */
export function checkFolder(dataDir: string): Finding {
  const name = "data directory";
  const there = nearestFolder(resolve(dataDir));
  try {
    if (leadsNowhere(there))
      return red(name, `${there}: ${LEADS_NOWHERE.reason}`, LEADS_NOWHERE.nextStep, "cache");
    if (!statSync(there).isDirectory())
      return red(name, `${there} is a file`, "Choose another --data-dir.", "cache");
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const explained = explain(error, there);
    if (explained !== error) return fromError(name, explained);
    return red(
      name,
      errorText(error),
      "Give yourself write permission or choose another --data-dir.",
      "cache",
    );
  }
  return green(name, there === resolve(dataDir) ? `${dataDir} can be written to` : `${dataDir} will be made`);
}

function nearestFolder(path: string): string {
  return isThere(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

/** Whether something is at `path`, be it a link that leads nowhere; not if nobody may look. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Whether the cache can be opened, and what is in it. */
export function checkCache(dataDir: string): Finding {
  const name = CACHE;
  try {
    const format = cacheFormat(dataDir);
    if (format === null || format === 0) return skipped(name, "none yet: the first run makes it");
    accessSync(join(dataDir, CACHE_FILE), constants.R_OK | constants.W_OK);
    if (format < CACHE_FORMAT)
      return green(name, `of an earlier version of massive-backfill: the next run brings it up to date`);
    const cache = openCacheToRead(dataDir);
    if (cache === null) return skipped(name, "none yet: the first run makes it");
    try {
      const sizeBytes = statSync(cache.path).size;
      const faults = sizeBytes <= READ_THROUGH_BYTES ? integrityFaults(cache) : [];
      if (faults.length > 0) return damaged(name, faults);
      const { symbols, wholeDatasets } = trackedSelection(cache);
      const what = [
        plural(symbols.length, "symbol"),
        ...wholeDatasets.map((dataset) => `every ticker of ${dataset}`),
      ].join(", ");
      return green(name, `opens, ${formatBytes(sizeBytes)}, tracks ${what}`);
    } finally {
      cache.close();
    }
  } catch (error) {
    return fromError(name, explain(error, join(dataDir, CACHE_FILE)));
  }
}

function damaged(name: string, faults: readonly string[]): Finding {
  return red(
    name,
    `the file is damaged (${faults[0]?.split("\n", 1)[0]})`,
    "Move it away and run hybrid again: kept flat files are read again.",
    "cache",
  );
}

/** Who is at work in the data directory. */
export function checkLock(dataDir: string): Finding {
  const name = "lock";
  try {
    const holder = lockHolder(dataDir);
    return green(name, holder === null ? "nobody is at work" : `a run is at work${holderText(holder)}`);
  } catch (error) {
    return fromError(name, error);
  }
}

/** Free bytes where the data directory is, or will be; null if its file system does not say. */
export async function freeBytesAt(dataDir: string): Promise<number | null> {
  const there = nearestFolder(resolve(dataDir));
  if (leadsNowhere(there)) return null;
  const { bavail, bsize, blocks } = await statfs(there);
  return blocks === 0 ? null : bavail * bsize;
}
