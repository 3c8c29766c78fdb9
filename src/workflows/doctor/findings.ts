import { BackfillError } from "../../core/errors.ts";
import type { HelpTopic } from "../../core/help-topics.ts";

/** Green is as it should be, yellow works but may hurt, red keeps something that was set up from working. */
export type State = "green" | "yellow" | "red" | "skipped";

/** What the doctor found in one place. */
export interface Finding {
  readonly name: string;
  readonly state: State;
  readonly found: string;
  /** What mends it; null if nothing has to be. */
  readonly fix: string | null;
  /** The page about it: `massive-backfill help NAME`. */
  readonly help: HelpTopic | null;
}

export function green(name: string, found: string): Finding {
  return { name, state: "green", found, fix: null, help: null };
}

/** Nothing to look at: what it is about is not set. */
export function skipped(name: string, found: string): Finding {
  return { name, state: "skipped", found, fix: null, help: null };
}

export function yellow(name: string, found: string, fix: string, help: HelpTopic | null = null): Finding {
  return { name, state: "yellow", found, fix, help };
}

export function red(name: string, found: string, fix: string, help: HelpTopic | null = null): Finding {
  return { name, state: "red", found, fix, help };
}

/** The finding about an error that we can explain; any other is a bug and thrown on. */
export function fromError(name: string, error: unknown, state: "yellow" | "red" = "red"): Finding {
  if (!(error instanceof BackfillError) || error.kind === "interrupted") throw error;
  return { name, state, found: error.reason, fix: error.nextStep, help: error.help };
}
