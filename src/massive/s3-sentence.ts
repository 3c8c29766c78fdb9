import { S3ServiceException } from "@aws-sdk/client-s3";
import { memberOf } from "./unknown-json.ts";

const MAX_SENTENCE_CHARS = 200;

/**
 * What the server itself says of a failed request, in one line without any words of ours; undefined if it says
 * nothing. S3 has a message in its XML; the vendor refuses in JSON (`{"status":"NOT_AUTHORIZED","message":
 * "forbidden"}`), which the SDK takes for broken XML and hands over beside its own error.
 */
export function s3Sentence(error: unknown): string | undefined {
  const text = error instanceof S3ServiceException ? error.message : sentenceOfBody(error);
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return line === "" || line === SDK_PLACEHOLDER ? undefined : line.slice(0, MAX_SENTENCE_CHARS);
}

/** What the SDK says where the server said nothing. */
const SDK_PLACEHOLDER = "UnknownError";

function sentenceOfBody(error: unknown): string {
  const body = memberOf(memberOf(error, "$response"), "body");
  if (typeof body !== "string") return "";
  const json = parsed(body);
  const sentence = memberOf(json, "message") ?? memberOf(json, "error") ?? memberOf(json, "status");
  return typeof sentence === "string" ? sentence : "";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
