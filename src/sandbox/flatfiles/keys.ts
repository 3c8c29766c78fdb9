import { addDays, dateOfEpochDay, epochDayOf, NEW_YORK, weekdayOf, zonedTimeMs } from "../../core/dates.ts";
import { DATASET_FACTS, DATASETS } from "../../core/datasets.ts";
import type { Dataset } from "../../core/datasets.ts";
import { sessionOf } from "../../core/sessions.ts";

const FOLDERS = { minute: "minute_aggs_v1", day: "day_aggs_v1" } as const;

/** What the rows of a file are: a minute each, or a day. */
type Span = keyof typeof FOLDERS;
const SPANS: readonly Span[] = ["day", "minute"];

const PUBLISHED_AT = "11:00";
const SATURDAY = 6;

/** One day of one dataset, which is one object of the bucket. */
export interface DayFile {
  readonly dataset: Dataset;
  readonly date: string;
  /** Default: minutes. */
  readonly span?: Span;
}

/** The S3 key of a day: `us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz`. */
export function keyOf({ dataset, date, span }: DayFile): string {
  return `${folderOf(dataset, span ?? "minute")}${date.slice(0, 4)}/${date.slice(5, 7)}/${date}.csv.gz`;
}

function folderOf(dataset: Dataset, span: Span): string {
  return `${DATASET_FACTS[dataset].keyPrefix}/${FOLDERS[span]}/`;
}

/** The day that `key` stands for; undefined if it is no day's key. */
export function dayFileOf(key: string): DayFile | undefined {
  const dataset = DATASETS.find((name) => key.startsWith(`${DATASET_FACTS[name].keyPrefix}/`));
  const date = /\/(\d{4}-\d{2}-\d{2})\.csv\.gz$/.exec(key)?.[1];
  if (dataset === undefined || date === undefined) return undefined;
  return SPANS.map((span) => ({ dataset, date, span })).find((file) => keyOf(file) === key);
}

/** The dataset in whose part of the bucket `key` lies. */
export function datasetOfKey(key: string): Dataset | undefined {
  return DATASETS.find((name) => key.startsWith(`${DATASET_FACTS[name].keyPrefix}/`));
}

/**
 * Whether the vendor makes a file for that day at all. Indices have one on every weekday, holidays included;
 * stocks and options on session days; crypto daily; forex on all days but Saturday.
 */
export function hasFile({ dataset, date }: DayFile): boolean {
  if (dataset === "indices") return weekdayOf(date) < SATURDAY;
  return sessionOf(dataset, date) !== null;
}

/** When a day's file appears: about 11:00 New York time on the next calendar day. */
export function publicationMs(date: string): number {
  return zonedTimeMs(addDays(date, 1), PUBLISHED_AT, NEW_YORK);
}

/**
 * The days from each dataset's `firstDate` to `lastDate` whose key begins with `prefix` and sorts after
 * `after`, in byte order of their keys, whether they have a file or not.
 */
export function* daysOfPrefix(
  firstDate: (dataset: Dataset) => string,
  lastDate: string,
  prefix: string,
  after: string,
): Generator<DayFile & { readonly key: string }> {
  const folders = DATASETS.flatMap((dataset) =>
    SPANS.map((span) => ({ dataset, span, folder: folderOf(dataset, span) })),
  );
  for (const { dataset, span, folder } of folders.toSorted((a, b) => (a.folder < b.folder ? -1 : 1))) {
    if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) continue;
    for (let day = epochDayOf(firstDate(dataset)); day <= epochDayOf(lastDate); day += 1) {
      const file = { dataset, date: dateOfEpochDay(day), span };
      const key = keyOf(file);
      if (key > after && key.startsWith(prefix)) yield { ...file, key };
    }
  }
}
