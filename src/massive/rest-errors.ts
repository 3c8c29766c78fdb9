import { BackfillError, errorText, type ErrorParts } from "../core/errors.ts";
import { formatBytes } from "../core/format.ts";
import { codeOf, networkFailure, TLS_HINT } from "./network-errors.ts";
import { memberOf } from "./unknown-json.ts";

/** An answer of the REST API, or of whatever stands in its place. */
export interface RestAnswer {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; undefined if it is none. */
  readonly json: unknown;
  /** What `Retry-After` asks for; null if it is not there. */
  readonly retryAfterMs: number | null;
}

const MAX_SENTENCE_CHARS = 200;

type Explanation = Pick<ErrorParts, "kind" | "code" | "help" | "reason" | "nextStep">;

const CHECK_KEY = "Check MASSIVE_API_KEY against the API Keys page of the Massive dashboard.";
const CHECK_ADDRESS =
  "Check MASSIVE_API_URL, and whether a proxy or a login page stands between here and the vendor.";
const RUN_AGAIN = "Run again later: what is finished is kept.";

/** Whether the same request may succeed a little later. */
export function isPassing(status: number): boolean {
  return status === 429 || status in PASSING;
}

/** The explained error of an answer that is not the one we asked for; `masked` takes the key out of a text. */
export function answerError(
  operation: string,
  answer: RestAnswer,
  masked: (text: string) => string,
): BackfillError {
  const { reason, ...explanation } = explain(answer);
  const sentence = sentenceOf(answer.json, masked);
  return new BackfillError({
    operation,
    ...explanation,
    reason: sentence === "" ? reason : `${reason}; the vendor says: ${sentence}`,
    vendorSentence: sentence === "" ? undefined : sentence,
  });
}

/** The explained error of an answer of more than `maxBytes` bytes. */
export function tooLargeError(operation: string, maxBytes: number): BackfillError {
  return new BackfillError({
    kind: "source",
    code: "too-large-answer",
    operation,
    reason: `the answer is larger than ${formatBytes(maxBytes)}, which no page of bars is: reading it was ended`,
    nextStep: CHECK_ADDRESS,
  });
}

function explain(answer: RestAnswer): Explanation {
  const { status, json } = answer;
  if (isPassing(status)) return explainPassing(status);
  if (status >= 300 && status < 400)
    return {
      kind: "source",
      code: "unexpected-answer",
      reason: `the server sends us to another address (HTTP ${status}), where the key does not go`,
      nextStep: CHECK_ADDRESS,
    };
  if (status >= 200 && status < 300) return explainBody(answer);
  // Refusals count as the vendor's only in the vendor's form: proxies and firewalls use the same statuses.
  if (typeof json === "object" && json !== null) return explainRefusal(status, json);
  return {
    kind: "source",
    code: "unexpected-answer",
    reason: `HTTP ${status} without the vendor's JSON`,
    nextStep: CHECK_ADDRESS,
  };
}

function explainPassing(status: number): Explanation {
  if (status === 429)
    return {
      kind: "source",
      code: "rate-limited",
      reason: "the API allows no more requests for now (HTTP 429)",
      nextStep: "Run again in some minutes; plans above Basic have no such limit.",
    };
  return {
    kind: "source",
    code: "transient",
    reason: `${PASSING[status] ?? "the API keeps failing"} (HTTP ${status})`,
    nextStep: RUN_AGAIN,
  };
}

const PASSING: Readonly<Record<number, string>> = {
  408: "the API says that our requests reach it too slowly",
  413: "the API keeps saying that the request is too large",
  499: "the API says that we have gone before it could answer",
  500: "the API keeps failing inside",
  502: "the gateway before the API keeps getting no right answer from it",
  503: "the API is overloaded or under maintenance",
  504: "the gateway before the API keeps waiting for it in vain",
};

