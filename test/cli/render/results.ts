import { parseSymbols } from "../../../src/core/symbols.ts";
import type { Failure } from "../../../src/workflows/failures.ts";
import type { KnownRefusal } from "../../../src/workflows/known-refusals.ts";
import type { HybridResult } from "../../../src/workflows/hybrid.ts";
import type { SyncResult } from "../../../src/workflows/sync.ts";

const NONE_REPLACED = { days: 0, added: 0, changed: 0, removed: 0 };

/** What a run came to that found everything in the cache, without a database. */
export const NOTHING_TO_DO: HybridResult = {
  from: "2024-08-26",
  to: "2024-11-24",
  selection: parseSymbols(["SPX", "NDX"]),
  days: { flatfile: 0, api: 0, skipped: 63, pending: 0, denied: 0, failed: 0 },
  files: { downloaded: 0, reused: 0, bytes: 0 },
  bars: { cached: 0, changed: 0, rejected: 0 },
  replaced: { provisional: NONE_REPLACED, republished: NONE_REPLACED },
  requests: 0,
  failures: [],
  refusals: [],
  symbolsWithoutBars: [],
  cheaper: null,
  derived: null,
  sync: null,
};

/** What a first run came to that brought everything. */
export const COMPLETE: HybridResult = {
  ...NOTHING_TO_DO,
  days: { flatfile: 61, api: 2, skipped: 0, pending: 0, denied: 0, failed: 0 },
  files: { downloaded: 60, reused: 1, bytes: 7_890_000_000 },
  bars: { cached: 49_140, changed: 49_140, rejected: 0 },
  requests: 2,
};

export const SYNCED: SyncResult = {
  target: "db.example:5432/market public.historical_bars",
  batches: 126,
  bars: 49_140,
  inserted: 49_140,
  updated: 0,
  unchanged: 0,
  deleted: 0,
  pending: 0,
  notes: ["Created the table public.historical_bars"],
  error: null,
  hint: null,
  help: null,
};

export const NOT_SYNCED: SyncResult = {
  target: "db.example:5432/market public.historical_bars",
  batches: 0,
  bars: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  deleted: 0,
  pending: 126,
  notes: [],
  error: "connect to db.example:5432/market: nothing listens there",
  hint: "Start the database.",
  help: "postgres",
};

export function failureOf(date: string, fields: Partial<Failure> = {}): Failure {
  return {
    dataset: "indices",
    date,
    step: "download",
    error: "download it: the connection was reset",
    hint: "Run again.",
    help: "network",
    settings: false,
    denied: false,
    ...fields,
  };
}

/** Flat files that the plan does not reach back to, as it was found out on 22 November 2024. */
export const REFUSAL: KnownRefusal = {
  source: "flatfile",
  dataset: "indices",
  ticker: null,
  refusedTo: "2024-09-30",
  refusedAlways: false,
  allowedFrom: "2024-10-01",
  sentence: "forbidden",
  seenAt: "2024-11-22T20:00:00.000Z",
  recheckDue: false,
};
