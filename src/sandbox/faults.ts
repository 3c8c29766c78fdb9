import type { Answer } from "./http/answer.ts";
import { jsonAnswer, textAnswer } from "./http/answer.ts";
import { textContent } from "./http/content.ts";
import { tooManyRequests } from "./rest/errors.ts";
import { s3Error } from "./s3/errors.ts";

/** What goes wrong with a request. */
export type Fault =
  /** TCP reset after that many bytes of the body; default: before anything is sent. */
  | { readonly kind: "reset"; readonly afterBytes?: number }
  /** Nothing more is sent after that many bytes of the body; default: not even headers. */
  | { readonly kind: "stall"; readonly afterBytes?: number }
  /** The connection is closed in order after that many bytes, though Content-Length said more. */
  | { readonly kind: "short"; readonly afterBytes: number }
  | { readonly kind: "slow"; readonly bytesPerSecond: number }
  /** 16 bytes of the body are flipped, from `atByte` on (default 0). */
  | { readonly kind: "flip"; readonly atByte?: number }
  /** This answer instead of the right one. */
  | { readonly kind: "answer"; readonly answer: Answer }
  /** JSON that ends in the middle; Content-Length is that of what is sent. */
  | { readonly kind: "cut-json" }
  /** `next_url` leads to another host. */
  | { readonly kind: "foreign-next-url"; readonly origin: string }
  /** Every bar of `results` is there twice. */
  | { readonly kind: "duplicate-bars" };

export interface FaultRule {
  /** Tried on path and query, escapes undone in the path. */
  readonly match: RegExp;
  /** How many matching requests it strikes; default 1. */
  readonly times?: number;
  /** How many matching requests pass before it begins; default 0. */
  readonly skip?: number;
  readonly fault: Fault;
}

/** Answers to use in `{ kind: "answer", answer }`, and as S3 and the REST API give them. */
export const FAULT_ANSWERS = {
  slowDown: (): Answer => s3Error(503, "SlowDown", "Please reduce your request rate."),
  internalError: (): Answer =>
    s3Error(500, "InternalError", "We encountered an internal error. Please try again."),
  /** The 403 that only means "slower": the JSON of a missing entitlement unless `body` is given. */
  throttle403: (body?: string): Answer =>
    body === undefined
      ? jsonAnswer(403, { status: "NOT_AUTHORIZED", message: "forbidden" })
      : textAnswer(403, "application/json", body),
  tooManyRequests,
  restInternalError: (): Answer => jsonAnswer(500, { status: "ERROR", error: "internal server error" }),
  html: (status = 200): Answer =>
    textAnswer(status, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
} as const;

interface ActiveRule {
  readonly rule: FaultRule;
  skipped: number;
  struck: number;
}

/** The faults that wait for their requests; may be changed while the look-alike runs. */
export class Faults {
  /** Largest rate of every body, for each connection of its own; undefined: no limit. */
  bytesPerSecond: number | undefined;
  #rules: ActiveRule[] = [];

  constructor(bytesPerSecond: number | undefined) {
    this.bytesPerSecond = bytesPerSecond;
  }

  add(rule: FaultRule): void {
    this.#rules.push({ rule, skipped: 0, struck: 0 });
  }

  /** Forgets all rules and the rate limit. */
  clear(): void {
    this.#rules = [];
    this.bytesPerSecond = undefined;
  }

  /** The fault for a request, if one waits for it: that of the first rule that matches and is not used up. */
  take(target: string): Fault | undefined {
    for (const active of this.#rules) {
      const { match, times = 1, skip = 0, fault } = active.rule;
      if (active.struck >= times || target.search(match) < 0) continue;
      if (active.skipped < skip) {
        active.skipped += 1;
        continue;
      }
      active.struck += 1;
      return fault;
    }
    return undefined;
  }
}

/** The answer as the fault makes it; faults of the connection leave it as it is. */
export function spoilAnswer(answer: Answer, fault: Fault | undefined): Answer {
  if (fault?.kind === "answer") return fault.answer;
  if (fault?.kind === "cut-json")
    return rewritten(answer, (text) => text.slice(0, Math.floor(text.length / 2)));
  if (fault?.kind === "foreign-next-url")
    return rewritten(answer, (text) => text.replace(/("next_url":")https?:\/\/[^/]+/, `$1${fault.origin}`));
  if (fault?.kind === "duplicate-bars")
    return rewritten(answer, (text) => text.replaceAll(/\{"(?:v|o)":[^{}]*\}/g, "$&,$&"));
  return answer;
}

function rewritten(answer: Answer, change: (text: string) => string): Answer {
  if (answer.content.kind !== "bytes") return answer;
  const content = textContent(change(Buffer.from(answer.content.bytes).toString()));
  const sizeBytes = content.kind === "bytes" ? content.bytes.length : 0;
  return { ...answer, headers: { ...answer.headers, "content-length": sizeBytes }, content };
}
