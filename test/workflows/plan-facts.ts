import type { Dataset } from "../../src/core/datasets.ts";
import { newYorkDate } from "../../src/core/dates.ts";
import { parseSymbol } from "../../src/core/symbols.ts";
import type { AvailableFile, KnownBatch, PlanFacts } from "../../src/workflows/plan.ts";

/** What a test says about the world; the rest is as on a machine with nothing on it. */
export interface Given {
  /** Symbols as a user writes them. */
  readonly symbols?: readonly string[];
  readonly wholeDatasets?: readonly Dataset[];
  readonly from: string;
  readonly to?: string;
  /** When the plan is made, ISO 8601. */
  readonly now?: string;
  readonly files?: readonly AvailableFile[];
  readonly entitledFrom?: Partial<Record<Dataset, string | null>>;
  readonly api?: boolean;
  readonly listed?: boolean;
  /** By `ticker date`. */
  readonly batches?: Readonly<Record<string, KnownBatch>>;
  /** `dataset date etag` of files that were read whole. */
  readonly allRead?: readonly string[];
}

/** Monday noon in New York, when the files of the Friday before are long due. */
export const MONDAY_NOON = "2024-11-25T12:00:00-05:00";

export function factsOf(given: Given): PlanFacts {
  const nowMs = Date.parse(given.now ?? MONDAY_NOON);
  const files = new Map<Dataset, Map<string, AvailableFile>>();
  for (const one of given.files ?? [])
    files.set(one.dataset, (files.get(one.dataset) ?? new Map()).set(one.date, one));
  return {
    selection: {
      symbols: (given.symbols ?? []).map((text) => parseSymbol(text)),
      wholeDatasets: given.wholeDatasets ?? [],
    },
    from: given.from,
    to: given.to ?? given.from,
    nowMs,
    today: newYorkDate(nowMs),
    files,
    entitledFrom: new Map(entriesOf(given.entitledFrom ?? {})),
    api: given.api ?? false,
    listed: given.listed ?? true,
    batch: ({ ticker }, date) => given.batches?.[`${ticker} ${date}`] ?? null,
    allTickersRead: (dataset, date, etag) =>
      given.allRead?.some((version) =>
        etag === null ? version.startsWith(`${dataset} ${date} `) : version === `${dataset} ${date} ${etag}`,
      ) ?? false,
  };
}

function entriesOf(entitledFrom: Partial<Record<Dataset, string | null>>): [Dataset, string | null][] {
  const datasets: Dataset[] = ["indices", "stocks", "options", "crypto", "forex"];
  return datasets.flatMap((dataset): [Dataset, string | null][] => {
    const from = entitledFrom[dataset];
    return from === undefined ? [] : [[dataset, from]];
  });
}

/** A published flat file that is not on this machine. */
export function file(dataset: Dataset, date: string, fields: Partial<AvailableFile> = {}): AvailableFile {
  return {
    dataset,
    date,
    key: `${dataset}/${date}.csv.gz`,
    etag: `${date} first`,
    sizeBytes: 1000,
    lastModifiedMs: null,
    local: false,
    ...fields,
  };
}

/** A batch of 390 bars of the session that was read from the first version of the flat file of `date`. */
export function fromFile(date: string, fields: Partial<KnownBatch> = {}): KnownBatch {
  const bars = { barCount: 390, sessionBarCount: 390 };
  return { source: "flatfile", etag: `${date} first`, ...bars, readAtMs: 0, ...fields };
}

/** A batch of 390 bars of the session that the API gave at `readAt` (ISO 8601). */
export function fromApi(readAt: string, fields: Partial<KnownBatch> = {}): KnownBatch {
  const bars = { barCount: 390, sessionBarCount: 390 };
  return { source: "api", etag: null, ...bars, readAtMs: Date.parse(readAt), ...fields };
}
