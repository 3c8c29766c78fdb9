import { batchesOf, type Batch } from "../cache/batches.ts";
import type { Cache } from "../cache/cache.ts";
import { flatFileVersions, type FlatFileVersion } from "../cache/flat-files.ts";
import { knownSymbolId } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { dateOfEpochDay, epochDayOf, newYorkDate } from "../core/dates.ts";
import { sessionDates } from "../core/session-dates.ts";
import { datasetsOf, type SymbolSelection, type TrackedSymbol } from "../core/symbols.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import { flatFileKey } from "../massive/flat-file-keys.ts";
import { UNKNOWN_ETAG, type FlatFile } from "../core/flat-file.ts";
import { listMonth } from "../massive/flat-files.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";
import { localFiles, type LocalFile } from "./local-files.ts";
import type { AvailableFile, KnownBatch, PlanFacts } from "./plan.ts";

/** What a survey has to cover. */
export interface SurveyScope {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
  /** The connection to list published files with; null to look at the data directory alone. */
  readonly flatFiles: FlatFiles | null;
  /** Whether flat files count at all; false for a run by API alone. */
  readonly useFiles: boolean;
  readonly api: boolean;
}

/** Collects the facts a plan needs: the vendor's listing, the data directory, the manifest. Changes nothing. */
export async function survey(context: RunContext, scope: SurveyScope): Promise<PlanFacts> {
  const files = new Map<Dataset, Map<string, AvailableFile>>();
  const versions = new Map<Dataset, FlatFileVersion[]>();
  for (const dataset of datasetsOf(scope.selection)) {
    const known = flatFileVersions(context.cache, dataset, scope.from, scope.to);
    versions.set(dataset, known);
    if (scope.useFiles) files.set(dataset, await availableFiles(context, scope, dataset, known));
  }
  const allRead = new Set(
    [...versions].flatMap(([dataset, known]) =>
      known
        .filter((version) => version.allTickersRead === 1)
        .flatMap(({ epochDay, etag }) => {
          const day = `${dataset} ${dateOfEpochDay(epochDay)}`;
          return [day, `${day} ${etag}`];
        }),
    ),
  );
  return {
    selection: scope.selection,
    from: scope.from,
    to: scope.to,
    nowMs: context.nowMs,
    today: newYorkDate(context.nowMs),
    files,
    entitledFrom: new Map(),
    api: scope.api,
    listed: scope.flatFiles !== null,
    batch: manifestLookup(context.cache, scope, versions),
    allTickersRead: (dataset, date, etag) =>
      allRead.has(etag === null ? `${dataset} ${date}` : `${dataset} ${date} ${etag}`),
  };
}

/** Flat files of a dataset by date: those published, and those in the data directory that are not listed. */
export async function availableFiles(
  context: RunContext,
  scope: Pick<SurveyScope, "from" | "to" | "flatFiles">,
  dataset: Dataset,
  versions: readonly FlatFileVersion[],
): Promise<Map<string, AvailableFile>> {
  const downloaded = new Map(
    versions
      .filter((version) => version.downloadedAtMs !== null)
      .map((version) => [dateOfEpochDay(version.epochDay), version]),
  );
  const here = await localFiles(context.settings.dataDir, dataset);
  const files = new Map<string, AvailableFile>();
  for (const [date, file] of here) {
    if (date >= scope.from && date <= scope.to)
      files.set(date, fromDisk(dataset, file, downloaded.get(date)));
  }
  if (scope.flatFiles === null) return files;
  for (const object of await listRange(context, scope.flatFiles, dataset, scope.from, scope.to))
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

async function listRange(
  context: RunContext,
  flatFiles: FlatFiles,
  dataset: Dataset,
  from: string,
  to: string,
): Promise<FlatFile[]> {
  const dates = sessionDates(dataset, from, to, newYorkDate(context.nowMs));
  const months = new Set(dates.map((date) => date.slice(0, 7)));
  const objects: FlatFile[] = [];
  for (const month of months) {
    context.progress.detail(`list ${dataset} ${month}`);
    objects.push(...(await listMonth(flatFiles, dataset, month, context.signal)));
  }
  return objects.filter((object) => object.date >= from && object.date <= to);
}

function manifestLookup(
  cache: Cache,
  scope: SurveyScope,
  versions: ReadonlyMap<Dataset, readonly FlatFileVersion[]>,
): PlanFacts["batch"] {
  const etags = new Map([...versions.values()].flat().map((version) => [version.id, version.etag]));
  const lookups = new Map<TrackedSymbol, Map<number, Batch>>();
  for (const symbol of scope.selection.symbols) {
    const id = knownSymbolId(cache, symbol);
    const batches =
      id === null ? [] : batchesOf(cache, id, ONE_MINUTE, epochDayOf(scope.from), epochDayOf(scope.to));
    lookups.set(symbol, new Map(batches.map((batch) => [batch.epochDay, batch])));
  }
  return (symbol, date): KnownBatch | null => {
    const batch = lookups.get(symbol)?.get(epochDayOf(date));
    if (batch === undefined) return null;
    const etag = batch.flatFileId === null ? null : (etags.get(batch.flatFileId) ?? null);
    return { ...batch, etag };
  };
}
