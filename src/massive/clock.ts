import { sleep } from "../core/retry.ts";

/** How the clients wait between tries; tests hand in one that does not. */
export interface Clock {
  /** Milliseconds since some fixed moment, never going back. */
  now(): number;
  /** Waits `ms`; rejects as soon as `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Waits `ms`; rejects with the reason of `signal` as soon as that is aborted. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

export const systemClock: Clock = { now: () => performance.now(), sleep };
