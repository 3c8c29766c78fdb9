import { accessSync, constants, existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { explain, openCacheToRead } from "../../cache/cache.ts";
import { lockHolder } from "../../cache/lock.ts";
import { trackedSelection } from "../../cache/symbols.ts";
import { errorText } from "../../core/errors.ts";
import { formatBytes, plural } from "../../core/format.ts";
import { fromError, green, red, skipped, type Finding } from "./findings.ts";

/** Whether the data directory can be written to, or made. */
export function checkFolder(dataDir: string): Finding {
  const name = "data directory";
  const there = nearestFolder(resolve(dataDir));
  try {
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
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

/** Whether the cache can be opened, and what is in it. */
export function checkCache(dataDir: string): Finding {
  const name = "cache";
  try {
    const cache = openCacheToRead(dataDir);
    if (cache === null) return skipped(name, "none yet: the first run makes it");
    try {
      const { symbols, wholeDatasets } = trackedSelection(cache);
      const what = [
        plural(symbols.length, "symbol"),
        ...wholeDatasets.map((dataset) => `every ticker of ${dataset}`),
      ].join(", ");
      return green(name, `opens, ${formatBytes(statSync(cache.path).size)}, tracks ${what}`);
    } finally {
      cache.close();
    }
  } catch (error) {
    return fromError(name, error);
  }
}

/** Who is at work in the data directory. */
export function checkLock(dataDir: string): Finding {
  const name = "lock";
  try {
    const holder = lockHolder(dataDir);
    return green(name, holder === null ? "nobody is at work" : `a run is at work${holder}`);
  } catch (error) {
    return fromError(name, error);
  }
}

/** Free bytes where the data directory is, or will be; null if its file system does not say. */
export async function freeBytesAt(dataDir: string): Promise<number | null> {
  const { bavail, bsize, blocks } = await statfs(nearestFolder(resolve(dataDir)));
  return blocks === 0 ? null : bavail * bsize;
}
