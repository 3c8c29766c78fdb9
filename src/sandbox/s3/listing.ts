import type { Library, StoredObject } from "../flatfiles/library.ts";
import type { Answer } from "../http/answer.ts";
import { element, s3Error, xmlAnswer } from "./errors.ts";

/** What a listing depends on besides the request. */
export interface ListingSettings {
  readonly bucket: string;
  /** Most keys of one page, whatever the client asks for. S3 itself: 1000. */
  readonly pageSize: number;
}

interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly startAfter: string;
  readonly token: string | undefined;
  readonly escape: (text: string) => string;
}

interface Page {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Last key or common prefix of the page if there are more to come. */
  readonly nextAfter: string | undefined;
}

/**
 * Answers ListObjectsV2.
 * Source: "ListObjectsV2" of the Amazon S3 API reference.
 */
export async function listObjects(
  library: Library,
  settings: ListingSettings,
  query: URLSearchParams,
): Promise<Answer> {
  const request = readRequest(query);
  if (!("prefix" in request)) return request;
  const after = request.token === undefined ? request.startAfter : afterOfToken(request.token);
  if (after === undefined)
    return s3Error(400, "InvalidArgument", "The continuation token provided is incorrect", {
      ArgumentName: "continuation-token",
    });
  const page = pageOf(library, request, after, Math.min(request.maxKeys, settings.pageSize));
  const objects: StoredObject[] = [];
  for (const key of page.keys) {
    const object = await library.find(key);
    if (object !== undefined) objects.push(object);
  }
  return xmlAnswer(listXml(settings, request, page, objects));
}

function readRequest(query: URLSearchParams): ListRequest | Answer {
  const maxKeys = Number(query.get("max-keys") ?? "1000");
  if (!Number.isInteger(maxKeys) || maxKeys < 0)
    return s3Error(400, "InvalidArgument", "Provided max-keys not an integer or within integer range", {
      ArgumentName: "max-keys",
      ArgumentValue: query.get("max-keys") ?? "",
    });
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    maxKeys: Math.min(maxKeys, 1000),
    startAfter: query.get("start-after") ?? "",
    token: query.get("continuation-token") ?? undefined,
    escape: query.get("encoding-type") === "url" ? urlEscape : (text) => text,
  };
}

function urlEscape(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/");
}

function pageOf(library: Library, request: ListRequest, after: string, size: number): Page {
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last = after;
  if (size === 0) return { keys, commonPrefixes, nextAfter: undefined };
  for (const key of library.keys(request.prefix, after)) {
    const common = commonPrefixOf(key, request);
    if (common !== undefined && (common === last || common === commonPrefixes.at(-1))) continue;
    if (keys.length + commonPrefixes.length === size) return { keys, commonPrefixes, nextAfter: last };
    if (common === undefined) keys.push(key);
    else commonPrefixes.push(common);
    last = common ?? key;
  }
  return { keys, commonPrefixes, nextAfter: undefined };
}

function commonPrefixOf(key: string, { prefix, delimiter }: ListRequest): string | undefined {
  if (delimiter === "") return undefined;
  const place = key.indexOf(delimiter, prefix.length);
  return place < 0 ? undefined : key.slice(0, place + delimiter.length);
}

const TOKEN_MARK = "after:";

function tokenOf(after: string): string {
  return Buffer.from(TOKEN_MARK + after).toString("base64");
}

function afterOfToken(token: string): string | undefined {
  const text = Buffer.from(token, "base64").toString();
  return text.startsWith(TOKEN_MARK) ? text.slice(TOKEN_MARK.length) : undefined;
}

function listXml(
  settings: ListingSettings,
  request: ListRequest,
  page: Page,
  objects: readonly StoredObject[],
): string {
  const { escape } = request;
  const parts = [
    element("Name", settings.bucket),
    element("Prefix", escape(request.prefix)),
    element("KeyCount", objects.length + page.commonPrefixes.length),
    element("MaxKeys", request.maxKeys),
    element("IsTruncated", String(page.nextAfter !== undefined)),
  ];
  if (request.delimiter !== "") parts.push(element("Delimiter", escape(request.delimiter)));
  if (escape === urlEscape) parts.push(element("EncodingType", "url"));
  if (request.startAfter !== "") parts.push(element("StartAfter", escape(request.startAfter)));
  if (request.token !== undefined) parts.push(element("ContinuationToken", request.token));
  if (page.nextAfter !== undefined) parts.push(element("NextContinuationToken", tokenOf(page.nextAfter)));
  for (const object of objects) parts.push(contentsXml(object, escape));
  for (const common of page.commonPrefixes)
    parts.push(`<CommonPrefixes>${element("Prefix", escape(common))}</CommonPrefixes>`);
  return `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join("")}</ListBucketResult>`;
}

function contentsXml(object: StoredObject, escape: (text: string) => string): string {
  const parts = [
    element("Key", escape(object.key)),
    element("LastModified", new Date(object.lastModifiedMs).toISOString()),
    element("ETag", object.etag),
    element("Size", object.sizeBytes),
    element("StorageClass", "STANDARD"),
    element("Type", "Normal"),
  ];
  return `<Contents>${parts.join("")}</Contents>`;
}
