import { SQLiteError } from "bun:sqlite";
import { batchBars } from "../../cache/bars.ts";
import { explain, type Cache } from "../../cache/cache.ts";
import type { Bar } from "../../core/bar.ts";
import { madeBars } from "../aggregate/made-bars.ts";
import type { RunContext } from "../context.ts";
import { daysOf, type CachedDay } from "./inventory.ts";
import { withBars } from "./one-file.ts";
import { barsTold, type FilledPart, type FilePart } from "./planned-file.ts";

/**
 * Runs `work` in one read transaction: all that it reads is of one moment, whatever another process writes meanwhile.
 * @throws BackfillError (cache) if the cache cannot be read.
 */
export async function atOneMoment<T>(cache: Cache, work: () => Promise<T>): Promise<T> {
  cache.db.run("BEGIN");
  try {
    return await work();
  } catch (error) {
    throw error instanceof SQLiteError ? explain(error, cache.path) : error;
  } finally {
    cache.db.run("COMMIT");
  }
}

/** The parts of a file with what the cache has of them now. */
export function filled(cache: Cache, parts: readonly FilePart[]): FilledPart[] {
  return parts.map((part) => ({
    part,
    days: withBars(daysOf(cache, part, part.fromEpochDay, part.toEpochDay).days),
  }));
}

/** How long bars are read before whoever waits (a signal, the progress) has a turn. */
const TURN_MS = 50;

/** Reads the bars of a file day by day; between days, somebody may stop it. */
export class BarReader {
  readonly #context: Pick<RunContext, "cache" | "signal">;
  readonly #onBars: (count: number) => void;
  #turnMs = performance.now();

  constructor(context: Pick<RunContext, "cache" | "signal">, onBars: (count: number) => void) {
    this.#context = context;
    this.#onBars = onBars;
  }

  /** The bars of a part in order of time, in pieces of a day or a few. */
  async *read({ part, days }: FilledPart): AsyncGenerator<Bar[]> {
    let held: Bar[] = [];
    for (const day of days) {
      const bars = this.#barsOf(part, day);
      await this.#giveTurn();
      const lastMs = held.at(-1)?.windowStartMs ?? Number.NEGATIVE_INFINITY;
      const firstMs = bars[0]?.windowStartMs ?? Number.POSITIVE_INFINITY;
      if (firstMs > lastMs) {
        if (held.length > 0) yield held;
        held = bars;
      } else {
        // Two dates may lie side by side at a midnight that is not the same for both.
        held = [...held, ...bars].toSorted((one, other) => one.windowStartMs - other.windowStartMs);
      }
    }
    if (held.length > 0) yield held;
  }

  #barsOf(part: FilePart, day: CachedDay): Bar[] {
    const { cache } = this.#context;
    const key = { ...part, epochDay: day.epochDay };
    const bars = day.isMade ? madeBars(cache, part.symbol.dataset, key, part) : batchBars(cache, key);
    this.#onBars(barsTold(part, day));
    return bars;
  }

  async #giveTurn(): Promise<void> {
    if (performance.now() - this.#turnMs < TURN_MS) return;
    await Bun.sleep(0);
    this.#turnMs = performance.now();
    this.#context.signal.throwIfAborted();
  }
}
