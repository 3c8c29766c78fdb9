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
  /** Whether every plan may ask for it, as for a listing: then a refusal asks us to slow down too. */
  readonly isForEveryPlan?: boolean;
  /** Whether a refusal is asked again before it is believed; by default once something could be read. */
  readonly doubtsRefusal?: boolean;
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
 * bounded number of times in a row. Other BackfillErrors of `work` than `unexpected-answer` go through as they are.
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
      const begunMs = await flatFiles.holdOff.over(signal);
      const ended = await tryOnce(flatFiles, signal, work, () => (failures = 0));
      if ("value" in ended) {
        place.succeeded();
        flatFiles.holdOff.answered(begunMs);
        return ended;
      }
      const failure = meant(ended.failure, flatFiles, request);
      const slowDown = failure === "throttled" || asksForLess(ended.error);
      if (slowDown) place.throttled();
      return { failure, error: ended.error, slowDown, waits: slowDown && flatFiles.holdOff.asked(begunMs) };
    });
    if ("value" in outcome) return outcome.value;
    failures += 1;
    const policy = policyFor(outcome, flatFiles, request);
    const error =
      outcome.error instanceof BackfillError
        ? outcome.error
        : s3Error(operation, outcome.failure, outcome.error);
    if (failures >= policy.attempts || (outcome.slowDown && !outcome.waits)) throw error;
    // A refusal that is repeated to be believed is no trouble.
    if (outcome.failure !== "not-entitled") onRetry?.({ operation, reason: error.reason, failures });
    // For a server that asks us to slow down everybody waits, where places are given out.
    if (!outcome.slowDown) await pause(clock, backoffMs(failures, policy, Math.random()), signal);
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
    if (error instanceof BackfillError) {
      if (error.code !== "unexpected-answer") throw error;
      return { failure: "unexpected-answer", error };
    }
    if (linked.signal.aborted) return { failure: "transient", error: silence };
    const failure = s3Failure(error);
    if (failure === null) throw error;
    return { failure, error };
  } finally {
    clearTimeout(timer);
  }
}

/** The vendor also throttles with the answer that says that the plan does not include something. */
function meant(
  failure: S3Failure,
  { hasRead }: FlatFiles,
  { isIncluded, isForEveryPlan }: S3Request,
): S3Failure {
  const isNoMatterOfPlan = isForEveryPlan === true || (hasRead && isIncluded === true);
  return failure === "not-entitled" && isNoMatterOfPlan ? "throttled" : failure;
}

function policyFor(
  { failure, slowDown }: { readonly failure: S3Failure; readonly slowDown: boolean },
  { hasRead, options }: FlatFiles,
  { doubtsRefusal = hasRead }: S3Request,
): RetryPolicy {
  if (slowDown) return options.slowDownRetry;
  if (failure === "transient" || failure === "unreachable") return options.retry;
  if (failure === "not-entitled" && doubtsRefusal) return options.deniedRetry;
  // A page of a proxy among right answers may be gone the next time.
  if (failure === "unexpected-answer" && hasRead) return options.deniedRetry;
  // The SDK learns the server's time from the refusal and signs the second try with it.
  return { ...options.retry, attempts: failure === "clock-skew" ? 2 : 1 };
}
