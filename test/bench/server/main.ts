// An S3 that is as quick as it gets, or slow in a known way: main.ts OBJECTS.json [BYTES_PER_SECOND]. Each connection
// gets that rate; without it, files are sent by the kernel. Signatures are not looked at. Prints its address.
import type { ServedObject } from "./objects.ts";
import { listingXml, rangeOf } from "./objects.ts";
import { pacedBody } from "./paced-body.ts";

const [objectsFile = "", rate] = process.argv.slice(2);
const objects: ServedObject[] = await Bun.file(objectsFile).json();
const byKey = new Map(objects.map((object) => [object.key, object]));

function answer(request: Request): Response {
  const url = new URL(request.url);
  const [, , ...key] = url.pathname.split("/");
  if (url.searchParams.get("list-type") === "2")
    return xml(200, listingXml(objects, url.searchParams.get("prefix") ?? ""));
  const object = byKey.get(key.join("/"));
  if (object === undefined) return fault(404, "NoSuchKey");
  return objectAnswer(object, request);
}

function objectAnswer(object: ServedObject, request: Request): Response {
  const { etag, path, sizeBytes } = object;
  const ifMatch = request.headers.get("if-match");
  if (ifMatch !== null && ifMatch.replaceAll('"', "") !== etag) return fault(412, "PreconditionFailed");
  const range = rangeOf(request.headers.get("range"), sizeBytes);
  if (range === null) return fault(416, "InvalidRange");
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  const headers = new Headers({
    etag: `"${etag}"`,
    "accept-ranges": "bytes",
    "content-type": "application/gzip",
    "content-length": String(end - start),
  });
  if (range !== undefined) headers.set("content-range", `bytes ${start}-${end - 1}/${sizeBytes}`);
  const body =
    rate === undefined ? Bun.file(path).slice(start, end) : pacedBody(path, { start, end }, Number(rate));
  return new Response(body, { status: range === undefined ? 200 : 206, headers });
}

function fault(status: number, code: string): Response {
  return xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function xml(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "application/xml" } });
}

const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 120, fetch: answer });
process.stdout.write(`${server.url.origin}\n`);
