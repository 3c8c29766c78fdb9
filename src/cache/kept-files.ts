import type { Dataset } from "../core/datasets.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { Cache } from "./cache.ts";

/** A flat file that lies in the data directory, by the manifest. */
export interface KeptFile {
  readonly dataset: Dataset;
  readonly epochDay: number;
  readonly sizeBytes: number;
  /** 1 if it was read into the cache. */
  readonly isRead: number;
}

/** The flat files that lie in the data directory, by the manifest. */
export function keptFiles({ db }: Cache): KeptFile[] {
  return db
    .query<KeptFile, [number]>(
      `SELECT dataset, epoch_day AS epochDay, size_bytes AS sizeBytes, read_at_ms IS NOT NULL AS isRead
       FROM flat_files WHERE timeframe_minutes = ? AND downloaded_at_ms IS NOT NULL ORDER BY dataset, epoch_day`,
    )
    .all(ONE_MINUTE);
}

/**
 * The dates (days since 1970-01-01) of which some symbol does not have its flat file's bars yet: they came by API, or are
 * marked to be read again.
 */
export function datesToRead({ db }: Cache): Map<Dataset, Set<number>> {
  const rows = db
    .query<{ dataset: Dataset; epochDay: number }, [number]>(
      `SELECT DISTINCT s.dataset, b.epoch_day AS epochDay FROM batches b JOIN symbols s ON s.id = b.symbol_id
       WHERE b.timeframe_minutes = ? AND b.source = 'api'`,
    )
    .all(ONE_MINUTE);
  return datesByDataset(rows);
}

/** Dates gathered by their dataset. */
export function datesByDataset(
  rows: readonly { readonly dataset: Dataset; readonly epochDay: number }[],
): Map<Dataset, Set<number>> {
  const groups = Map.groupBy(rows, ({ dataset }) => dataset);
  return new Map([...groups].map(([dataset, days]) => [dataset, new Set(days.map((day) => day.epochDay))]));
}
