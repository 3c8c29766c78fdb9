import { forEachAtOnce } from "../core/at-once.ts";
import type { Dataset } from "../core/datasets.ts";
import type { BackfillError } from "../core/errors.ts";
import type { RestClient } from "../massive/rest-client.ts";
import { askApi, noteApiFailures, type AskedAnswer } from "./ask-api.ts";
import type { RunContext } from "./context.ts";
import type { PlannedRequest } from "./planning/requests.ts";

/** Failures in a row, each after all its tries, after which the vendor is left alone with an asset class. */
const MOST_FAILURES_IN_A_ROW = 3;

/** What may pass, but did not while a request was tried again and again. */
const LASTING_TROUBLE: ReadonlySet<string> = new Set(["rate-limited", "transient"]);

/** Questions of one asset class that are under way at once: where the vendor sets no limit, the way there does. */
const AT_ONCE = 8;

/**
 * Asks all requests, those of each asset class several at once; an asset class whose requests the vendor wants
 * spaced does not hold up another. The first goes ahead alone, so that a refused key or a server that is not there
 * is found out by one request. An error that would meet every other request too ends them: each that is not
 * answered fails with it, and none is asked for again. So do the other requests of an asset class of which some in a
 * row have failed although each was tried again and again: nobody waits for hours for a vendor that is down.
 * @returns the answers in the order of the requests, whichever came first.
 * @throws as `askApi`; nothing is under way any more then.
 */
export async function askAll(
  context: RunContext,
  rest: RestClient,
  requests: readonly PlannedRequest[],
  onDone: () => void,
): Promise<AskedAnswer[]> {
  const run = new AskingRun(context, rest, onDone);
  const [first] = requests;
  const isAnswered = Promise.withResolvers<void>();
  async function* inTurn(own: readonly Numbered[]): AsyncGenerator<Numbered> {
    for (const numbered of own) {
      if (numbered.request !== first) await isAnswered.promise;
      yield numbered;
    }
  }
  const ask = (numbered: Numbered) =>
    numbered.request === first
      ? run.ask(numbered, isAnswered.resolve).finally(isAnswered.resolve)
      : run.ask(numbered, () => {});
  const numbered = requests.map((request, index): Numbered => ({ request, index }));
  const lanes = [...Map.groupBy(numbered, ({ request }) => request.symbol.dataset).values()];
  const done = await Promise.allSettled(lanes.map((lane) => forEachAtOnce(inTurn(lane), AT_ONCE, ask)));
  for (const outcome of done) if (outcome.status === "rejected") throw outcome.reason;
  return run.answers;
}

interface Numbered {
  readonly request: PlannedRequest;
  readonly index: number;
}

/** What requests that are asked side by side have in common. */
class AskingRun {
  readonly answers: AskedAnswer[] = [];
  readonly #context: RunContext;
  readonly #rest: RestClient;
  readonly #onDone: () => void;
  readonly #stop = new AbortController();
  /** What ends all requests. */
  #ended: BackfillError | null = null;
  /** By asset class, what its last requests have failed with; empty after one that was answered. */
  readonly #trouble = new Map<Dataset, BackfillError[]>();

  constructor(context: RunContext, rest: RestClient, onDone: () => void) {
    const signal = AbortSignal.any([context.signal, this.#stop.signal]);
    this.#context = { ...context, signal };
    this.#rest = rest;
    this.#onDone = onDone;
  }

  async ask({ request, index }: Numbered, onPage: () => void): Promise<void> {
    try {
      const { dataset } = request.symbol;
      const givenUp = this.#ended ?? this.#lasting(dataset);
      if (givenUp === null) {
        const answer = await askApi(this.#context, this.#rest, request, onPage);
        this.answers[index] = answer;
        this.#trouble.set(dataset, troubleAfter(answer, this.#trouble.get(dataset) ?? []));
        if (answer.ended === null) this.#onDone();
        else this.#end(answer.ended);
      } else this.answers[index] = await notAsked(this.#context, request, givenUp);
    } catch (error) {
      this.#stop.abort(error);
      throw error;
    }
  }

  #lasting(dataset: Dataset): BackfillError | null {
    const errors = this.#trouble.get(dataset) ?? [];
    return errors.length < MOST_FAILURES_IN_A_ROW ? null : (errors.at(-1) ?? null);
  }

  #end(error: BackfillError): void {
    this.#ended ??= error;
    this.#stop.abort(this.#ended);
  }
}

async function notAsked(
  context: RunContext,
  request: PlannedRequest,
  error: BackfillError,
): Promise<AskedAnswer> {
  const failures = await noteApiFailures(context, request, request.dates, error);
  const { dataset } = request.symbol;
  return {
    dataset,
    dates: [],
    requests: 0,
    changes: [],
    rejected: 0,
    failures,
    ended: error,
    trouble: error,
  };
}

/** What the requests of an asset class have failed with in a row, after one more of them. */
function troubleAfter({ dates, trouble }: AskedAnswer, before: readonly BackfillError[]): BackfillError[] {
  const isLasting = trouble !== null && LASTING_TROUBLE.has(trouble.code ?? "") && dates.length === 0;
  return isLasting ? [...before, trouble] : [];
}
