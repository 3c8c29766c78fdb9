import { S3ServiceException } from "@aws-sdk/client-s3";
import { BackfillError, type ErrorKind } from "../core/errors.ts";
import { codeOf, networkFailure, TLS_HINT } from "./network-errors.ts";
import { s3Sentence } from "./s3-sentence.ts";
import { memberOf } from "./unknown-json.ts";

/** What a failed S3 request means. */
export type S3Failure =
  | "bad-credentials"
  | "bad-region"
  | "clock-skew"
  | "not-entitled"
  | "throttled"
  | "not-published"
  | "no-such-bucket"
  | "republished"
  | "unreachable"
  | "tls"
  | "transient"
  | "unexpected-answer";

interface Meaning {
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly nextStep: string;
}

const MEANINGS: Readonly<Record<S3Failure, Meaning>> = {
  "bad-credentials": {
    kind: "settings",
    reason: "the S3 access key or its secret is not right",
    nextStep:
      "Check MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY against the Flat Files page of the Massive dashboard.",
  },
  "bad-region": {
    kind: "settings",
    reason: "the S3 region is not the server's",
    nextStep: "Correct MASSIVE_S3_REGION, or leave it unset for the vendor's own (us-east-1).",
  },
  "clock-skew": {
    kind: "settings",
    reason: "this computer's clock is more than 15 minutes off",
    nextStep: "Set the clock (turn on automatic time), then run again.",
  },
  "not-entitled": {
    kind: "settings",
    reason: "the subscription does not include this flat file",
    nextStep: "Ask for later dates, leave this dataset out, or choose a plan with its flat files.",
  },
  throttled: {
    kind: "source",
    reason: "the server refused it (403) although the plan includes it: too many requests in a short time",
    nextStep: "Run the same command again in a few minutes.",
  },
  "not-published": {
    kind: "source",
    reason: "the vendor has no such file",
    nextStep: "A day's file appears about 11:00 New York time on the next day; run again then.",
  },
  "no-such-bucket": {
    kind: "settings",
    reason: "the server has no such bucket",
    nextStep: "Correct MASSIVE_S3_BUCKET, or leave it unset for the vendor's own (flatfiles).",
  },
  republished: {
    kind: "source",
    reason: "the vendor has replaced this file since it was listed",
    nextStep: "Run again: the new version is listed and read then.",
  },
  unreachable: {
    kind: "source",
    reason: "the S3 server cannot be reached",
    nextStep: "Check the network connection and MASSIVE_S3_ENDPOINT, then run again.",
  },
  tls: {
    kind: "source",
    reason: "no trusted connection to the S3 server",
    nextStep: `Check MASSIVE_S3_ENDPOINT; ${TLS_HINT}`,
  },
  transient: {
    kind: "source",
    reason: "the S3 server keeps failing",
    nextStep: "Run again later: what is finished is kept.",
  },
  "unexpected-answer": {
    kind: "source",
    reason: "this is not an answer of the S3 server we know",
    nextStep: "Check MASSIVE_S3_ENDPOINT, and whether a proxy or a login page stands in between.",
  },
};

const BY_NAME: Readonly<Record<string, S3Failure>> = {
  InvalidAccessKeyId: "bad-credentials",
  SignatureDoesNotMatch: "bad-credentials",
  AuthorizationHeaderMalformed: "bad-region",
  RequestTimeTooSkewed: "clock-skew",
  NoSuchBucket: "no-such-bucket",
  NoSuchKey: "not-published",
  PreconditionFailed: "republished",
  InvalidRange: "republished",
  SlowDown: "transient",
  RequestTimeout: "transient",
  InternalError: "transient",
  ServiceUnavailable: "transient",
};

const NAME = /^[A-Za-z][A-Za-z0-9.]{1,63}$/;

const BY_STATUS: Readonly<Record<number, S3Failure>> = {
  401: "bad-credentials",
  403: "not-entitled",
  404: "not-published",
  408: "transient",
  412: "republished",
  416: "republished",
  429: "transient",
};

/**
 * What an error of the SDK means, or null if it is none (a bug of ours). Names and status decide, for messages
 * can be empty; the JSON that the vendor sends with a 403 has no name: the SDK fails to read it as XML.
 */
export function s3Failure(error: unknown): S3Failure | null {
  const status = statusOf(error);
  if (status === null) {
    const network = networkFailure(error);
    return network === "broken" ? "transient" : network;
  }
  const name = nameOf(error);
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name] ?? "unexpected-answer";
  if (status >= 500) return "transient";
  // A 403 or 404 page is that of a proxy, or of a server that does not speak S3.
  if (contentTypeOf(error).includes("html")) return "unexpected-answer";
  return BY_STATUS[status] ?? "unexpected-answer";
}

/** Whether the answer asks for fewer requests. A refusal can mean that too, but that is for the asker to know. */
export function asksForLess(error: unknown): boolean {
  const status = statusOf(error);
  return status === 503 || status === 429 || nameOf(error) === "SlowDown";
}

/** The explained error of a failed request; says which answer came, never what was sent. */
export function s3Error(operation: string, failure: S3Failure, error: unknown): BackfillError {
  const { kind, reason, nextStep } = MEANINGS[failure];
  const detail = detailOf(error);
  return new BackfillError({
    kind,
    code: failure,
    operation,
    reason: detail === "" ? reason : `${reason} (${detail})`,
    nextStep,
    help: failure === "bad-credentials" ? "s3-keys" : undefined,
    vendorSentence: failure === "not-entitled" ? (s3Sentence(error) ?? detail) : undefined,
  });
}

function detailOf(error: unknown): string {
  const status = statusOf(error);
  if (status !== null) return `HTTP ${status} ${nameOf(error)}`.trimEnd();
  return codeOf(error) ?? (error instanceof Error ? error.message : "");
}

/** The S3 name of an error, such as `NoSuchKey`; empty for answers without one, or with something else in its place. */
function nameOf(error: unknown): string {
  if (!(error instanceof S3ServiceException) || error.name === "Unknown") return "";
  return NAME.test(error.name) ? error.name : "";
}

/** HTTP status of the answer that an error is about; null if there was no answer. */
function statusOf(error: unknown): number | null {
  const metadata = memberOf(error, "$metadata");
  const status = memberOf(metadata, "httpStatusCode");
  return typeof status === "number" ? status : null;
}

function contentTypeOf(error: unknown): string {
  const type = memberOf(memberOf(memberOf(error, "$response"), "headers"), "content-type");
  return typeof type === "string" ? type : "";
}
