import { randomBytes } from "node:crypto";
import type { Answer } from "../http/answer.ts";
import { jsonAnswer } from "../http/answer.ts";

/** A request id as the vendor makes them: 32 hexadecimal digits. */
export function requestId(): string {
  return randomBytes(16).toString("hex");
}

function errorAnswer(status: number, error: string, headers: Answer["headers"] = {}): Answer {
  return jsonAnswer(status, { status: "ERROR", request_id: requestId(), error }, headers);
}

function notAuthorized(message: string): Answer {
  return jsonAnswer(403, { status: "NOT_AUTHORIZED", request_id: requestId(), message });
}

export function badRequest(error: string): Answer {
  return errorAnswer(400, error);
}

export function noKey(): Answer {
  return errorAnswer(401, "API Key was not provided");
}

export function unknownKey(): Answer {
  return errorAnswer(401, "Unknown API Key");
}

export function notEntitled(): Answer {
  return notAuthorized(
    "You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing",
  );
}

export function timeframeNotIncluded(): Answer {
  return notAuthorized(
    "Your plan doesn't include this data timeframe. Please upgrade your plan at https://polygon.io/pricing",
  );
}

export function notFound(): Answer {
  return jsonAnswer(404, { status: "NOT_FOUND", message: "Data not found." });
}

/** Too many requests; `retryAfterSeconds` becomes the Retry-After header. */
export function tooManyRequests(retryAfterSeconds: number | undefined): Answer {
  return errorAnswer(
    429,
    "You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue. https://polygon.io/pricing",
    retryAfterSeconds === undefined ? {} : { "retry-after": retryAfterSeconds },
  );
}
