import { BackfillError } from "../core/errors.ts";
import { fetchSegment, type SegmentSink } from "./fetch-segment.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { linkedAbort } from "./linked-abort.ts";
import { openPartFile, type PartFile } from "./part-file.ts";
import type { FlatFiles } from "./s3-client.ts";
import { segmentsOf } from "./segments.ts";

export interface DownloadOptions {
  /** Is told of `count` more bytes; negative if as many are dropped to be fetched again. */
  readonly onBytes?: (count: number) => void;
  /** Is told of `count` bytes that an earlier run had fetched already. */
  readonly onResumed?: (count: number) => void;
  readonly signal?: AbortSignal;
  /** Whether the file must outlive a power cut; default true. */
  readonly sync?: boolean;
}

export interface Download {
  /** The version that was fetched: another one than was asked for if the vendor replaced it meanwhile. */
  readonly object: FlatFile;
  /** Size of the file. */
  readonly bytes: number;
  /** What came over the network. */
  readonly fetchedBytes: number;
  /** Of the whole file, hex. */
  readonly md5: string;
}

/** How often a file whose MD5 is wrong is fetched in all. */
const MAX_FETCHES = 2;

/** An ETag of this form is the MD5 of the object; one that ends in `-N` was uploaded in parts and is none. */
const PLAIN_MD5 = /^[0-9a-f]{32}$/i;

/**
 * Downloads exactly this version of a flat file to `toPath`. It is written to `${toPath}.part` and gets its name
 * when it is complete and checked; if it cannot be completed, nothing is left. Large files come over several
 * connections at once; memory does not grow with the file.
 * @throws BackfillError: settings or source with a code of `S3Failure` (`republished`: list again) or `corrupt`,
 * cache if it cannot be written; the reason of `signal` if that is aborted.
 */
export async function download(
  flatFiles: FlatFiles,
  object: FlatFile,
  toPath: string,
  options: DownloadOptions = {},
): Promise<Download> {
  const { signal, sync = true } = options;
  let fetchedBytes = 0;
  const onBytes = (count: number) => {
    fetchedBytes += Math.max(0, count);
    options.onBytes?.(count);
  };
  signal?.throwIfAborted();
  const part = await openPartFile(toPath);
  try {
    const md5 = await fetchChecked(flatFiles, object, part, onBytes, signal);
    signal?.throwIfAborted();
    await part.commit(sync);
    return { object, bytes: object.sizeBytes, fetchedBytes, md5 };
  } finally {
    await part.discard();
  }
}

/** Bytes of `object` that an unfinished download to `toPath` has already brought: they are not fetched again. */
export async function resumableBytes(_object: FlatFile, _toPath: string): Promise<number> {
  return 0;
}

/** Fetches the object into `part` until its MD5 is right; returns the MD5. */
async function fetchChecked(
  flatFiles: FlatFiles,
  object: FlatFile,
  part: PartFile,
  onBytes: DownloadOptions["onBytes"],
  signal: AbortSignal | undefined,
): Promise<string> {
  for (let fetches = 1; fetches <= MAX_FETCHES; fetches++) {
    if (fetches > 1) onBytes?.(-object.sizeBytes);
    const sink: SegmentSink = async (bytes, offset) => {
      await part.write(bytes, offset);
      onBytes?.(bytes.length);
    };
    await fetchAll(flatFiles, object, sink, signal);
    const md5 = await part.md5();
    if (!PLAIN_MD5.test(object.etag) || object.etag.toLowerCase() === md5) return md5;
  }
  throw new BackfillError({
    kind: "source",
    code: "corrupt",
    operation: `download ${object.key}`,
    reason: `what arrived is not what the vendor published: its MD5 is not ${object.etag}`,
    nextStep: "Run again; if it stays so, a proxy in between changes the files.",
  });
}

/** Fetches all segments side by side, as far as there are connections; the first that fails ends the others. */
async function fetchAll(
  flatFiles: FlatFiles,
  object: FlatFile,
  sink: SegmentSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  using linked = linkedAbort(signal);
  const segments = segmentsOf(object.sizeBytes, flatFiles.options.segmentBytes);
  // All are awaited, also after a failure: none may write into a file that is gone.
  await Promise.allSettled(
    segments.map(async (segment) => {
      try {
        await fetchSegment(flatFiles, object, segment, sink, linked.signal);
      } catch (error) {
        linked.abort(error);
      }
    }),
  );
  if (linked.signal.aborted) throw linked.signal.reason;
}
