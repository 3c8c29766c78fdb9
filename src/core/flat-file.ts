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

/** An ETag of this form is the MD5 of the object; one that ends in `-N` was uploaded in parts and is none. */
const PLAIN_MD5 = /^[0-9a-f]{32}$/i;

/** The MD5 that a version's ETag says its bytes have, hex; null if it says none. */
export function md5OfEtag(etag: string): string | null {
  return PLAIN_MD5.test(etag) ? etag.toLowerCase() : null;
}
