import { beginRun, endRun, NOTHING_MOVED, type RunFigures } from "../cache/runs.ts";
import { errorText } from "../core/errors.ts";
import type { RunContext } from "./context.ts";

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

/** Does the work of a run and keeps in the cache when it was, what it moved, and what ended it early. */
export async function recorded<T>(
  { cache }: RunContext,
  command: string,
  work: (meter: RunMeter) => Promise<T>,
): Promise<T> {
  const meter = new RunMeter();
  const id = await beginRun(cache, command, Date.now());
  const end = (error: string | null) => endRun(cache, id, meter.figures, { endedAtMs: Date.now(), error });
  try {
    const result = await work(meter);
    await end(null);
    return result;
  } catch (error) {
    // What ended the run matters more than that it could not be written down.
    await end(errorText(error)).catch(() => undefined);
    throw error;
  }
}
