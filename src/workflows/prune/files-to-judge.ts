import type { Cache } from "../../cache/cache.ts";
import { datesToRead, keptFiles } from "../../cache/kept-files.ts";
import { unsyncedDates } from "../../cache/outbox.ts";
import { findTarget } from "../../cache/targets.ts";
import { DATASETS, type Dataset } from "../../core/datasets.ts";
import { epochDayOf } from "../../core/dates.ts";
import type { Settings } from "../../core/settings.ts";
import { parseTarget } from "../../postgres/target.ts";
import { localFiles, type LocalFile } from "../local-files.ts";
import type { FileToJudge, Need } from "./plan-prune.ts";

/** Every flat file in the data directory, with what it is still needed for. */
export async function filesToJudge(
  cache: Cache,
  { dataDir, databaseUrl, table }: Settings,
): Promise<FileToJudge[]> {
  const known = new Map(keptFiles(cache).map((file) => [`${file.dataset} ${file.epochDay}`, file]));
  const toRead = datesToRead(cache);
  const target = databaseUrl === null ? null : findTarget(cache, parseTarget(databaseUrl, table).name);
  const toSync = target === null ? new Map<Dataset, Set<number>>() : unsyncedDates(cache, target);
  const needOf = (dataset: Dataset, { date, sizeBytes }: LocalFile): Need | null => {
    const epochDay = epochDayOf(date);
    const file = known.get(`${dataset} ${epochDay}`);
    if (file === undefined) return "unknown";
    if (file.sizeBytes !== sizeBytes) return "changed";
    if (file.isRead === 0 || toRead.get(dataset)?.has(epochDay) === true) return "unread";
    return toSync.get(dataset)?.has(epochDay) === true ? "unsynced" : null;
  };
  const files: FileToJudge[] = [];
  for (const dataset of DATASETS)
    for (const file of (await localFiles(dataDir, dataset)).values())
      files.push({ dataset, date: file.date, sizeBytes: file.sizeBytes, neededFor: needOf(dataset, file) });
  return files;
}
