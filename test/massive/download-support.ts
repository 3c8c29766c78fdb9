import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { download, type Download } from "../../src/massive/download.ts";
import type { FlatFile } from "../../src/core/flat-file.ts";
import type { ByteRange } from "../../src/massive/byte-ranges.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { tempDir } from "../support/temp-dir.ts";
import { rejectionOf } from "../support/thrown.ts";
import { FRIDAY, type Vendor } from "./support.ts";

export const GET_FRIDAY = /2024-11-22\.csv\.gz/;

/** Has files fetched in ranges of this size. */
export function rangesOf(bytes: number) {
  return { minRangeBytes: bytes, maxRangeBytes: bytes };
}

export const ONE_RANGE = rangesOf(1 << 30);

/** What a download of `object` gives when every byte of it was fetched once. */
export function wholeDownload(object: FlatFile): Download {
  return { object, bytes: object.sizeBytes, fetchedBytes: object.sizeBytes, md5: object.etag };
}

/** Downloads Friday's file into a folder of its own; gives the result, the file and what was reported. */
export async function downloadFriday(vendor: Vendor, object: FlatFile, onBytes?: (count: number) => void) {
  using dir = tempDir();
  const folder = join(dir.path, "indices");
  const path = join(folder, `${FRIDAY}.csv.gz`);
  const { result, bytes, fetched } = await downloadInto(vendor, object, path, onBytes);
  return { result, bytes, reported: fetched, left: readdirSync(folder) };
}

/** Downloads a file to `path`; gives the result, the file and what was reported. */
export async function downloadInto(
  vendor: Vendor,
  object: FlatFile,
  path: string,
  onBytes: (count: number) => void = () => {},
) {
  const fetched: number[] = [];
  const resumed: number[] = [];
  const result = await download(vendor.flatFiles, object, path, {
    onBytes(count) {
      fetched.push(count);
      onBytes(count);
    },
    onResumed: (count) => resumed.push(count),
  });
  return { result, bytes: readFileSync(path), fetched, resumed };
}

/** What a download that fails leaves behind, besides its error. */
export async function failedDownload(vendor: Vendor, object: FlatFile, onBytes: () => void = () => {}) {
  using dir = tempDir();
  const work = download(vendor.flatFiles, object, join(dir.path, "day.csv.gz"), { onBytes });
  return { error: await rejectionOf(work), left: readdirSync(dir.path) };
}

/** The ranges that were asked for, in the order of the requests. */
export function requestedRanges({ requests }: Pick<Sandbox, "requests">): ByteRange[] {
  return requests.flatMap(({ range }) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    return first === undefined ? [] : [{ start: Number(first), end: Number(last) + 1 }];
  });
}

/** What was reported in all. */
export function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
