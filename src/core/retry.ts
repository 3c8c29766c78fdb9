import { setTimeout as delay } from "node:timers/promises";

export interface RetryPolicy {
  /** How often the work is tried in all, the first time included. */
  readonly attempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * Delay before try number `attempt` + 1 (the first try is 1): exponential, with jitter over its upper half so
 * that parallel workers do not return in step. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, policy: RetryPolicy, random: number): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/** Waits `ms`; rejects with an AbortError as soon as `signal` is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {});
}
