import { BackfillError } from "../core/errors.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { bytesIn, cut, missingFrom } from "./byte-ranges.ts";
import { DownloadTally } from "./download-tally.ts";
import { fetchRange } from "./fetch-range.ts";
import { relist } from "./flat-files.ts";
import { linkedAbort } from "./linked-abort.ts";
import { fileError, openPartFile, type PartFile } from "./part-file.ts";
import type { RangeSink } from "./range-writer.ts";
import type { FlatFiles } from "./s3-client.ts";
import { verify } from "./verify.ts";

export { resumableBytes } from "./part-file.ts";

export interface DownloadOptions {
  /** Is told of `count` more bytes from the network; negative if as many are dropped to be fetched again. */
  readonly onBytes?: (count: number) => void;
  /** Is told of `count` bytes that an earlier run had fetched already; negative if they are dropped. */
  readonly onResumed?: (count: number) => void;
  /** Is told when all that is missing waits for its connection: what is asked for from then on comes after it. */
  readonly onQueued?: () => void;
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

/** How often a file that turns out bad is fetched in all. */
const MAX_FETCHES = 2;

/** How often a file that is said to be replaced is begun. */
const MAX_VERSIONS = 4;

/** What is on the disk of a file is of no use after these. */
const USELESS_AFTER = new Set(["corrupt", "not-published"]);

/**
 * Downloads a flat file to `toPath`, in ranges over as many connections as there are; memory does not grow with the
 * file. It is written to `${toPath}.part` and gets its name when it is complete and checked. If that fails, what is
 * fetched is kept beside a journal of it, and the next download of the same version goes on from there.
 * @throws BackfillError: settings or source with a code of `S3Failure` or `corrupt`, cache if it cannot be written;
 * the reason of `signal` if that is aborted.
 */
export async function download(
  flatFiles: FlatFiles,
  object: FlatFile,
  toPath: string,
  options: DownloadOptions = {},
): Promise<Download> {
  const { signal } = options;
  const tally = new DownloadTally(options);
  let version = object;
  for (let versions = 1; ; versions++) {
    signal?.throwIfAborted();
    try {
      const md5 = await fetchVersion(flatFiles, version, toPath, tally, options);
      return { object: version, bytes: version.sizeBytes, fetchedBytes: tally.fetchedBytes, md5 };
    } catch (error) {
      if (!isRepublished(error) || versions === MAX_VERSIONS) throw error;
      // Where the listing still names the old version, the server was mistaken, and what has come is kept.
      tally.drop();
      version = await relist(flatFiles, version, signal);
    }
  }
}

function isRepublished(error: unknown): boolean {
  return error instanceof BackfillError && error.code === "republished";
}

/** Brings exactly this version; returns its MD5. */
async function fetchVersion(
  flatFiles: FlatFiles,
  object: FlatFile,
  toPath: string,
  tally: DownloadTally,
  { signal, sync = true }: DownloadOptions,
): Promise<string> {
  const part = await openPartFile(toPath, object);
  try {
    const md5 = await fetchVerified(flatFiles, object, part, tally, signal);
    signal?.throwIfAborted();
    await part.commit(sync);
    return md5;
  } catch (error) {
    if (error instanceof BackfillError && USELESS_AFTER.has(error.code ?? "")) await part.startOver();
    throw error;
  } finally {
    await part.close();
  }
}

async function fetchVerified(
  flatFiles: FlatFiles,
  object: FlatFile,
  part: PartFile,
  tally: DownloadTally,
  signal: AbortSignal | undefined,
): Promise<string> {
  let fault: string | null = null;
  for (let fetches = 1; fetches <= MAX_FETCHES; fetches++) {
    tally.resumed(bytesIn(part.finished));
    const missing = fetchMissing(flatFiles, object, part, tally, signal);
    tally.queued();
    await missing;
    const verified = await verifyPart(flatFiles, object, part, signal);
    if (verified.fault === null) return verified.md5;
    fault = verified.fault;
    tally.drop();
    await part.startOver();
  }
  throw new BackfillError({
    kind: "source",
    code: "corrupt",
    operation: `download ${object.key}`,
    reason: `what arrived is not what the vendor published: ${fault}`,
    nextStep: "Run again; if it stays so, a proxy in between changes the files.",
  });
}

/** Fetches all ranges side by side, as far as there are connections; the first that fails ends the others. */
async function fetchMissing(
  flatFiles: FlatFiles,
  object: FlatFile,
  part: PartFile,
  tally: DownloadTally,
  signal: AbortSignal | undefined,
): Promise<void> {
  using linked = linkedAbort(signal);
  const sink: RangeSink = {
    received: (count) => tally.fetched(count),
    write: (pieces, offset) => part.write(pieces, offset),
    finish: (range) => part.finish(range),
  };
  const missing = missingFrom(part.finished, object.sizeBytes);
  // All are awaited, also after a failure: none may write into a file that is closed.
  await Promise.allSettled(
    cut(missing, flatFiles.pace.rangeBytes(object.sizeBytes)).map(async (range) => {
      try {
        await fetchRange(flatFiles, object, range, sink, linked.signal);
      } catch (error) {
        linked.abort(error);
      }
    }),
  );
  if (linked.signal.aborted) throw linked.signal.reason;
}

async function verifyPart(
  { md5Thread }: FlatFiles,
  object: FlatFile,
  { path }: PartFile,
  signal: AbortSignal | undefined,
) {
  try {
    return await verify(path, object, md5Thread, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError(path, error);
  }
}
