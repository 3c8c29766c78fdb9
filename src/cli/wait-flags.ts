import type { ArgsDef } from "citty";
import { newYorkDate, NEW_YORK, zonedTimeMs } from "../core/dates.ts";
import { sleep } from "../core/retry.ts";
import type { WaitOptions } from "../workflows/wait-for-files.ts";
import { textFlag, timeFlag, usage, wholeNumberFlag, type FlagValues } from "./flags.ts";

const UNTIL = "11:30";
const POLL_SECONDS = 60;
const MAX_POLL_SECONDS = 3600;

/** Whether a run waits for yesterday's flat files. */
export const WAIT_FLAGS = {
  wait: {
    type: "boolean",
    description: "wait for the flat files of the last session, then go on with what there is",
  },
  until: {
    type: "string",
    description: `how long --wait waits, New York time (default ${UNTIL})`,
    valueHint: "HH:MM",
  },
  poll: {
    type: "string",
    description: `seconds between two looks at the listing while it waits (default ${POLL_SECONDS})`,
    valueHint: "SECONDS",
  },
} as const satisfies ArgsDef;

/**
 * How long to wait; null if nobody said to.
 * @throws BackfillError (usage) for a time that is none, or that belongs to no waiting.
 */
export function waitOptions(flags: FlagValues, clockMs: number): WaitOptions | null {
  const until = timeFlag(flags, "until");
  const pollSeconds = wholeNumberFlag(flags, "poll", { least: 1, most: MAX_POLL_SECONDS });
  if (flags["wait"] !== true) {
    if (until !== undefined) throw usage("until", "nothing waits", "Add --wait.");
    if (pollSeconds !== undefined) throw usage("poll", "nothing waits", "Add --wait.");
    return null;
  }
  if (textFlag(flags, "today") !== undefined)
    throw usage("wait", "--today is given too, and the past does not change", "Leave one of them out.");
  return {
    untilMs: zonedTimeMs(newYorkDate(clockMs), until ?? UNTIL, NEW_YORK),
    pollMs: (pollSeconds ?? POLL_SECONDS) * 1000,
    clock: { now: Date.now, sleep },
  };
}
