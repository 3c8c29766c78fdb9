import type { ErrorKind } from "../core/errors.ts";
import type { HelpTopic } from "../core/help-topics.ts";

/** What users are told of an error of the server or of the way to it. */
export interface Explanation {
  readonly kind: ErrorKind;
  /** Undefined: what the server said is the reason. */
  readonly reason?: string;
  readonly nextStep: string;
  /** Whether the same work may succeed if it is tried again later. */
  readonly isTransient?: boolean;
  /** The page about it; default the one about Postgres. */
  readonly help?: HelpTopic;
}

export const TRY_AGAIN =
  "Try again when the database answers; what was not written is still in the local cache.";

/** The server works, but cannot do this now. */
export const busy: Explanation = { kind: "target", nextStep: TRY_AGAIN, isTransient: true };

export const badLogin: Explanation = {
  kind: "settings",
  nextStep: "Check the user and the password in the database URL.",
};

export const badDatabase: Explanation = {
  kind: "settings",
  nextStep: "Check the database name in the database URL, or create the database.",
};
