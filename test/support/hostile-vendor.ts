import { createHash } from "node:crypto";

/** What a request to the hostile vendor looks like. */
export interface HostileRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The Range header. */
  readonly range: string | null;
}

/** An object as a listing names it; `body` is what comes when it is fetched. */
export interface HostileObject {
  readonly key: string;
  readonly body?: Uint8Array;
  /** Default the size of the body. */
  readonly size?: number | string;
  /** Default the MD5 of the body, in quotes. */
  readonly etag?: string;
}

export interface HostileVendor extends AsyncDisposable {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  /** Every request so far: path and query. */
  readonly requests: readonly string[];
}

/** A server in the vendor's place that answers whatever a test wants: nothing about it is right by itself. */
export function hostileVendor(
  answer: (request: HostileRequest) => Response | Promise<Response>,
): HostileVendor {
  const requests: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const url = new URL(request.url);
      requests.push(`${url.pathname}${url.search}`);
      return answer({
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        range: request.headers.get("range"),
      });
    },
  });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    requests,
    env: {
      MASSIVE_S3_ENDPOINT: url,
      MASSIVE_API_URL: url,
      MASSIVE_AWS_ACCESS_KEY: "HOSTILE-ACCESS-KEY",
      MASSIVE_AWS_SECRET_KEY: "hostile-secret-key",
      MASSIVE_API_KEY: "hostile-api-key",
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** Answers listings and fetches of these objects, as S3 does; everything else with 404. */
export function serveObjects(objects: readonly HostileObject[]): (request: HostileRequest) => Response {
  return ({ path, query, range }) => {
    if (query.get("list-type") === "2") {
      const prefix = query.get("prefix") ?? "";
      // A server that means well gives only keys under the prefix.
      return listing(objects.filter(({ key }) => key.startsWith(prefix) || isStray(key)));
    }
    const object = objects.find(({ key }) => key !== "" && path.endsWith(key));
    if (object?.body === undefined) return s3Error(404, "NoSuchKey", "The specified key does not exist.");
    return inRange(object.body, range, etagOf(object));
  };
}

function inRange(body: Uint8Array, range: string | null, etag: string): Response {
  const [, first = "0", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  const [from, end] = [Number(first), last === "" ? body.length : Math.min(Number(last) + 1, body.length)];
  return new Response(body.slice(from, end), {
    status: range === null ? 200 : 206,
    headers: { etag, "content-range": `bytes ${from}-${end - 1}/${body.length}` },
  });
}

function isStray(key: string): boolean {
  return !key.startsWith("us_");
}

/** A page of a listing; with a token it says that it goes on. */
export function listing(objects: readonly HostileObject[], nextToken?: string): Response {
  const contents = objects.map(
    (object) =>
      `<Contents><Key>${xml(object.key)}</Key><LastModified>2024-11-22T16:00:00.000Z</LastModified><ETag>${xml(etagOf(object))}</ETag><Size>${object.size ?? object.body?.length ?? 0}</Size></Contents>`,
  );
  const rest =
    nextToken === undefined
      ? "<IsTruncated>false</IsTruncated>"
      : `<IsTruncated>true</IsTruncated><NextContinuationToken>${xml(nextToken)}</NextContinuationToken>`;
  return xmlAnswer(200, `<ListBucketResult>${rest}${contents.join("")}</ListBucketResult>`);
}

export function s3Error(status: number, code: string, message: string): Response {
  return xmlAnswer(status, `<Error><Code>${xml(code)}</Code><Message>${xml(message)}</Message></Error>`);
}

export function xmlAnswer(status: number, body: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>${body}`, {
    status,
    headers: { "content-type": "application/xml" },
  });
}

function etagOf({ etag, body }: HostileObject): string {
  return (
    etag ??
    `"${createHash("md5")
      .update(body ?? new Uint8Array())
      .digest("hex")}"`
  );
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
