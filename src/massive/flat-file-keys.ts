import { DATASET_FACTS, type Dataset } from "../core/datasets.ts";
import { isDate } from "../core/dates.ts";

/** The vendor's folder of minute bars, the same in every dataset. */
const MINUTE_AGGREGATES = "minute_aggs_v1";
/** The folder of day bars: one row a ticker. */
const DAY_AGGREGATES = "day_aggs_v1";
const EXTENSION = ".csv.gz";

/** The S3 key of a day's minute bars: `us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz`. */
export function flatFileKey(dataset: Dataset, date: string): string {
  return `${monthPrefix(dataset, date.slice(0, 7))}${date}${EXTENSION}`;
}

/** The S3 key of the file with one row a ticker: `us_indices/day_aggs_v1/2024/11/2024-11-22.csv.gz`. */
export function dayBarsKey(dataset: Dataset, date: string): string {
  const [year, month] = date.split("-");
  return `${DATASET_FACTS[dataset].keyPrefix}/${DAY_AGGREGATES}/${year}/${month}/${date}${EXTENSION}`;
}

/** What the keys of a month (`YYYY-MM`) begin with: `us_indices/minute_aggs_v1/2024/11/`. */
export function monthPrefix(dataset: Dataset, month: string): string {
  return `${DATASET_FACTS[dataset].keyPrefix}/${MINUTE_AGGREGATES}/${month.replace("-", "/")}/`;
}

/**
 * The date (`YYYY-MM-DD`) of a key of `dataset`. Null for every key that `flatFileKey` would not make: of another
 * dataset or kind, with `..` in it, in the folder of another month.
 */
export function dateOfKey(dataset: Dataset, key: string): string | null {
  const date = key.slice(-EXTENSION.length - "YYYY-MM-DD".length, -EXTENSION.length);
  return isDate(date) && flatFileKey(dataset, date) === key ? date : null;
}
