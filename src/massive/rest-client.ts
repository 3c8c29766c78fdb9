import type { Dataset } from "../core/datasets.ts";
import { BackfillError } from "../core/errors.ts";
import { backoffMs, type RetryPolicy } from "../core/retry.ts";
import { answerJson } from "./answer-json.ts";
import { answerText, TooLargeAnswer } from "./answer-text.ts";
import { BurstLimit } from "./burst-limit.ts";
import { pause, systemClock, type Clock } from "./clock.ts";
import { keyMask } from "./key-mask.ts";
import { linkedAbort } from "./linked-abort.ts";
import type { Retry } from "./retry.ts";
import { Pacer } from "./pacer.ts";
import { answerError, connectionError, isPassing, tooLargeError, type RestAnswer } from "./rest-errors.ts";

export interface RestSettings {
  /** Such as `https://api.massive.com`, without a slash at the end. */
  readonly baseUrl: string;
  readonly apiKey: string;
}

export interface RestOptions {
  /** Longest time for one request, the reading of its answer included. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** What the plan allows for each asset class; null: as fast as it goes, until the vendor answers 429. */
  readonly requestsPerMinute: number | null;
  /** Largest body of an answer, unpacked. */
  readonly maxAnswerBytes: number;
  readonly clock: Clock;
  /** Is told before each wait for another try. */
  readonly onRetry?: (retry: Retry) => void;
  /** Is told when the vendor wants fewer requests of an asset class, and how far apart they are from then on. */
  readonly onSlowDown?: (dataset: Dataset, intervalMs: number) => void;
}

const DEFAULTS: RestOptions = {
  timeoutMs: 60_000,
  retry: { attempts: 6, baseDelayMs: 500, maxDelayMs: 15_000 },
  requestsPerMinute: null,
  // A page of 50,000 bars with all their digits has some 8 MB.
  maxAnswerBytes: 64e6,
  clock: systemClock,
};

/** A server that wants to be left alone for longer is: the run goes on without it. */
const MAX_RETRY_AFTER_MS = 120_000;

/** The vendor wants to see fewer than 100 from anybody. */
const MAX_REQUESTS_PER_SECOND = 50;

/** One question to the API. */
export interface RestQuestion {
  readonly url: string;
  /** The asset class: each has its own limit of requests. */
  readonly dataset: Dataset;
  /** What we are doing, for errors. */
  readonly operation: string;
  /** Told of every request that is sent, those that are tried again included. */
  readonly onSent?: (() => void) | undefined;
}

/**
 * Opens the REST API; nothing is sent yet.
 * @throws BackfillError (settings, `bad-credentials`) for a key that cannot be sent.
 */
export function openRest(settings: RestSettings, options: Partial<RestOptions> = {}): RestClient {
  if (!/^[!-~]+$/.test(settings.apiKey))
    throw new BackfillError({
      kind: "settings",
      code: "bad-credentials",
      help: "api-key",
      operation: "open the REST API",
      reason: "the API key holds characters that no key has",
      nextStep: "Copy MASSIVE_API_KEY again from the API Keys page of the Massive dashboard.",
    });
  return new RestClient(settings, { ...DEFAULTS, ...options });
}

/** A connection to the vendor's REST API. The key leaves it only as the header of a request. */
export class RestClient {
  readonly baseUrl: string;
  readonly #apiKey: string;
  readonly #options: RestOptions;
  readonly #pacers = new Map<Dataset, Pacer>();
  readonly #burst: BurstLimit;
  readonly #masked: (text: string) => string;

  constructor({ baseUrl, apiKey }: RestSettings, options: RestOptions) {
    this.baseUrl = baseUrl;
    this.#apiKey = apiKey;
    this.#options = options;
    this.#burst = new BurstLimit(options.clock, MAX_REQUESTS_PER_SECOND);
    this.#masked = keyMask(apiKey);
  }

  /** A text of somebody else's without the key, which it may quote. */
  masked(text: string): string {
    return this.#masked(text);
  }

