import { BackfillError } from "../core/errors.ts";
import { backoffMs, type RetryPolicy } from "../core/retry.ts";
import { pause } from "./clock.ts";
import { linkedAbort } from "./linked-abort.ts";
import type { FlatFiles } from "./s3-client.ts";
import { asksForLess, s3Error, s3Failure, type S3Failure } from "./s3-errors.ts";

export interface S3Request {
  /** As errors name it. */
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  /** Whether the plan is known to include what is asked for: then a refusal asks us to slow down. */
  readonly isIncluded?: boolean;
}

/** One try of a request. */
export interface S3Try {
  /** Aborted by the caller, or because nothing came for too long. */
  readonly signal: AbortSignal;
  /** Something came: the wait for more begins anew. */
  alive(): void;
  /** Does `work` while nothing is awaited from the server; after it the wait begins anew. */
  inOurTime(work: () => Promise<void>): Promise<void>;
  /** The try brought us forward: earlier failures no longer count. */
  progressed(): void;
}

/**
 * Runs one request until it succeeds, each try in one of the connections' places. What may pass is tried again, a
 * bounded number of times in a row. BackfillErrors of `work` go through as they are.
 *
 * No place is held between two tries: a bad spot of one file does not slow the others down, and the number of places
 * is that of connections in use, which must be so for it to mean anything to a server that wants fewer.
 * @throws BackfillError with a code of `S3Failure`; the reason of `signal` if that is aborted.
 */
export async function withS3Retries<T>(
  flatFiles: FlatFiles,
  request: S3Request,
  work: (attempt: S3Try) => Promise<T>,
): Promise<T> {
  const { operation, signal } = request;
  const { clock, onRetry } = flatFiles.options;
  for (let failures = 0, returns = false; ; returns = true) {
    const outcome = await flatFiles.slots.run({ signal, returns }, async (place) => {
      const ended = await tryOnce(flatFiles, signal, work, () => (failures = 0));
      if ("value" in ended) place.succeeded();
      else if (isThrottle(ended, flatFiles, request)) place.throttled();
      return ended;
    });
    if ("value" in outcome) return outcome.value;
    failures += 1;
    const policy = policyFor(outcome.failure, flatFiles);
    const error = s3Error(operation, outcome.failure, outcome.error);
    if (failures >= policy.attempts) throw error;
    const delayMs = backoffMs(failures, policy, Math.random());
    onRetry?.({ operation, reason: error.reason, failures, delayMs });
    await pause(clock, delayMs, signal);
  }
}

interface Failed {
  readonly failure: S3Failure;
  readonly error: unknown;
}

async function tryOnce<T>(
  flatFiles: FlatFiles,
  signal: AbortSignal | undefined,
  work: (attempt: S3Try) => Promise<T>,
  progressed: () => void,
): Promise<{ readonly value: T } | Failed> {
  signal?.throwIfAborted();
  const { idleTimeoutMs } = flatFiles.options;
  const silence = new Error(`nothing came for ${idleTimeoutMs / 1000} s`);
  using linked = linkedAbort(signal);
  const startTimer = () => setTimeout(() => linked.abort(silence), idleTimeoutMs);
  let timer = startTimer();
  const inOurTime = async (ours: () => Promise<void>) => {
    clearTimeout(timer);
    await ours();
    timer = startTimer();
  };
  try {
    const alive = () => void timer.refresh();
    return { value: await work({ signal: linked.signal, alive, inOurTime, progressed }) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof BackfillError) throw error;
    if (linked.signal.aborted) return { failure: "transient", error: silence };
    const failure = s3Failure(error);
    if (failure === null) throw error;
    return { failure, error };
  } finally {
    clearTimeout(timer);
  }
}

/** The vendor also throttles with the answer that says that the plan does not include something. */
function isThrottle({ failure, error }: Failed, { hasRead }: FlatFiles, { isIncluded }: S3Request): boolean {
  return asksForLess(error) || (failure === "not-entitled" && hasRead && isIncluded === true);
}

function policyFor(failure: S3Failure, { hasRead, options }: FlatFiles): RetryPolicy {
  if (failure === "transient" || failure === "unreachable") return options.retry;
  if (failure === "not-entitled" && hasRead) return options.deniedRetry;
  // The SDK learns the server's time from the refusal and signs the second try with it.
  return { ...options.retry, attempts: failure === "clock-skew" ? 2 : 1 };
}
