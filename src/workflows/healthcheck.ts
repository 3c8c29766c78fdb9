import { backoffMs, sleep, type RetryPolicy } from "../core/retry.ts";

/** How long a service may take; a run that is over does not wait for it much longer than `totalMs`. */
export interface PingLimits extends RetryPolicy {
  readonly perTryMs: number;
  readonly totalMs: number;
}

const LIMITS: PingLimits = {
  attempts: 3,
  baseDelayMs: 300,
  maxDelayMs: 1000,
  perTryMs: 4000,
  totalMs: 10_000,
};

/**
 * Where a run reports: the URL itself if it succeeded, else the same with `/fail` at the end of its path. The
 * convention of healthchecks.io (https://healthchecks.io/docs/signaling_failures/), which others follow.
 */
export function pingAddress(url: URL, succeeded: boolean): URL {
  const address = new URL(url);
  address.hash = "";
  if (!succeeded) address.pathname = `${address.pathname.replace(/\/+$/, "")}/fail`;
  return address;
}

/**
 * Tells a health-check service how a run ended, with a GET that carries nothing else. Answers that may pass (no
 * connection, 408, 429, 5xx) are tried again. Redirects are not followed: the address is a secret.
 * Resolves to null once the service has taken it, else to the reason, which never holds the address. Never rejects.
 */
export async function ping(
  url: URL,
  succeeded: boolean,
  limits: PingLimits = LIMITS,
): Promise<string | null> {
  const address = pingAddress(url, succeeded);
  const deadline = AbortSignal.timeout(limits.totalMs);
  for (let attempt = 1; ; attempt++) {
    const { reason, passing } = await tryPing(
      address,
      AbortSignal.any([deadline, AbortSignal.timeout(limits.perTryMs)]),
    );
    if (reason === null || !passing || attempt >= limits.attempts || deadline.aborted) return reason;
    try {
      await sleep(backoffMs(attempt, limits, Math.random()), deadline);
    } catch {
      return reason;
    }
  }
}

interface TryResult {
  readonly reason: string | null;
  /** Whether another try may do better. */
  readonly passing: boolean;
}

async function tryPing(address: URL, signal: AbortSignal): Promise<TryResult> {
  try {
    const response = await fetch(address, { redirect: "manual", signal });
    await response.body?.cancel();
    return explainStatus(response.status);
  } catch (error) {
    // The platform's own words may hold the address.
    const reason = isTimeout(error) ? "it did not answer in time" : `there is no connection${codeOf(error)}`;
    return { reason, passing: true };
  }
}

function explainStatus(status: number): TryResult {
  if (status >= 200 && status < 300) return { reason: null, passing: false };
  if (status >= 300 && status < 400)
    return { reason: `it redirects (HTTP ${status}), which is not followed`, passing: false };
  return { reason: `it answers HTTP ${status}`, passing: status === 408 || status === 429 || status >= 500 };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? ` (${error.code})`
    : "";
}
