import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { explain } from "../cache/cache.ts";
import type { Dataset } from "../core/datasets.ts";
import { isDate } from "../core/dates.ts";

/** A flat file in the data directory. */
export interface LocalFile {
  readonly date: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where the flat file of a day lies; the path comes from the date alone, never from a key of the vendor. */
export function localFilePath(dataDir: string, dataset: Dataset, date: string): string {
  return join(localFolder(dataDir, dataset), `${date}.csv.gz`);
}

/** The folder of all flat files of a data directory; a user may have made it a link to another disk. */
export function flatFilesFolder(dataDir: string): string {
  return join(dataDir, "flat-files");
}

/** The folder of the flat files of one dataset. */
export function localFolder(dataDir: string, dataset: Dataset): string {
  return join(flatFilesFolder(dataDir), dataset);
}

/** The flat files of a dataset that lie in the data directory, by date. */
export async function localFiles(dataDir: string, dataset: Dataset): Promise<Map<string, LocalFile>> {
  const files = new Map<string, LocalFile>();
  for (const name of await namesIn(localFolder(dataDir, dataset))) {
    const date = name.endsWith(".csv.gz") ? name.slice(0, -".csv.gz".length) : "";
    if (!isDate(date)) continue;
    const path = localFilePath(dataDir, dataset, date);
    const sizeBytes = await fileSize(path);
    if (sizeBytes !== null) files.set(date, { date, path, sizeBytes });
  }
  return files;
}

/** Null for a link that leads nowhere, such as to a disk that is not there, and for what is no file. */
async function fileSize(path: string): Promise<number | null> {
  try {
    const facts = await stat(path);
    return facts.isFile() ? facts.size : null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw explain(error, path, `read ${path}`);
  }
}

/** The names in a folder, in order; none if it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw explain(error, folder, `read ${folder}`);
  }
}

/** The first and last day of the flat files in the data directory; null if there are none. */
export async function localDateRange(
  dataDir: string,
  datasets: readonly Dataset[],
): Promise<{ readonly from: string; readonly to: string } | null> {
  const dates: string[] = [];
  for (const dataset of datasets) dates.push(...(await localFiles(dataDir, dataset)).keys());
  dates.sort();
  const [from, to] = [dates[0], dates.at(-1)];
  return from === undefined || to === undefined ? null : { from, to };
}
