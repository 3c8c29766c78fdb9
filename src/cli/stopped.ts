import { BackfillError } from "../core/errors.ts";

/** What a command that the user stopped ends with: what is there by now, and how to go on. */
export function stopped(reason: string, nextStep: string): BackfillError {
  return new BackfillError({ kind: "interrupted", operation: "stopped on request", reason, nextStep });
}
