import type { Cache } from "../cache/cache.ts";
import { lastRuns, type RunFigures } from "../cache/runs.ts";
import type { Speeds } from "./planning/cost.ts";

/** The vendor gives about 1 MB/s to a connection and 12 MB/s to twelve: what to expect before anything was measured. */
const EXPECTED = { downloadBytesPerSecond: 10e6, readBytesPerSecond: 100e6, requestMs: 500 } as const;

/** So many of the last runs are looked at. */
const RUNS = 200;
/** What a run has to have moved to tell how fast that goes. */
const TELLING_BYTES = 1e6;

/**
 * How fast downloads, readings and requests went in this machine's last runs: the median of each. With
 * `requestsPerMinute` those of an asset class cannot be faster than that.
 */
export function measuredSpeeds(cache: Cache, requestsPerMinute: number | null): Speeds {
  const runs = lastRuns(cache, RUNS);
  const over = (runsOf: (run: RunFigures) => number | null) =>
    median(runs.flatMap((run) => runsOf(run) ?? []));
  const download = over(({ downloadedBytes, filesMs }) =>
    downloadedBytes >= TELLING_BYTES && filesMs > 0 ? (downloadedBytes / filesMs) * 1000 : null,
  );
  const read = over(({ downloadedBytes, readBytes, filesMs }) =>
    downloadedBytes === 0 && readBytes >= TELLING_BYTES && filesMs > 0 ? (readBytes / filesMs) * 1000 : null,
  );
  const request = over(({ requests, apiMs }) => (requests > 0 && apiMs > 0 ? apiMs / requests : null));
  return {
    downloadBytesPerSecond: download ?? EXPECTED.downloadBytesPerSecond,
    readBytesPerSecond: read ?? EXPECTED.readBytesPerSecond,
    requestMs: request ?? EXPECTED.requestMs,
    spacingMs: requestsPerMinute === null ? 0 : 60_000 / requestsPerMinute,
    measured: download !== null || read !== null || request !== null,
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}