function explainBody({ text, json }: RestAnswer): Explanation {
  if (json !== undefined)
    return {
      kind: "source",
      code: "unexpected-answer",
      reason: "the answer is not one of bars",
      nextStep: CHECK_ADDRESS,
    };
  if (/^\s*</.test(text))
    return {
      kind: "source",
      code: "unexpected-answer",
      reason: "a web page came instead of JSON",
      nextStep: CHECK_ADDRESS,
    };
  return {
    kind: "source",
    code: "cut-answer",
    reason: "the answer was cut off: it is not whole JSON",
    nextStep: RUN_AGAIN,
  };
}

function explainRefusal(status: number, json: unknown): Explanation {
  switch (status) {
    case 401:
      return {
        kind: "settings",
        code: "bad-credentials",
        help: "api-key",
        reason: "the API key is not accepted (HTTP 401)",
        nextStep: CHECK_KEY,
      };
    case 403:
      // Firewalls and gateways say 403 too, some of them in JSON; the vendor speaks of the plan.
      if (memberOf(json, "status") !== "NOT_AUTHORIZED" || !/entitled|plan\b/i.test(wordsOf(json)))
        return unexpectedRefusal(status);
      return /timeframe/i.test(wordsOf(json))
        ? {
            kind: "settings",
            code: "not-entitled-date",
            reason: "the subscription does not include these dates (HTTP 403)",
            nextStep: "Ask for later dates, or choose a plan with a longer history.",
          }
        : {
            kind: "settings",
            code: "not-entitled",
            reason: "the subscription does not include this ticker (HTTP 403)",
            nextStep: "Leave the ticker out, or choose a plan that has it: indices are entitled one by one.",
          };
    case 404:
      return {
        kind: "source",
        code: "not-found",
        reason: "the API has nothing under this name (HTTP 404)",
        nextStep: "Check the ticker (case matters) and MASSIVE_API_URL.",
      };
    default:
      return unexpectedRefusal(status);
  }
}

function unexpectedRefusal(status: number): Explanation {
  return {
    kind: "source",
    code: "unexpected-answer",
    reason: `the API refused the request (HTTP ${status})`,
    nextStep: CHECK_ADDRESS,
  };
}

/** The explained error of a request without an answer; null if `error` is not one of the network. */
export function connectionError(operation: string, error: unknown): BackfillError | null {
  const failure = networkFailure(error);
  if (failure === null) return null;
  const detail = codeOf(error) ?? errorText(error);
  const isTimeout = error instanceof Error && error.name === "TimeoutError";
  const { code, reason, nextStep } = isTimeout ? SILENT : CONNECTION[failure];
  return new BackfillError({ kind: "source", code, operation, reason: `${reason} (${detail})`, nextStep });
}

const SILENT = {
  code: "transient",
  reason: "the API does not answer in time",
  nextStep: RUN_AGAIN,
} as const;

const CONNECTION = {
  unreachable: {
    code: "unreachable",
    reason: "the API cannot be reached",
    nextStep: "Check the network connection and MASSIVE_API_URL, then run again.",
  },
  tls: {
    code: "tls",
    reason: "no trusted connection to the API",
    nextStep: `Check MASSIVE_API_URL; ${TLS_HINT}`,
  },
  broken: {
    code: "transient",
    reason: "the connection to the API keeps breaking",
    nextStep: RUN_AGAIN,
  },
} as const;

/** The vendor's own words, which are under `error` or under `message`; empty if there are none. */
function wordsOf(json: unknown): string {
  const words = [memberOf(json, "error"), memberOf(json, "message")].find((word) => typeof word === "string");
  return typeof words === "string" ? words : "";
}

/** The vendor's own words on one line, not too long, and without the key that they may quote. */
function sentenceOf(json: unknown, masked: (text: string) => string): string {
  const line = masked(wordsOf(json))
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line.length > MAX_SENTENCE_CHARS ? `${line.slice(0, MAX_SENTENCE_CHARS)}…` : line;
}
