import { describe, expect, test } from "bun:test";
import type { Incoming } from "../../../src/sandbox/http/answer.ts";
import { signatureError } from "../../../src/sandbox/s3/signature.ts";

// The worked examples of "Authenticating Requests: Using the Authorization Header", Amazon S3 API reference.
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
};
const SIGNED_MS = Date.parse("2013-05-24T00:00:00Z");
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function request(target: string, headers: Record<string, string>): Incoming {
  const all = {
    host: "examplebucket.s3.amazonaws.com",
    "x-amz-content-sha256": EMPTY_SHA256,
    "x-amz-date": "20130524T000000Z",
    ...headers,
  };
  return {
    method: "GET",
    target,
    path: target,
    query: new URLSearchParams(),
    headers: new Map(Object.entries(all)),
    body: new Uint8Array(0),
  };
}

function authorization(signedHeaders: string, signature: string): string {
  return `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;
}

const getSignature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
const getHeaders = {
  range: "bytes=0-9",
  authorization: authorization("host;range;x-amz-content-sha256;x-amz-date", getSignature),
};

const listTarget = "/?max-keys=2&prefix=J";
const listHeaders = {
  authorization: authorization(
    "host;x-amz-content-sha256;x-amz-date",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  ),
};

function codeOf(incoming: Incoming, nowMs = SIGNED_MS): string | undefined {
  const content = signatureError(incoming, credentials, nowMs)?.content;
  if (content?.kind !== "bytes") return undefined;
  return /<Code>(.*?)<\/Code>/.exec(Buffer.from(content.bytes).toString())?.[1];
}

describe("signatureError", () => {
  test("accepts Amazon's own examples", () => {
    expect(codeOf(request("/test.txt", getHeaders))).toBeUndefined();
    expect(codeOf(request(listTarget, listHeaders))).toBeUndefined();
    expect(codeOf(request("/?prefix=J&max-keys=2", listHeaders))).toBeUndefined();
  });

  test.each([
    ["another path", request("/test.txu", getHeaders)],
    ["another query", request("/?max-keys=3&prefix=J", listHeaders)],
    ["another signed header", request("/test.txt", { ...getHeaders, range: "bytes=0-8" })],
    ["another method", { ...request("/test.txt", getHeaders), method: "HEAD" }],
    ["a signature of other digits", request(listTarget, { authorization: getHeaders.authorization })],
  ])("refuses %s", (_, incoming) => {
    expect(codeOf(incoming)).toBe("SignatureDoesNotMatch");
  });

  test("allows fifteen minutes of skew and no more, either way", () => {
    const incoming = request("/test.txt", getHeaders);
    expect([-900_001, -900_000, 900_000, 900_001].map((skew) => codeOf(incoming, SIGNED_MS + skew))).toEqual([
      "RequestTimeTooSkewed",
      undefined,
      undefined,
      "RequestTimeTooSkewed",
    ]);
  });

  test.each([
    ["AccessDenied", { authorization: undefined }],
    ["AuthorizationHeaderMalformed", { authorization: "Bearer me" }],
    [
      "AuthorizationHeaderMalformed",
      { authorization: getHeaders.authorization.replace("us-east-1", "eu-west-1") },
    ],
    ["InvalidAccessKeyId", { authorization: getHeaders.authorization.replace("AKIA", "BKIA") }],
    ["SignatureDoesNotMatch", { authorization: getHeaders.authorization.replace("20130524", "20130523") }],
    ["AccessDenied", { "x-amz-meta-more": "not signed" }],
    ["XAmzContentSHA256Mismatch", { "x-amz-content-sha256": "0".repeat(64) }],
    ["InvalidRequest", { "x-amz-content-sha256": undefined }],
    ["AccessDenied", { "x-amz-date": "yesterday" }],
  ])("answers %s to %o", (code, changes) => {
    const incoming = request("/test.txt", getHeaders);
    const headers = new Map(incoming.headers);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) headers.delete(name);
      else headers.set(name, value);
    }
    expect(codeOf({ ...incoming, headers })).toBe(code);
  });
});
