import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { errorText } from "../core/errors.ts";
import { md5OfEtag, type FlatFile } from "../core/flat-file.ts";
import type { Md5Thread } from "./md5-thread.ts";
import { codeOf } from "./network-errors.ts";

const READ_BYTES = 256 << 10;
const UNPACKED_BYTES = 1 << 20;

export interface Verified {
  /** Of the whole file, hex. */
  readonly md5: string;
  /** Why it is not what the vendor published; null if nothing speaks against it. */
  readonly fault: string | null;
}

/**
 * Looks whether a fetched file is what was published: by its MD5 if the ETag is one, otherwise by unpacking it to the
 * end, where gzip keeps CRC and length. Throws the system's error if it cannot be read.
 */
export async function verify(
  path: string,
  object: FlatFile,
  md5Thread: Md5Thread,
  signal: AbortSignal | undefined,
): Promise<Verified> {
  const md5 = await abortable(md5Thread.md5Of(path, object.sizeBytes), signal);
  const published = md5OfEtag(object.etag);
  if (published === null) return { md5, fault: await gzipFault(path, signal) };
  return { md5, fault: published === md5 ? null : `its MD5 is not ${object.etag}` };
}

/** Unpacks off this thread, piece by piece; null if the file is whole. */
async function gzipFault(path: string, signal: AbortSignal | undefined): Promise<string | null> {
  const nowhere = new Writable({ write: (_chunk, _encoding, next) => next() });
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  const gunzip = createGunzip({ chunkSize: UNPACKED_BYTES });
  try {
    await pipeline(file, gunzip, nowhere, signal ? { signal } : {});
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    if (codeOf(error)?.startsWith("Z_") !== true) throw error;
    return `it is no whole gzip file (${errorText(error)})`;
  }
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    return await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
