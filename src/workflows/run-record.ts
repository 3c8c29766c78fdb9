import { beginRun, endRun, NOTHING_MOVED, noteStep, type RunFigures } from "../cache/runs.ts";
import { errorText } from "../core/errors.ts";
import { plural } from "../core/format.ts";
import type { RunContext } from "./context.ts";
import type { Failure } from "./failures.ts";
import { watchedProgress } from "./watched-progress.ts";

/** How often a run notes how far it has come. */
const NOTE_EVERY_MS = 1000;

/** What a run counts up while it is at work. */
export class RunMeter {
  readonly #figures: { -readonly [Name in keyof RunFigures]: number } = { ...NOTHING_MOVED };

  get figures(): RunFigures {
    return this.#figures;
  }

  /** Does `work` and counts how long it took, whether it succeeds or not. */
  async time<T>(step: "filesMs" | "apiMs" | "syncMs", work: () => Promise<T>): Promise<T> {
    const begunMs = performance.now();
    try {
      return await work();
    } finally {
      this.#figures[step] += performance.now() - begunMs;
    }
  }

  /** As `time`, of requests; those that are spaced on purpose tell nothing of how long one takes. */
  async timeRequests(requestsPerMinute: number | null, work: () => Promise<void>): Promise<void> {
    await (requestsPerMinute === null ? this.time("apiMs", work) : work());
  }

  moved(figures: Partial<Omit<RunFigures, "filesMs" | "apiMs" | "syncMs">>): void {
    Object.assign(this.#figures, figures);
  }
}

/** What a run has left undone although it came to its end, in a line; null if nothing. */
export function leftUndone(result: {
  readonly failures: readonly Pick<Failure, "error">[];
  readonly sync?: { readonly error: string | null } | null;
}): string | null {
  const [first] = result.failures;
  const left = [
    ...(first === undefined ? [] : [`${plural(result.failures.length, "day")} not brought: ${first.error}`]),
    ...(result.sync?.error == null ? [] : [`not synced: ${result.sync.error}`]),
  ];
  return left.length === 0 ? null : left.join("; ");
}

/**
 * Does the work of a run and keeps in the cache when it was, how far it has come, what it moved, and what ended it early
 * or was `left` undone by its result. The work goes on in the context that it is given, whose progress is noted.
 */
export async function recorded<T>(
  context: RunContext,
  command: string,
  work: (meter: RunMeter, watched: RunContext) => Promise<T>,
  left: (result: T) => string | null = () => null,
): Promise<T> {
  const { cache } = context;
  const meter = new RunMeter();
  const id = await beginRun(cache, command, Date.now());
  let noted: Promise<void> = Promise.resolve();
  // A run whose notes cannot be written is told so by its next write of bars.
  const progress = watchedProgress(
    context.progress,
    (step) => {
      noted = noteStep(cache, id, step).catch(() => undefined);
    },
    NOTE_EVERY_MS,
  );
  const end = async (error: string | null) => {
    await noted;
    await endRun(cache, id, meter.figures, { endedAtMs: Date.now(), error });
  };
  try {
    const result = await work(meter, { ...context, progress });
    await end(left(result));
    return result;
  } catch (error) {
    // What ended the run matters more than that it could not be written down.
    await end(errorText(error)).catch(() => undefined);
    throw error;
  }
}
