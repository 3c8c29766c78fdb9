import { stat } from "node:fs/promises";
import { resumableBytes } from "../massive/download.ts";
import { localFilePath } from "./local-files.ts";
import type { AvailableFile } from "./planning/facts.ts";
import type { PlannedFile } from "./planning/plan.ts";

/** One file to fetch, and what of it is on the disk already. */
export interface FileTransfer {
  readonly sizeBytes: number;
  /** Fetched by an earlier run that did not come to its end. */
  readonly resumedBytes: number;
  /** Of the older version whose place it takes. */
  readonly replacedBytes: number;
}

/** All that a run is going to fetch. */
export interface Transfer {
  readonly files: readonly FileTransfer[];
  /** Bytes to fetch, without those of an earlier run. */
  readonly bytes: number;
  readonly resumedBytes: number;
  /** Size of the files of which every ticker is going to be cached. */
  readonly wholeBytes: number;
}

/** Finds out what fetching those of `planned` that are not here yet comes to; nothing is asked of the vendor. */
export async function planTransfer(
  dataDir: string,
  planned: readonly (Pick<PlannedFile, "file"> & Partial<PlannedFile>)[],
): Promise<Transfer> {
  const wanted = planned.filter(({ file }) => !file.local);
  const files = await Promise.all(wanted.map(({ file }) => transferOf(dataDir, file)));
  const resumedBytes = files.reduce((sum, file) => sum + file.resumedBytes, 0);
  return {
    files,
    bytes: sizeOfAll(wanted) - resumedBytes,
    resumedBytes,
    wholeBytes: sizeOfAll(wanted.filter(({ tickers }) => tickers === "all")),
  };
}

async function transferOf(dataDir: string, file: AvailableFile): Promise<FileTransfer> {
  const path = localFilePath(dataDir, file.dataset, file.date);
  const [resumedBytes, replacedBytes] = await Promise.all([resumableBytes(file, path), sizeOf(path)]);
  return { sizeBytes: file.sizeBytes, resumedBytes, replacedBytes };
}

function sizeOfAll(planned: readonly Pick<PlannedFile, "file">[]): number {
  return planned.reduce((sum, { file }) => sum + file.sizeBytes, 0);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    // There is none, or what keeps us from looking at it is explained when it is written.
    return 0;
  }
}
