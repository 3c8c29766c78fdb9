import { BackfillError } from "../core/errors.ts";
import { backoffMs, type RetryPolicy } from "../core/retry.ts";
import { pause } from "./clock.ts";
import { linkedAbort } from "./linked-abort.ts";
import type { FlatFiles } from "./s3-client.ts";
import { s3Error, s3Failure, type S3Failure } from "./s3-errors.ts";

/** One try of a request. */
export interface S3Try {
  /** Aborted by the caller, or because nothing came for too long. */
  readonly signal: AbortSignal;
  /** Something came: the wait for more begins anew. */
  alive(): void;
  /** The try brought us forward: earlier failures no longer count. */
  progressed(): void;
}

/**
 * Runs one request until it succeeds, in one of the connections' places. What may pass is tried again, a bounded
 * number of times in a row. BackfillErrors of `work` go through as they are.
 * @throws BackfillError with a code of `S3Failure`; the reason of `signal` if that is aborted.
 */
export async function withS3Retries<T>(
  flatFiles: FlatFiles,
  operation: string,
  signal: AbortSignal | undefined,
  work: (attempt: S3Try) => Promise<T>,
): Promise<T> {
  return flatFiles.slots.run(signal, async () => {
    for (let failures = 0; ;) {
      const outcome = await tryOnce(flatFiles, signal, work, () => (failures = 0));
      if ("value" in outcome) return outcome.value;
      failures += 1;
      const policy = policyFor(outcome.failure, flatFiles);
      if (failures >= policy.attempts) throw s3Error(operation, outcome.failure, outcome.error);
      const delayMs = backoffMs(failures, policy, Math.random());
      const { reason } = s3Error(operation, outcome.failure, outcome.error);
      flatFiles.options.onRetry?.({ operation, reason, failures, delayMs });
      await pause(flatFiles.options.clock, delayMs, signal);
    }
  });
}

type Outcome<T> = { readonly value: T } | { readonly failure: S3Failure; readonly error: unknown };

async function tryOnce<T>(
  flatFiles: FlatFiles,
  signal: AbortSignal | undefined,
  work: (attempt: S3Try) => Promise<T>,
  progressed: () => void,
): Promise<Outcome<T>> {
  signal?.throwIfAborted();
  const { idleTimeoutMs } = flatFiles.options;
  const silence = new Error(`nothing came for ${idleTimeoutMs / 1000} s`);
  using linked = linkedAbort(signal);
  const timer = setTimeout(() => linked.abort(silence), idleTimeoutMs);
  try {
    return { value: await work({ signal: linked.signal, alive: () => timer.refresh(), progressed }) };
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

function policyFor(failure: S3Failure, { hasRead, options }: FlatFiles): RetryPolicy {
  if (failure === "transient" || failure === "unreachable") return options.retry;
  if (failure === "not-entitled" && hasRead) return options.deniedRetry;
  // The SDK learns the server's time from the refusal and signs the second try with it.
  return { ...options.retry, attempts: failure === "clock-skew" ? 2 : 1 };
}
