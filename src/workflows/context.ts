import type { Cache } from "../cache/cache.ts";
import type { Progress } from "../core/progress.ts";
import { eveningMs } from "../core/publication.ts";
import type { Settings } from "../core/settings.ts";

/** What every workflow works with. */
export interface RunContext {
  readonly settings: Settings;
  readonly cache: Cache;
  readonly progress: Progress;
  /** Aborted when the user stops the run. */
  readonly signal: AbortSignal;
  /** The moment the run plans for, epoch ms; what lies after it is not over yet. */
  readonly nowMs: number;
}

/**
 * The moment a run plans for: now, or with `--today` the evening of that day, but never later than now, since
 * what has not happened cannot be fetched.
 */
export function planningMs(today: string | undefined, clockMs: number): number {
  return today === undefined ? clockMs : Math.min(clockMs, eveningMs(today));
}
