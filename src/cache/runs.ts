import type { Cache } from "./cache.ts";

/** What a run moved, and how long that took. */
export interface RunFigures {
  /** Flat files that came over the network. */
  readonly downloadedBytes: number;
  /** Flat files that were here and were read. */
  readonly readBytes: number;
  /** From the first flat file's first byte until the last was read. */
  readonly filesMs: number;
  /** Requests to the REST API, and how long all of them together took. */
  readonly requests: number;
  readonly apiMs: number;
  readonly barsCached: number;
  readonly barsSynced: number;
  readonly syncMs: number;
}

/** The figures of a run that has moved nothing yet. */
export const NOTHING_MOVED: RunFigures = {
  downloadedBytes: 0,
  readBytes: 0,
  filesMs: 0,
  requests: 0,
  apiMs: 0,
  barsCached: 0,
  barsSynced: 0,
  syncMs: 0,
};

/** How far a run has come with what it does. */
export interface RunStep {
  /** In a few words: `read files`. */
  readonly step: string | null;
  /** What the numbers count: `bytes`, `files`. */
  readonly stepUnit: string | null;
  readonly stepDone: number;
  /** Null if nobody knows how much there is. */
  readonly stepTotal: number | null;
}

/** A run as it is remembered. */
export interface Run extends RunFigures, RunStep {
  readonly id: number;
  readonly command: string;
  readonly startedAtMs: number;
  /** Null while it is at work, and for ever if it was killed. */
  readonly endedAtMs: number | null;
  /** What ended it early; null if nothing did. */
  readonly error: string | null;
}

/** So many runs are remembered; nobody looks further back, and a cache that is updated each minute stays small. */
const MOST_RUNS = 10_000;

/** Remembers that a run has begun; the answer is its id for `endRun`. */
export async function beginRun(cache: Cache, command: string, startedAtMs: number): Promise<number> {
  return cache.write(() => {
    const { lastInsertRowid } = cache.db
      .query("INSERT INTO runs (command, started_at_ms) VALUES (?, ?)")
      .run(command, startedAtMs);
    cache.db.query("DELETE FROM runs WHERE id <= ?").run(Number(lastInsertRowid) - MOST_RUNS);
    return Number(lastInsertRowid);
  });
}

/** Notes how far a run has come, for whoever looks at the cache beside it. */
export async function noteStep(
  cache: Cache,
  id: number,
  { step, stepUnit, stepDone, stepTotal }: RunStep,
): Promise<void> {
  await cache.write(() => {
    cache.db
      .query("UPDATE runs SET step = ?, step_unit = ?, step_done = ?, step_total = ? WHERE id = ?")
      .run(step, stepUnit, stepDone, stepTotal, id);
  });
}

/** Remembers how a run ended. */
export async function endRun(
  cache: Cache,
  id: number,
  figures: RunFigures,
  end: Pick<Run, "endedAtMs" | "error">,
): Promise<void> {
  await cache.write(() => {
    cache.db
      .query(
        `UPDATE runs SET step = NULL, step_unit = NULL, step_done = 0, step_total = NULL, ended_at_ms = ?, error = ?, downloaded_bytes = ?, read_bytes = ?, files_ms = ?, requests = ?,
           api_ms = ?, bars_cached = ?, bars_synced = ?, sync_ms = ? WHERE id = ?`,
      )
      .run(
        end.endedAtMs,
        end.error,
        figures.downloadedBytes,
        figures.readBytes,
        Math.round(figures.filesMs),
        figures.requests,
        Math.round(figures.apiMs),
        figures.barsCached,
        figures.barsSynced,
        Math.round(figures.syncMs),
        id,
      );
  });
}

/** The last runs, the latest first. */
export function lastRuns(cache: Cache, most: number): Run[] {
  return cache.db
    .query<Run, [number]>(
      `SELECT id, step, step_unit AS stepUnit, step_done AS stepDone, step_total AS stepTotal, command, started_at_ms AS startedAtMs, ended_at_ms AS endedAtMs, error,
         downloaded_bytes AS downloadedBytes, read_bytes AS readBytes, files_ms AS filesMs, requests, api_ms AS apiMs,
         bars_cached AS barsCached, bars_synced AS barsSynced, sync_ms AS syncMs
       FROM runs ORDER BY id DESC LIMIT ?`,
    )
    .all(most);
}
