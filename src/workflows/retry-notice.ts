import type { Progress } from "../core/progress.ts";
import type { Retry } from "../massive/retry.ts";

/** A failure or two in a row is the vendor's every day; with the third, somebody who watches wonders. */
const FAILURES_BEFORE_WORDS = 3;

/** Many requests may meet the same trouble: one line for all of them. */
const QUIET_MS = 30_000;

/** Tells the user that requests keep failing and are tried again, in one line for each spell of trouble. */
export function retryNotice(
  progress: Pick<Progress, "info">,
  nowMs: () => number = () => performance.now(),
): (retry: Retry) => void {
  let saidMs = -Infinity;
  return ({ operation, reason, failures }) => {
    if (failures < FAILURES_BEFORE_WORDS || nowMs() - saidMs < QUIET_MS) return;
    saidMs = nowMs();
    progress.info(`${operation}: ${reason}; trying again`);
  };
}
