import { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { BackfillError } from "../core/errors.ts";
import type { FlatFile } from "../core/flat-file.ts";
import type { ByteRange } from "./byte-ranges.ts";
import { RangeWriter, type RangeSink } from "./range-writer.ts";
import type { FlatFiles } from "./s3-client.ts";
import { s3Error } from "./s3-errors.ts";
import { withS3Retries, type S3Try } from "./s3-request.ts";

/** A try that brings less than this before it fails counts as one that brought nothing. */
const PROGRESS_BYTES = 64 << 10;

/** Less than this within the time of silence is no more than silence: a connection that trickles is cut, too. */
const ALIVE_BYTES = 32 << 10;

/**
 * Fetches one range of exactly this version of `object`. After a broken or silent connection it goes on from the
 * bytes that it has.
 * @throws BackfillError; the reason of `signal` if that is aborted.
 */
export async function fetchRange(
  flatFiles: FlatFiles,
  object: FlatFile,
  { start, end }: ByteRange,
  sink: RangeSink,
  signal: AbortSignal,
): Promise<void> {
  const operation = `download ${object.key}`;
  const { rateLimit, options } = flatFiles;
  let position = start;
  await withS3Retries(flatFiles, { operation, signal, isIncluded: true }, async (attempt) => {
    const from = position;
    const startMs = options.clock.now();
    const writer = new RangeWriter(sink, from);
    const aliveBytes = Math.min(ALIVE_BYTES, (end - from) / 8);
    let aliveAt = from;
    try {
      for await (const bytes of await openRange(flatFiles, object, { start: from, end }, attempt)) {
        if (writer.position + bytes.length > end)
          throw badAnswer(operation, "it holds more bytes than asked for");
        flatFiles.hasRead = true;
        writer.add(bytes);
        if (writer.position - aliveAt >= aliveBytes) {
          aliveAt = writer.position;
          attempt.alive();
        }
        if (writer.position - from >= PROGRESS_BYTES) attempt.progressed();
        if (writer.isFull) await attempt.inOurTime(() => writer.flush());
        if (rateLimit) await attempt.inOurTime(() => rateLimit.spend(bytes.length, attempt.signal));
      }
    } finally {
      await writer.flush();
      position = writer.position;
    }
    flatFiles.pace.measured(position - from, options.clock.now() - startMs);
    if (position < end) throw Object.assign(new Error("the body ended early"), { code: "ECONNRESET" });
  });
}

async function openRange(
  flatFiles: FlatFiles,
  object: FlatFile,
  { start, end }: ByteRange,
  attempt: S3Try,
): Promise<AsyncIterable<Uint8Array>> {
  const request = {
    Bucket: flatFiles.bucket,
    Key: object.key,
    Range: `bytes=${start}-${end - 1}`,
    IfMatch: `"${object.etag}"`,
  };
  const options = { abortSignal: attempt.signal };
  const answer = await flatFiles.client.send(new GetObjectCommand(request), options);
  const { Body } = answer;
  if (!(Body instanceof Readable)) throw new TypeError("the SDK gave no node stream");
  attempt.alive();
  try {
    assertAnswers(answer, object, { start, end });
    return Body;
  } catch (error) {
    // Its connection would wait for somebody to read it.
    Body.destroy();
    throw error;
  }
}

/** A server may ignore `If-Match` and `Range`; then its bytes must not be taken for those we asked for. */
function assertAnswers(answer: GetObjectCommandOutput, object: FlatFile, { start, end }: ByteRange): void {
  const operation = `download ${object.key}`;
  const etag = answer.ETag?.replaceAll('"', "").trim();
  if (etag !== undefined && etag !== object.etag) throw s3Error(operation, "republished", undefined);
  const isWhole = start === 0 && end === object.sizeBytes && answer.ContentLength === end;
  if (isWhole && answer.ContentRange === undefined) return;
  if (answer.ContentRange !== `bytes ${start}-${end - 1}/${object.sizeBytes}`)
    throw badAnswer(operation, "it is not the range that was asked for");
}

function badAnswer(operation: string, reason: string): BackfillError {
  return new BackfillError({
    kind: "source",
    code: "unexpected-answer",
    operation,
    reason: `the answer cannot be used: ${reason}`,
    nextStep: "Check MASSIVE_S3_ENDPOINT, and whether a proxy stands in between.",
  });
}
