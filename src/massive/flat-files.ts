import { Readable } from "node:stream";
import { GetObjectCommand, ListObjectsV2Command, type ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import type { Dataset } from "../core/datasets.ts";
import { BackfillError } from "../core/errors.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { dateOfKey, monthPrefix } from "./flat-file-keys.ts";
import type { FlatFiles } from "./s3-client.ts";
import { s3Error } from "./s3-errors.ts";
import { withS3Retries } from "./s3-request.ts";

/** A month has 31 files and a page 1000 keys: more pages than this mean that the listing never ends. */
const MAX_PAGES = 50;

/** The vendor's largest days have 0.15 GB. */
const MAX_FILE_BYTES = 16e9;
/** What can stand between the quotes of a header (RFC 9110, 8.8.3), and no longer than any store makes it. */
const ETAG = /^[!#-~]{1,200}$/;

/**
 * The flat files of one month (`YYYY-MM`) that the vendor has published, by date. Keys of any other form in the
 * same folder are left out.
 * @throws BackfillError (settings or source); the reason of `signal` if that is aborted.
 */
export async function listMonth(
  flatFiles: FlatFiles,
  dataset: Dataset,
  month: string,
  signal?: AbortSignal,
): Promise<FlatFile[]> {
  const prefix = monthPrefix(dataset, month);
  const operation = `list ${prefix}`;
  const objects = new Map<string, FlatFile>();
  let token: string | undefined;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const listing = await listPage(flatFiles, operation, prefix, token, signal);
    for (const entry of listing.Contents ?? []) {
      const date = dateOfKey(dataset, entry.Key ?? "");
      if (date?.startsWith(month)) objects.set(date, readEntry(operation, dataset, date, entry));
    }
    if (listing.IsTruncated !== true)
      return [...objects.values()].toSorted((a, b) => (a.date < b.date ? -1 : 1));
    token = listing.NextContinuationToken;
    if (token === undefined) throw badListing(operation, "it was cut, but does not say how to go on");
  }
  throw badListing(operation, `it has more than ${MAX_PAGES} pages`);
}

/**
 * What the vendor's listing says of a flat file now.
 * @throws BackfillError (settings or source; `not-published` if it is gone); the reason of `signal` if that is aborted.
 */
export async function relist(
  flatFiles: FlatFiles,
  { key, dataset, date }: FlatFile,
  signal: AbortSignal | undefined,
): Promise<FlatFile> {
  const operation = `list ${key}`;
  const { Contents } = await listPage(flatFiles, operation, key, undefined, signal);
  const entry = Contents?.find(({ Key }) => Key === key);
  if (entry === undefined) throw s3Error(operation, "not-published", undefined);
  return readEntry(operation, dataset, date, entry);
}

/** How a file is asked for: a refusal is believed at once, or only after it was repeated for some seconds. */
export type Patience = "once" | "patient";

/**
 * Whether the subscription lets us read `object`: listing works for every file whatever the plan, reading does
 * not. Reads one byte. Returns null if it does, else the refusal in the vendor's words (`forbidden`).
 * @throws BackfillError (settings or source) if that cannot be told; the reason of `signal` if that is aborted.
 */
export async function probe(
  flatFiles: FlatFiles,
  object: FlatFile,
  patience: Patience,
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const operation = `check access to ${object.key}`;
    const how = { operation, signal, doubtsRefusal: patience === "patient" };
    await withS3Retries(flatFiles, how, async (attempt) => {
      const request = { Bucket: flatFiles.bucket, Key: object.key, Range: "bytes=0-0" };
      const options = { abortSignal: attempt.signal };
      const { Body, ContentLength } = await flatFiles.client.send(new GetObjectCommand(request), options);
      // A server that ignores ranges sends all of it.
      if (ContentLength !== 1 && Body instanceof Readable) Body.destroy();
      else await Body?.transformToByteArray();
      flatFiles.hasRead = true;
    });
    return null;
  } catch (error) {
    if (error instanceof BackfillError && error.code === "not-entitled")
      return error.vendorSentence ?? error.reason;
    throw error;
  }
}

async function listPage(
  flatFiles: FlatFiles,
  operation: string,
  prefix: string,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListObjectsV2CommandOutput> {
  return withS3Retries(flatFiles, { operation, signal, isForEveryPlan: true }, async (attempt) => {
    const request = { Bucket: flatFiles.bucket, Prefix: prefix, ContinuationToken: token };
    const options = { abortSignal: attempt.signal };
    const listing = await flatFiles.client.send(new ListObjectsV2Command(request), options);
    // The SDK reads any XML, so a web page too, as a listing of nothing.
    if (listing.IsTruncated === undefined) throw s3Error(operation, "unexpected-answer", undefined);
    return listing;
  });
}

type ListingEntry = NonNullable<ListObjectsV2CommandOutput["Contents"]>[number];

function readEntry(
  operation: string,
  dataset: Dataset,
  date: string,
  { Key, ETag, Size, LastModified }: ListingEntry,
): FlatFile {
  const etag = (ETag ?? "").replaceAll('"', "").trim();
  if (Key === undefined || etag === "" || Size === undefined)
    throw badListing(operation, `${date} has no ETag or no size`);
  if (!ETAG.test(etag)) throw badListing(operation, `${date} has an ETag that cannot be sent back`);
  if (!Number.isInteger(Size) || Size < 0 || Size > MAX_FILE_BYTES)
    throw badListing(operation, `${date} has a size that no day's file has`);
  return { dataset, date, key: Key, etag, sizeBytes: Size, lastModifiedMs: LastModified?.getTime() ?? null };
}

function badListing(operation: string, reason: string): BackfillError {
  return new BackfillError({
    kind: "source",
    code: "bad-listing",
    operation,
    reason: `the listing cannot be used: ${reason}`,
    nextStep: "Run again later; if it stays so, check MASSIVE_S3_ENDPOINT.",
  });
}
