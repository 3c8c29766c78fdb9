import { createHash, createHmac } from "node:crypto";
import type { Answer, Incoming } from "../http/answer.ts";
import { s3Error } from "./errors.ts";

/** The one key that the look-alike knows. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

interface Authorization {
  readonly accessKeyId: string;
  readonly scopeDate: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const LARGEST_SKEW_MS = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/s3\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;

/**
 * Checks the AWS Signature Version 4 of a request, computed anew from the bytes of the request target.
 * Source: "Authenticating Requests: Using the Authorization Header" of the Amazon S3 API reference.
 * @param realNowMs the real time: skew is judged against it, not against the look-alike's own clock.
 * @returns the error that S3 answers with, or undefined if the request is signed as it should be.
 */
export function signatureError(
  request: Incoming,
  credentials: Credentials,
  realNowMs: number,
): Answer | undefined {
  const header = request.headers.get("authorization");
  if (header === undefined) return s3Error(403, "AccessDenied", "Access Denied");
  const authorization = readAuthorization(header);
  if (authorization === undefined)
    return s3Error(400, "AuthorizationHeaderMalformed", "The authorization header is malformed.");
  if (authorization.accessKeyId !== credentials.accessKeyId)
    return s3Error(
      403,
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
      { AWSAccessKeyId: authorization.accessKeyId },
    );
  return (
    scopeError(authorization, credentials) ??
    timeError(request, authorization, realNowMs) ??
    headersError(request, authorization) ??
    payloadError(request) ??
    mismatchError(request, authorization, credentials)
  );
}

function readAuthorization(header: string): Authorization | undefined {
  const [, accessKeyId, scopeDate, region, signedHeaders, signature] = AUTHORIZATION.exec(header) ?? [];
  if (accessKeyId === undefined || scopeDate === undefined || region === undefined) return undefined;
  if (signedHeaders === undefined || signature === undefined) return undefined;
  return { accessKeyId, scopeDate, region, signedHeaders: signedHeaders.split(";"), signature };
}

function scopeError(authorization: Authorization, credentials: Credentials): Answer | undefined {
  if (authorization.region === credentials.region) return undefined;
  return s3Error(
    400,
    "AuthorizationHeaderMalformed",
    `The authorization header is malformed; the region '${authorization.region}' is wrong; expecting '${credentials.region}'`,
    { Region: credentials.region },
  );
}

function timeError(request: Incoming, authorization: Authorization, realNowMs: number): Answer | undefined {
  const stamp = request.headers.get("x-amz-date") ?? "";
  const requestMs = amzDateMs(stamp);
  if (requestMs === undefined)
    return s3Error(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  if (!stamp.startsWith(authorization.scopeDate))
    return s3Error(403, "SignatureDoesNotMatch", "Date in Credential scope does not match x-amz-date.");
  if (Math.abs(requestMs - realNowMs) <= LARGEST_SKEW_MS) return undefined;
  return s3Error(
    403,
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
    {
      RequestTime: stamp,
      ServerTime: new Date(realNowMs).toISOString(),
      MaxAllowedSkewMilliseconds: LARGEST_SKEW_MS,
    },
  );
}

function amzDateMs(stamp: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(stamp);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function headersError(request: Incoming, authorization: Authorization): Answer | undefined {
  const needed = [...request.headers.keys()].filter((name) => name.startsWith("x-amz-"));
  const missing = ["host", ...needed].filter((name) => !authorization.signedHeaders.includes(name));
  if (missing.length === 0) return undefined;
  return s3Error(403, "AccessDenied", "There were headers present in the request which were not signed", {
    HeadersNotSigned: missing.join(", "),
  });
}

function payloadError(request: Incoming): Answer | undefined {
  const stated = request.headers.get("x-amz-content-sha256");
  if (stated === undefined)
    return s3Error(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  if (stated === "UNSIGNED-PAYLOAD" || stated === sha256(request.body)) return undefined;
  return s3Error(
    400,
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { ClientComputedContentSHA256: stated, S3ComputedContentSHA256: sha256(request.body) },
  );
}

function mismatchError(
  request: Incoming,
  authorization: Authorization,
  credentials: Credentials,
): Answer | undefined {
  const stamp = request.headers.get("x-amz-date") ?? "";
  const scope = [authorization.scopeDate, credentials.region, "s3", "aws4_request"];
  const canonical = canonicalRequest(request, authorization.signedHeaders);
  const stringToSign = [ALGORITHM, stamp, scope.join("/"), sha256(Buffer.from(canonical))].join("\n");
  let key: Buffer = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  for (const part of scope) key = hmac(key, part);
  if (hmac(key, stringToSign).toString("hex") === authorization.signature) return undefined;
  return s3Error(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    { AWSAccessKeyId: authorization.accessKeyId, StringToSign: stringToSign, CanonicalRequest: canonical },
  );
}

function canonicalRequest(request: Incoming, signedHeaders: readonly string[]): string {
  const [path, query] = splitTarget(request.target);
  const headers = signedHeaders.map(
    (name) => `${name}:${(request.headers.get(name) ?? "").trim().replaceAll(/ +/g, " ")}\n`,
  );
  const payloadHash = request.headers.get("x-amz-content-sha256") ?? "";
  return [
    request.method,
    path,
    canonicalQuery(query),
    headers.join(""),
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

function splitTarget(target: string): [string, string] {
  const mark = target.indexOf("?");
  return mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  const pairs = query.split("&").map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return `${awsEscape(name)}=${awsEscape(value.join("="))}`;
  });
  return pairs.toSorted((a, b) => (a < b ? -1 : 1)).join("&");
}

/** Undoes the escapes of `text` and escapes it as the signature rules say: all but letters, digits and -._~. */
function awsEscape(text: string): string {
  const plain = unescapeText(text);
  return encodeURIComponent(plain).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
