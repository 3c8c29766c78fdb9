import { batchesOf } from "../cache/batches.ts";
import type { Cache } from "../cache/cache.ts";
import { flatFileVersions } from "../cache/flat-files.ts";
import { outboxSummary, syncedDays } from "../cache/outbox.ts";
import { findTarget, lastFailure, lastTarget } from "../cache/targets.ts";
import { problemsOf, type DayProblem } from "../cache/problems.ts";
import { knownSymbolId, trackedSelection } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { dateOfEpochDay, datesBetween, epochDayOf } from "../core/dates.ts";
import type { TrackedSymbol } from "../core/symbols.ts";
import { ONE_MINUTE, timeframeName } from "../core/timeframes.ts";
import { knownRefusals, type KnownRefusal } from "./known-refusals.ts";
import { coverageDay, GAP_STATES, type CoverageDay, type DayState } from "./coverage.ts";

export interface StatusOptions {
  readonly symbols: readonly TrackedSymbol[];
  readonly from: string;
  readonly to: string;
  readonly nowMs: number;
  /** Name of the target whose outbox to show; null for the one written to last. */
  readonly target: string | null;
}

export interface SymbolCoverage extends TrackedSymbol {
  readonly days: readonly CoverageDay[];
  readonly totals: Readonly<Record<DayState | "bars" | "unsynced", number>>;
}

/** The coverage of a cache, in the form of `status --json`. */
export interface StatusResult {
  readonly timeframe: string;
  readonly from: string;
  readonly to: string;
  readonly symbols: readonly SymbolCoverage[];
  readonly sync: {
    readonly target: string | null;
    readonly unsyncedBatches: number;
    readonly unsyncedBars: number;
    readonly oldestUnsyncedAt: string | null;
    /** Why the last sync failed, and when; null if it did not. */
    readonly lastError: { readonly error: string; readonly at: string } | null;
  };
  /** What the vendor is known to refuse of the symbols shown, because of the subscription. */
  readonly entitlements: readonly KnownRefusal[];
  readonly gaps: number;
}

/** Works out the coverage grid from the manifest alone: no bar is counted, nothing is asked of the vendor. */
export function status(cache: Cache, options: StatusOptions): StatusResult {
  const targetName = options.target ?? lastTarget(cache);
  const targetId = targetName === null ? NO_TARGET : findTarget(cache, targetName);
  const lookups = new Map<Dataset, DatasetLookup>();
  const symbols = options.symbols.map((symbol) => {
    const lookup = lookups.get(symbol.dataset) ?? datasetLookup(cache, symbol.dataset, options);
    lookups.set(symbol.dataset, lookup);
    return symbolCoverage(cache, symbol, options, targetName === null ? null : targetId, lookup);
  });
  const outbox = targetName === null ? null : outboxSummary(cache, targetId);
  const failure = lastFailure(cache, targetId);
  return {
    timeframe: timeframeName(ONE_MINUTE),
    from: options.from,
    to: options.to,
    symbols,
    sync: {
      target: targetName,
      unsyncedBatches: outbox?.batches ?? 0,
      unsyncedBars: outbox?.bars ?? 0,
      oldestUnsyncedAt: outbox?.oldestMs == null ? null : new Date(outbox.oldestMs).toISOString(),
      lastError: failure && { error: failure.error, at: new Date(failure.atMs).toISOString() },
    },
    entitlements: knownRefusals(
      cache,
      { symbols: options.symbols, wholeDatasets: trackedSelection(cache).wholeDatasets },
      options.nowMs,
    ),
    gaps: symbols.reduce(
      (sum, symbol) => sum + symbol.days.filter((day) => GAP_STATES.has(day.state)).length,
      0,
    ),
  };
}

const NO_TARGET = -1;

interface DatasetLookup {
  readonly etagsById: ReadonlyMap<number, string>;
  readonly wholeDates: ReadonlySet<string>;
  /** By date and ticker; the empty ticker stands for all. */
  readonly problems: ReadonlyMap<string, DayProblem>;
}

function datasetLookup(cache: Cache, dataset: Dataset, { from, to }: StatusOptions): DatasetLookup {
  const versions = flatFileVersions(cache, dataset, from, to);
  return {
    etagsById: new Map(versions.map((version) => [version.id, version.etag])),
    wholeDates: new Set(
      versions
        .filter((version) => version.allTickersRead === 1)
        .map((version) => dateOfEpochDay(version.epochDay)),
    ),
    problems: new Map(
      problemsOf(cache, dataset, from, to).map((problem) => [`${problem.date} ${problem.ticker}`, problem]),
    ),
  };
}

function symbolCoverage(
  cache: Cache,
  symbol: TrackedSymbol,
  { from, to, nowMs }: StatusOptions,
  targetId: number | null,
  lookup: DatasetLookup,
): SymbolCoverage {
  const id = knownSymbolId(cache, symbol);
  const batches = new Map(
    (id === null ? [] : batchesOf(cache, id, ONE_MINUTE, epochDayOf(from), epochDayOf(to))).map((batch) => [
      batch.epochDay,
      batch,
    ]),
  );
  const synced = targetId === null || id === null ? new Set<number>() : syncedDays(cache, targetId, id);
  const days = datesBetween(from, to).map((date) => {
    const batch = batches.get(epochDayOf(date)) ?? null;
    const etag = batch?.flatFileId == null ? null : (lookup.etagsById.get(batch.flatFileId) ?? null);
    return coverageDay({
      dataset: symbol.dataset,
      date,
      nowMs,
      batch: batch && { ...batch, etag },
      allTickersRead: lookup.wholeDates.has(date),
      problem: lookup.problems.get(`${date} ${symbol.ticker}`) ?? lookup.problems.get(`${date} `) ?? null,
      synced: synced.has(epochDayOf(date)),
    });
  });
  return { ...symbol, days, totals: totalsOf(days, targetId !== null) };
}

function totalsOf(days: readonly CoverageDay[], hasTarget: boolean): SymbolCoverage["totals"] {
  const totals: Record<DayState | "bars" | "unsynced", number> = {
    complete: 0,
    partial: 0,
    provisional: 0,
    pending: 0,
    missing: 0,
    closed: 0,
    absent: 0,
    denied: 0,
    failed: 0,
    bars: 0,
    unsynced: 0,
  };
  for (const day of days) {
    totals[day.state]++;
    totals.bars += day.bars;
    if (hasTarget && day.source !== null && !day.synced) totals.unsynced++;
  }
  return totals;
}
