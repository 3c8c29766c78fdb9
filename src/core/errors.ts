import { topicOf, type HelpTopic } from "./help-topics.ts";

/**
 * What went wrong, in the classes that scripts can tell apart by exit code:
 * `usage` the command line · `settings` settings, credentials or entitlement · `source` the vendor could not
 * be read · `data` what was read is bad · `cache` the local files · `target` Postgres · `locked` another run
 * holds the data directory · `interrupted` the user stopped us.
 */
export type ErrorKind =
  | "usage"
  | "settings"
  | "source"
  | "data"
  | "cache"
  | "target"
  | "locked"
  | "interrupted";

export interface ErrorParts {
  readonly kind: ErrorKind;
  /** What we were doing, as a phrase: `download us_indices/.../2024-11-22.csv.gz`. Operation and object. */
  readonly operation: string;
  /** Why it did not work, in the user's words. */
  readonly reason: string;
  /** What the user can do about it, a sentence. */
  readonly nextStep: string;
  /** Machine-readable detail for callers that treat one reason apart, such as `not-entitled`. */
  readonly code?: string;
  /** The vendor's own words, without any of ours, where it gave some. */
  readonly vendorSentence?: string | undefined;
  /** The page about such errors, where it is not the one of the kind or the code. */
  readonly help?: HelpTopic | undefined;
  readonly cause?: unknown;
}

/** An error that we expect and can explain. Anything else that is thrown is a bug of ours. */
export class BackfillError extends Error {
  override readonly name = "BackfillError";
  readonly kind: ErrorKind;
  readonly operation: string;
  readonly reason: string;
  readonly nextStep: string;
  readonly code: string | undefined;
  readonly vendorSentence: string | undefined;
  readonly help: HelpTopic;

  constructor(parts: ErrorParts) {
    super(`${parts.operation}: ${parts.reason}`, { cause: parts.cause });
    this.kind = parts.kind;
    this.operation = parts.operation;
    this.reason = parts.reason;
    this.nextStep = parts.nextStep;
    this.code = parts.code;
    this.vendorSentence = parts.vendorSentence;
    this.help = parts.help ?? topicOf(parts.kind, parts.code);
  }
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
