import type { Dataset } from "./datasets.ts";

/** One version of a day's flat file, by what the vendor's listing says of it. */
export interface FlatFile {
  readonly dataset: Dataset;
  readonly date: string;
  /** Key in the bucket; of a file that came another way, its name. */
  readonly key: string;
  /** Without its quotes; of a file that came another way, the MD5 of its bytes, or `UNKNOWN_ETAG` until it is read. */
  readonly etag: string;
  readonly sizeBytes: number;
  /** Null if nobody said it. */
  readonly lastModifiedMs: number | null;
}

/** The ETag of a file that this program did not download and has not read yet. */
export const UNKNOWN_ETAG = "";
