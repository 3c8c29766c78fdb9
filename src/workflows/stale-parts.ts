import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { explain } from "../cache/cache.ts";
import { DATASETS } from "../core/datasets.ts";
import { unfinishedPaths } from "../massive/part-file.ts";
import { localFolder, namesIn } from "./local-files.ts";

/** What a download has beside a flat file while it is unfinished: the bytes so far, and the journal of them. */
const UNFINISHED = /^(\d{4}-\d{2}-\d{2}\.csv\.gz)\.part(?:\.journal)?$/;

/**
 * Removes what downloads left behind and none will go on with: journals that have lost their bytes, and the bytes
 * of files that came in another way since.
 */
export async function removeStaleParts(dataDir: string): Promise<void> {
  for (const dataset of DATASETS) {
    const folder = localFolder(dataDir, dataset);
    const names = new Set(await namesIn(folder));
    const files = new Set([...names].flatMap((name) => UNFINISHED.exec(name)?.[1] ?? []));
    try {
      for (const file of files) if (await isStale(folder, file, names)) await removeParts(join(folder, file));
    } catch (error) {
      throw explain(error, folder);
    }
  }
}

async function isStale(folder: string, file: string, names: ReadonlySet<string>): Promise<boolean> {
  const { part } = unfinishedPaths(file);
  if (!names.has(part)) return true;
  if (!names.has(file)) return false;
  const [whole, begun] = await Promise.all([stat(join(folder, file)), stat(join(folder, part))]);
  return whole.mtimeMs > begun.mtimeMs;
}

async function removeParts(path: string): Promise<void> {
  for (const unfinished of Object.values(unfinishedPaths(path))) await rm(unfinished, { force: true });
}
