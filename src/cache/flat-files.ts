import type { Dataset } from "../core/datasets.ts";
import { epochDayOf } from "../core/dates.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { Cache } from "./cache.ts";

/** One published version of a day's flat file, as the cache knows it. */
export interface FlatFileVersion {
  readonly id: number;
  readonly epochDay: number;
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number | null;
  /** When this version was put into the data directory, epoch ms; null if another version is there, or none. */
  readonly downloadedAtMs: number | null;
  readonly readAtMs: number | null;
  /** 1 if every ticker of it was read, so that a ticker without a batch is known to be absent. */
  readonly allTickersRead: number;
}

const VERSION_COLUMNS = `id, epoch_day AS epochDay, key, etag, size_bytes AS sizeBytes,
  last_modified_ms AS lastModifiedMs, downloaded_at_ms AS downloadedAtMs, read_at_ms AS readAtMs,
  all_tickers_read AS allTickersRead`;

/** All versions of a dataset's flat files from one date to another (both included), oldest first. */
export function flatFileVersions(
  cache: Cache,
  dataset: Dataset,
  from: string,
  to: string,
): FlatFileVersion[] {
  return cache.db
    .query<FlatFileVersion, [string, number, number, number]>(
      `SELECT ${VERSION_COLUMNS} FROM flat_files
       WHERE dataset = ? AND timeframe_minutes = ? AND epoch_day BETWEEN ? AND ? ORDER BY epoch_day, id`,
    )
    .all(dataset, ONE_MINUTE, epochDayOf(from), epochDayOf(to));
}

/** How many flat files lie in the data directory, and their size, by the manifest. */
export function keptFlatFiles(cache: Cache): { readonly files: number; readonly bytes: number } {
  const row = cache.db
    .query<{ files: number; bytes: number }, []>(
      "SELECT count(*) AS files, coalesce(sum(size_bytes), 0) AS bytes FROM flat_files WHERE downloaded_at_ms IS NOT NULL",
    )
    .get();
  return row ?? { files: 0, bytes: 0 };
}

/** The id of a version, remembered now if it is new. Call inside `cache.write`. */
export function flatFileId(cache: Cache, file: FlatFile): number {
  const key = [file.dataset, ONE_MINUTE, epochDayOf(file.date)] as const;
  cache.db
    .query(
      `INSERT OR IGNORE INTO flat_files (dataset, timeframe_minutes, epoch_day, key, etag, size_bytes, last_modified_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(...key, file.key, file.etag, file.sizeBytes, file.lastModifiedMs);
  const row = cache.db
    .query<{ id: number }, [string, number, number, string]>(
      "SELECT id FROM flat_files WHERE dataset = ? AND timeframe_minutes = ? AND epoch_day = ? AND etag = ?",
    )
    .get(...key, file.etag);
  return row?.id ?? Number.NaN;
}

/** Notes that this version now lies in the data directory, in place of any other of its day. */
export async function markDownloaded(cache: Cache, file: FlatFile, nowMs: number): Promise<void> {
  await cache.write(() => {
    const id = flatFileId(cache, file);
    forgetDownload(cache, file);
    cache.db.query("UPDATE flat_files SET downloaded_at_ms = ? WHERE id = ?").run(nowMs, id);
  });
}

/** Whether this version is known to lie in the data directory. */
export function isKept(cache: Cache, { dataset, date, etag }: FlatFile): boolean {
  const row = cache.db
    .query<{ kept: number }, [string, number, number, string]>(
      `SELECT downloaded_at_ms IS NOT NULL AS kept FROM flat_files
       WHERE dataset = ? AND timeframe_minutes = ? AND epoch_day = ? AND etag = ?`,
    )
    .get(dataset, ONE_MINUTE, epochDayOf(date), etag);
  return row?.kept === 1;
}

type FlatFileDay = Pick<FlatFile, "dataset" | "date">;

/** Notes that no version of a day lies in the data directory any more. */
export async function markDeleted(cache: Cache, file: FlatFileDay): Promise<void> {
  await cache.write(() => forgetDownload(cache, file));
}

function forgetDownload(cache: Cache, { dataset, date }: FlatFileDay): void {
  cache.db
    .query(
      "UPDATE flat_files SET downloaded_at_ms = NULL WHERE dataset = ? AND timeframe_minutes = ? AND epoch_day = ?",
    )
    .run(dataset, ONE_MINUTE, epochDayOf(date));
}

export interface RejectedSample {
  /** Line of the file, from 1; null if it is not known. */
  readonly lineNumber: number | null;
  readonly reason: string;
  readonly text: string;
}

/** Notes that a version was read, and the rows that were no bars. Call inside `cache.write`. */
export function markRead(
  cache: Cache,
  id: number,
  read: {
    readonly nowMs: number;
    readonly allTickers: boolean;
    readonly rejected: readonly RejectedSample[];
  },
): void {
  cache.db
    .query("UPDATE flat_files SET read_at_ms = ?, all_tickers_read = max(all_tickers_read, ?) WHERE id = ?")
    .run(read.nowMs, read.allTickers ? 1 : 0, id);
  const insert = cache.db.query(
    "INSERT OR IGNORE INTO rejected_rows (flat_file_id, line_number, reason, text) VALUES (?, ?, ?, ?)",
  );
  // A row that was known without its line is the same row.
  const forget = cache.db.query(
    "DELETE FROM rejected_rows WHERE flat_file_id = ? AND line_number IS NULL AND reason = ? AND text = ?",
  );
  for (const { lineNumber, reason, text } of read.rejected) {
    forget.run(id, reason, text);
    insert.run(id, lineNumber, reason, text);
  }
}

/** Whether there is a version of this id. */
export function isFlatFileKnown(cache: Cache, id: number): boolean {
  return cache.db.query<{ id: number }, [number]>("SELECT id FROM flat_files WHERE id = ?").get(id) !== null;
}

/** Versions of different days of a dataset that are the same file. */
export interface SameFiles {
  readonly etag: string;
  /** Days since 1970-01-01, in order. */
  readonly epochDays: readonly number[];
}

/** Flat files of a dataset that were published for several days, the same bytes each. */
export function sameFiles(cache: Cache, dataset: Dataset): SameFiles[] {
  return cache.db
    .query<{ etag: string; days: string }, [string, number]>(
      `SELECT etag, group_concat(DISTINCT epoch_day ORDER BY epoch_day) AS days FROM flat_files
       WHERE dataset = ? AND timeframe_minutes = ? AND etag <> ''
       GROUP BY etag HAVING count(DISTINCT epoch_day) > 1 ORDER BY min(epoch_day)`,
    )
    .all(dataset, ONE_MINUTE)
    .map(({ etag, days }) => ({ etag, epochDays: days.split(",").map(Number) }));
}

/** Whether this version still is the one in the data directory. */
export function isDownloaded(cache: Cache, id: number): boolean {
  const row = cache.db
    .query<{ downloaded: number }, [number]>(
      "SELECT downloaded_at_ms IS NOT NULL AS downloaded FROM flat_files WHERE id = ?",
    )
    .get(id);
  return row?.downloaded === 1;
}
