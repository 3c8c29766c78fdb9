import { lockHolder } from "../../cache/lock.ts";
import { lastRuns, type Run } from "../../cache/runs.ts";
import type { ViewContext } from "./context.ts";

const MOST_RUNS = 200;

/** A run as the page shows it. */
export interface ShownRun {
  readonly id: number;
  readonly command: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  /** `killed`: it never came to its end, and is not at work any more. */
  readonly state: "running" | "done" | "failed" | "killed";
  readonly error: string | null;
  readonly downloadedBytes: number;
  readonly readBytes: number;
  readonly requests: number;
  readonly barsCached: number;
  readonly barsSynced: number;
  readonly step: string | null;
  readonly stepUnit: string | null;
  readonly stepDone: number;
  readonly stepTotal: number | null;
}

/** The last runs, the latest first. */
export function runs(context: ViewContext): { readonly runs: readonly ShownRun[] } {
  const found = lastRuns(context.cache, MOST_RUNS);
  const isAtWork = found[0] !== undefined && holdsLock(found[0], context.dataDir);
  return { runs: found.map((run, index) => shownRun(run, index === 0 && isAtWork)) };
}

/** The run that is at work; null if none is. */
export function runAtWork({ cache, dataDir }: ViewContext): ShownRun | null {
  const [last] = lastRuns(cache, 1);
  return last !== undefined && holdsLock(last, dataDir) ? shownRun(last, true) : null;
}

/** Whether a run is the one that has the lock, which it took before it began; another one may have it by now. */
function holdsLock({ startedAtMs, endedAtMs }: Run, dataDir: string): boolean {
  if (endedAtMs !== null) return false;
  const holder = lockHolder(dataDir);
  return holder === "unknown" || (holder !== null && holder.sinceMs <= startedAtMs);
}

function shownRun(run: Run, isAtWork: boolean): ShownRun {
  const { id, command, startedAtMs, endedAtMs, error, step, stepUnit, stepDone, stepTotal } = run;
  const ended = error === null ? "done" : "failed";
  return {
    id,
    command,
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
    durationMs: endedAtMs === null ? null : endedAtMs - startedAtMs,
    state: endedAtMs !== null ? ended : isAtWork ? "running" : "killed",
    error,
    downloadedBytes: run.downloadedBytes,
    readBytes: run.readBytes,
    requests: run.requests,
    barsCached: run.barsCached,
    barsSynced: run.barsSynced,
    step,
    stepUnit,
    stepDone,
    stepTotal,
  };
}
