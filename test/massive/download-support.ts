import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { download } from "../../src/massive/download.ts";
import type { FlatFile } from "../../src/core/flat-file.ts";
import { tempDir } from "../support/temp-dir.ts";
import { rejectionOf } from "../support/thrown.ts";
import { FRIDAY, type Vendor } from "./support.ts";

export const GET_FRIDAY = /2024-11-22\.csv\.gz/;
export const ONE_SEGMENT = { segmentBytes: 1 << 30 };

/** Downloads Friday's file into a folder of its own; gives the result, the file and what was reported. */
export async function downloadFriday(vendor: Vendor, object: FlatFile) {
  using dir = tempDir();
  const path = join(dir.path, "indices", `${FRIDAY}.csv.gz`);
  const reported: number[] = [];
  const result = await download(vendor.flatFiles, object, path, { onBytes: (count) => reported.push(count) });
  const bytes = readFileSync(path);
  return { result, bytes, reported, left: readdirSync(join(dir.path, "indices")) };
}

/** What a download that fails leaves behind, besides its error. */
export async function failedDownload(vendor: Vendor, object: FlatFile) {
  using dir = tempDir();
  const error = await rejectionOf(download(vendor.flatFiles, object, join(dir.path, "day.csv.gz")));
  return { error, left: readdirSync(dir.path) };
}

/** What was reported in all. */
export function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
