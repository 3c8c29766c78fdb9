import type { FlatFileVersion } from "../cache/flat-files.ts";
import type { Dataset } from "../core/datasets.ts";
import { dateOfEpochDay } from "../core/dates.ts";
import { UNKNOWN_ETAG, type FlatFile } from "../core/flat-file.ts";
import { flatFileKey } from "../massive/flat-file-keys.ts";
import type { RunContext } from "./context.ts";
import { localFiles, type LocalFile } from "./local-files.ts";
import type { AvailableFile } from "./planning/facts.ts";

/** Flat files of a dataset by date: those published, and those in the data directory that are not listed. */
export async function availableFiles(
  context: RunContext,
  { from, to }: { readonly from: string; readonly to: string },
  dataset: Dataset,
  versions: readonly FlatFileVersion[],
  published: readonly FlatFile[],
): Promise<Map<string, AvailableFile>> {
  const downloaded = new Map(
    versions
      .filter((version) => version.downloadedAtMs !== null)
      .map((version) => [dateOfEpochDay(version.epochDay), version]),
  );
  const here = await localFiles(context.settings.dataDir, dataset);
  const files = new Map<string, AvailableFile>();
  for (const [date, file] of here)
    if (date >= from && date <= to) files.set(date, fromDisk(dataset, file, downloaded.get(date)));
  for (const object of published)
    files.set(object.date, {
      ...object,
      local: isSame(object, here.get(object.date), downloaded.get(object.date)),
    });
  return files;
}

function fromDisk(dataset: Dataset, file: LocalFile, version: FlatFileVersion | undefined): AvailableFile {
  const recorded = version !== undefined && version.sizeBytes === file.sizeBytes ? version : undefined;
  return {
    dataset,
    date: file.date,
    key: recorded?.key ?? flatFileKey(dataset, file.date),
    // A file of unknown origin has no ETag until it is read.
    etag: recorded?.etag ?? UNKNOWN_ETAG,
    sizeBytes: file.sizeBytes,
    lastModifiedMs: recorded?.lastModifiedMs ?? null,
    local: true,
  };
}

/** Whether the data directory holds exactly the published version; without a record its size has to do. */
function isSame(
  object: FlatFile,
  file: LocalFile | undefined,
  version: FlatFileVersion | undefined,
): boolean {
  if (file === undefined || file.sizeBytes !== object.sizeBytes) return false;
  return version === undefined || version.sizeBytes !== file.sizeBytes || version.etag === object.etag;
}
