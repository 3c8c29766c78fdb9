import { stat } from "node:fs/promises";
import type { FlatFileVersion } from "../../cache/flat-files.ts";
import { BackfillError } from "../../core/errors.ts";
import { md5OfEtag } from "../../core/flat-file.ts";
import { formatCount } from "../../core/format.ts";
import { rawBytes, textBytes } from "../file-bytes.ts";
import { FileSum } from "../file-sum.ts";
import { readDay, type DayFile, type DayReadingOptions } from "../read-day.ts";

/** Why a kept file is not the one that was downloaded. */
export interface FileFault {
  readonly kind: "file-missing" | "file-size" | "file-damaged" | "file-changed";
  readonly detail: string;
}

/** What is done with the bytes of a file, and with its rows. */
export type KeptFileReading = Required<Pick<DayReadingOptions, "signal" | "onRaw" | "onBlock">>;

/**
 * Reads a kept file to its end and looks whether it is the version that was downloaded: size, gzip's checksum, MD5
 * where the ETag is one. Its rows go to `onBlock` on the way; without wanted tickers they are not looked at.
 * Null if nothing is wrong.
 */
export async function readKeptFile(
  file: DayFile,
  version: FlatFileVersion,
  { signal, onRaw, onBlock }: KeptFileReading,
): Promise<FileFault | null> {
  const sizeBytes = await sizeOf(file.path);
  if (sizeBytes === null) return { kind: "file-missing", detail: file.path };
  if (sizeBytes !== version.sizeBytes)
    return {
      kind: "file-size",
      detail: `${formatCount(version.sizeBytes)} bytes downloaded, ${formatCount(sizeBytes)} in ${file.path}`,
    };
  const sum = new FileSum();
  const options = {
    signal,
    onBlock,
    onRaw(bytes: Uint8Array) {
      sum.add(bytes);
      onRaw(bytes);
    },
  };
  try {
    if (file.wanted === "all" || file.wanted.size > 0) await readDay(file, options);
    else await readToEnd(textBytes(file.path, options));
  } catch (error) {
    if (!(error instanceof BackfillError) || error.kind !== "data") throw error;
    if (error.code === "ENOENT") return { kind: "file-missing", detail: file.path };
    // All of it was read then, and rows that were left out are not in the cache either.
    if (error.code !== "bad-rows") return { kind: "file-damaged", detail: error.message };
  }
  return md5Fault(file.path, version, sum, signal);
}

async function readToEnd(chunks: AsyncGenerator<Uint8Array>): Promise<void> {
  let isAtEnd = false;
  while (!isAtEnd) isAtEnd = (await chunks.next()).done === true;
}

async function md5Fault(
  path: string,
  version: FlatFileVersion,
  passed: FileSum,
  signal: AbortSignal,
): Promise<FileFault | null> {
  const published = md5OfEtag(version.etag);
  if (published === null) return null;
  const md5 = passed.covers(version) ? passed.md5() : await md5Of(path, signal);
  return published === md5
    ? null
    : { kind: "file-changed", detail: `MD5 ${published} downloaded, ${md5} of ${path}` };
}

async function md5Of(path: string, signal: AbortSignal): Promise<string> {
  const sum = new FileSum();
  for await (const chunk of rawBytes(path, { signal })) sum.add(chunk);
  return sum.md5();
}

async function sizeOf(path: string): Promise<number | null> {
  const facts = await statOrNull(path);
  return facts?.size ?? null;
}

/** What tells a file from one that took its place. */
export async function fileIdentity(path: string): Promise<string> {
  const facts = await statOrNull(path);
  return facts === null ? "none" : `${facts.ino} ${facts.size} ${facts.mtimeMs}`;
}

async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
