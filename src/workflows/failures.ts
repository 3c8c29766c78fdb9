import type { Dataset } from "../core/datasets.ts";
import { BackfillError } from "../core/errors.ts";
import type { HelpTopic } from "../core/help-topics.ts";

/** A day that could not be brought, in the form of `--json`. */
export interface Failure {
  readonly dataset: Dataset;
  readonly date: string;
  readonly step: "list" | "download" | "parse" | "api";
  readonly error: string;
  readonly hint: string;
  /** The page about it: `massive-backfill help NAME`. */
  readonly help: HelpTopic;
  /** Whether settings, credentials or the plan are the cause, so that trying again alone cannot help. */
  readonly settings: boolean;
  /** Whether the plan does not include the day. */
  readonly denied: boolean;
}

/**
 * Passes on an error that is about one day. Any other (a bug, a full disk, wrong credentials, the user's Ctrl-C)
 * is thrown: it ends what is being done.
 */
export function errorOfDay(error: unknown): BackfillError {
  if (!(error instanceof BackfillError)) throw error;
  if (error.kind !== "data" && error.kind !== "source" && !isEntitlement(error)) throw error;
  return error;
}

/** The failure of one day, from the error that ended it. */
export function failureOf(
  error: BackfillError,
  dataset: Dataset,
  date: string,
  step: Failure["step"],
): Failure {
  return {
    dataset,
    date,
    step,
    error: error.message,
    hint: error.nextStep,
    help: error.help,
    settings: error.kind === "settings",
    denied: isEntitlement(error),
  };
}

/** Whether the vendor refused because of the plan (and not because of wrong keys). */
export function isEntitlement(error: unknown): boolean {
  return error instanceof BackfillError && (error.code ?? "").startsWith("not-entitled");
}

/** Whether an error would meet every other request too: the key is refused, or nobody can be reached. */
export function isForAll(error: unknown): error is BackfillError {
  if (!(error instanceof BackfillError)) return false;
  return (
    (error.kind === "settings" && !isEntitlement(error)) ||
    error.code === "unreachable" ||
    error.code === "tls"
  );
}
