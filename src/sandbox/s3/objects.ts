import type { StoredObject } from "../flatfiles/library.ts";
import type { Answer, Incoming } from "../http/answer.ts";
import { answerOf } from "../http/answer.ts";
import { NO_CONTENT, sliceOf } from "../http/content.ts";
import { s3Error } from "./errors.ts";

interface ByteRange {
  readonly startByte: number;
  readonly sizeBytes: number;
}

/**
 * Answers GetObject (and HeadObject, whose content is dropped later): conditions first, then the range.
 * Sources: RFC 9110 sections 13 and 14; "GetObject" of the Amazon S3 API reference.
 */
export function getObject(object: StoredObject, request: Incoming): Answer {
  const facts = {
    etag: object.etag,
    "last-modified": new Date(object.lastModifiedMs).toUTCString(),
    "accept-ranges": "bytes",
  };
  const ifMatch = request.headers.get("if-match");
  if (ifMatch !== undefined && !matches(ifMatch, object.etag))
    return s3Error(
      412,
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
      { Condition: "If-Match" },
    );
  const ifNoneMatch = request.headers.get("if-none-match");
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, object.etag))
    return { status: 304, headers: facts, content: NO_CONTENT };
  const range = rangeOf(request.headers.get("range"), object.sizeBytes);
  if (range === "unsatisfiable") return rangeError(object, request);
  const headers = { ...facts, "content-type": "application/gzip" };
  if (range === undefined) return answerOf(200, headers, object.content);
  return answerOf(
    206,
    { ...headers, "content-range": contentRange(range, object.sizeBytes) },
    sliceOf(object.content, range.startByte, range.sizeBytes),
  );
}

function matches(condition: string, etag: string): boolean {
  const named = condition.split(",").map((part) => part.trim());
  return named.includes("*") || named.some((part) => part.replaceAll('"', "") === etag.replaceAll('"', ""));
}

function contentRange({ startByte, sizeBytes }: ByteRange, totalBytes: number): string {
  return `bytes ${startByte}-${startByte + sizeBytes - 1}/${totalBytes}`;
}

/** The one range asked for; undefined for none, for several, and for text that is no range: all is sent then. */
function rangeOf(header: string | undefined, totalBytes: number): ByteRange | "unsatisfiable" | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = parts ?? [];
  if (parts === null || (first === "" && last === "")) return undefined;
  if (first === "") {
    const sizeBytes = Math.min(Number(last), totalBytes);
    return sizeBytes === 0 ? "unsatisfiable" : { startByte: totalBytes - sizeBytes, sizeBytes };
  }
  const startByte = Number(first);
  const endByte = last === "" ? totalBytes - 1 : Math.min(Number(last), totalBytes - 1);
  if (last !== "" && Number(last) < startByte) return undefined;
  if (startByte >= totalBytes) return "unsatisfiable";
  return { startByte, sizeBytes: endByte - startByte + 1 };
}

function rangeError(object: StoredObject, request: Incoming): Answer {
  return s3Error(
    416,
    "InvalidRange",
    "The requested range is not satisfiable",
    { RangeRequested: request.headers.get("range") ?? "", ActualObjectSize: object.sizeBytes },
    { "content-range": `bytes */${object.sizeBytes}` },
  );
}