  /**
   * The JSON of a successful answer. What may pass is tried again, a bounded number of times.
   * @throws BackfillError (settings or source); the reason of `signal` if that is aborted.
   */
  async getJson(question: RestQuestion, signal?: AbortSignal): Promise<unknown> {
    const { retry, clock, onRetry, onSlowDown } = this.#options;
    const pacer = this.#pacerOf(question.dataset);
    for (let failures = 1; ; failures++) {
      await pacer.turn(signal);
      await this.#burst.turn(signal);
      const sentAtMs = clock.now();
      question.onSent?.();
      const outcome = await this.#tryOnce(question, signal);
      if ("json" in outcome) return outcome.json;
      const isLastTry = failures >= retry.attempts || (outcome.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS;
      if (!outcome.passing || isLastTry) throw outcome.error;
      // After a 429 the pacer does the waiting, for all who ask.
      if (outcome.status === 429) {
        pacer.slowDown(outcome.retryAfterMs, sentAtMs);
        onSlowDown?.(question.dataset, pacer.intervalMs);
      } else {
        onRetry?.({ operation: question.operation, reason: outcome.error.reason, failures });
        const waitMs = Math.max(backoffMs(failures, retry, Math.random()), outcome.retryAfterMs ?? 0);
        await pause(clock, waitMs, signal);
      }
    }
  }

  async #tryOnce({ url, operation }: RestQuestion, signal: AbortSignal | undefined): Promise<Outcome> {
    let answer: RestAnswer;
    try {
      answer = await this.#ask(url, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof TooLargeAnswer)
        return lasting(tooLargeError(operation, this.#options.maxAnswerBytes));
      const explained = connectionError(operation, error);
      if (explained === null) throw error;
      return { ...lasting(explained), passing: explained.code !== "tls" };
    }
    const { status, json, retryAfterMs } = answer;
    if (status === 200 && json !== undefined) return { json };
    const error = answerError(operation, answer, this.#masked);
    return { error, passing: isPassing(status) || error.code === "cut-answer", status, retryAfterMs };
  }

  async #ask(url: string, signal: AbortSignal | undefined): Promise<RestAnswer> {
    const { timeoutMs, maxAnswerBytes } = this.#options;
    using linked = linkedAbort(signal);
    const timeout = new DOMException(`no answer within ${timeoutMs / 1000} s`, "TimeoutError");
    const timer = setTimeout(() => linked.abort(timeout), timeoutMs);
    try {
      const response = await fetch(url, {
        headers: { Authorization: `Bearer ${this.#apiKey}`, Accept: "application/json" },
        // A redirect could carry the key to another server.
        redirect: "manual",
        signal: linked.signal,
      });
      const text = await answerText(response, maxAnswerBytes);
      const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), Date.now());
      return { status: response.status, text, json: answerJson(text), retryAfterMs };
    } finally {
      clearTimeout(timer);
    }
  }

  #pacerOf(dataset: Dataset): Pacer {
    const known = this.#pacers.get(dataset);
    if (known !== undefined) return known;
    const { requestsPerMinute, clock } = this.#options;
    const pacer = new Pacer(clock, requestsPerMinute === null ? 0 : 60_000 / requestsPerMinute);
    this.#pacers.set(dataset, pacer);
    return pacer;
  }
}

interface Refusal {
  readonly error: BackfillError;
  /** Whether the same request may succeed later. */
  readonly passing: boolean;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
}

function lasting(error: BackfillError): Refusal {
  return { error, passing: false, status: null, retryAfterMs: null };
}

type Outcome = { readonly json: unknown } | Refusal;

/** Milliseconds of a `Retry-After` header, which holds seconds or an HTTP date (RFC 9110, 10.2.3); null if neither. */
function readRetryAfter(header: string | null, nowEpochMs: number): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowEpochMs;
  return Number.isNaN(ms) ? null : Math.max(ms, 0);
}
