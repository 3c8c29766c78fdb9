import { createHash } from "node:crypto";
import { monthPrefix } from "../../src/massive/flat-file-keys.ts";

/** What a server answers that may mean harm: S3 and REST on one address, signatures and keys unread. */
export interface HostileServer extends AsyncDisposable {
  /** The settings of a run against it, with secrets of its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly url: string;
  /** Paths and queries of all requests, in order. */
  readonly requests: readonly string[];
  /** Flat files of indices by date: listed as they are unless `listing` is set. */
  readonly files: Map<string, Uint8Array>;
  /** Answers a listing in place of the right one. */
  listing: ((request: URL) => Response) | null;
  /** Answers the REST API. */
  rest: (request: URL) => Response;
}

/** One `<Contents>` of a listing; what is left out is as in a right one. */
export interface ListedEntry {
  readonly key: string;
  readonly size?: string;
  readonly etag?: string;
}

const ENVIRONMENT = {
  MASSIVE_S3_BUCKET: "flatfiles",
  MASSIVE_AWS_ACCESS_KEY: "HOSTILEACCESSKEY77",
  MASSIVE_AWS_SECRET_KEY: "hostile+secret/key=%2F",
  MASSIVE_API_KEY: "hostile+api/key=%2F",
};

/** Starts a hostile vendor on a free port of 127.0.0.1. */
export function hostileServer(files: Readonly<Record<string, Uint8Array | string>> = {}): HostileServer {
  const requests: string[] = [];
  const held = new Map(
    Object.entries(files).map(([date, content]) => [
      date,
      typeof content === "string" ? Buffer.from(content) : content,
    ]),
  );
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    fetch(request) {
      const url = new URL(request.url);
      requests.push(url.pathname + url.search);
      if (/^\/v\d+\//.test(url.pathname)) return vendor.rest(url);
      if (url.searchParams.has("list-type")) return (vendor.listing ?? honestListing)(url);
      return object(url.pathname, request.headers.get("range"), held);
    },
  });
  const honestListing = (url: URL): Response => {
    const prefix = url.searchParams.get("prefix") ?? "";
    const entries = [...held].map(([date, bytes]) => ({
      key: keyOf(date),
      size: String(bytes.length),
      etag: md5(bytes),
    }));
    return xml(listingXml(entries.filter(({ key }) => key.startsWith(prefix))));
  };
  const url = `http://127.0.0.1:${server.port}`;
  const vendor: HostileServer = {
    url,
    environment: { ...ENVIRONMENT, MASSIVE_S3_ENDPOINT: url, MASSIVE_API_URL: url },
    requests,
    files: held,
    listing: null,
    rest: () => Response.json({ status: "OK" }),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
  return vendor;
}

/** The key of a day's minute bars of indices. */
export function keyOf(date: string): string {
  return `${monthPrefix("indices", date.slice(0, 7))}${date}.csv.gz`;
}

/** An answer in XML. */
export function xml(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "application/xml" } });
}

/** A listing as S3 writes it; `more` is put beside the entries, such as a continuation token. */
export function listingXml(
  entries: readonly ListedEntry[],
  more = "<IsTruncated>false</IsTruncated>",
): string {
  const contents = entries.map(
    ({ key, size = "100", etag = "0123456789abcdef0123456789abcdef" }) =>
      `<Contents><Key>${key}</Key><LastModified>2024-11-23T16:00:00.000Z</LastModified><ETag>"${etag}"</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>flatfiles</Name>${more}${contents.join("")}</ListBucketResult>`;
}

/** Hex MD5, which is the ETag of an object that was put in one piece. */
export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

function object(path: string, range: string | null, files: ReadonlyMap<string, Uint8Array>): Response {
  const bytes = files.get(/(\d{4}-\d\d-\d\d)\.csv\.gz$/.exec(path)?.[1] ?? "");
  if (bytes === undefined) return xml("<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>", 404);
  const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  const start = Number(from);
  const end = Math.min(to === "" ? bytes.length : Number(to) + 1, bytes.length);
  return new Response(new Uint8Array(bytes.subarray(start, end)), {
    status: range === null ? 200 : 206,
    headers: { etag: `"${md5(bytes)}"`, "content-range": `bytes ${start}-${end - 1}/${bytes.length}` },
  });
}
