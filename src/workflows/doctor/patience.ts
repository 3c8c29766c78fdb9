import type { RestOptions } from "../../massive/rest-client.ts";
import type { TransferOptions } from "../../massive/s3-client.ts";

/** Who asks a doctor waits for the answer: one more try, and no more than some seconds in all. */
const ONE_MORE_TRY = { attempts: 2, baseDelayMs: 200, maxDelayMs: 500 };

export const S3_PATIENCE: Partial<TransferOptions> = {
  retry: ONE_MORE_TRY,
  deniedRetry: ONE_MORE_TRY,
  slowDownRetry: ONE_MORE_TRY,
  idleTimeoutMs: 5000,
};

export const REST_PATIENCE: Partial<RestOptions> = { retry: ONE_MORE_TRY, timeoutMs: 5000 };

export const CONNECT_TIMEOUT_MS = 5000;

/** What no check may exceed, however many slow answers it adds up, or however long a setting would let it wait. */
const LONGEST_CHECK_MS = 12_000;

/** Aborted with `signal`, and when a check that begins now has taken too long. */
export function deadlineOf(signal: AbortSignal, longestMs = LONGEST_CHECK_MS): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
}

/** What is found where a check was cut off. */
export const CUT_OFF = "the answers came too slowly to look any further";
export const CUT_OFF_FIX = "Run doctor again later; check the way there (network, proxy, VPN).";
