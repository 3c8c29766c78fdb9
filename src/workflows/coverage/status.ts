import type { Cache } from "../../cache/cache.ts";
import { batchHoles } from "../../cache/batches.ts";
import { batchBars } from "../../cache/bars.ts";
import { daySeries } from "../../cache/day-series.ts";
import { flatFileVersions, keptFlatFiles } from "../../cache/flat-files.ts";
import { outboxSummary, unsyncedDays } from "../../cache/outbox.ts";
import { problemsOf, type DayProblem } from "../../cache/problems.ts";
import { knownSymbolId, trackedSelection } from "../../cache/symbols.ts";
import { findTarget, lastFailure, lastTarget } from "../../cache/targets.ts";
import type { Dataset } from "../../core/datasets.ts";
import { addDays, dateOfEpochDay, epochDayOf } from "../../core/dates.ts";
import { sessionHoles, type SessionHole } from "../../core/session-holes.ts";
import { sessionOf } from "../../core/sessions.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE, timeframeName } from "../../core/timeframes.ts";
import { knownRefusals, type KnownRefusal } from "../known-refusals.ts";
import { dayFacts, type DayFacts } from "./day-facts.ts";
import { SymbolCoverage } from "./symbol-coverage.ts";

export interface StatusOptions {
  readonly symbols: readonly TrackedSymbol[];
  readonly from: string;
  readonly to: string;
  readonly nowMs: number;
  /** Name of the target whose outbox to show; null for the one written to last. */
  readonly target: string | null;
}

/** What a database lacks, and why. */
interface SyncState {
  readonly target: string | null;
  readonly unsyncedBatches: number;
  readonly unsyncedBars: number;
  readonly oldestUnsyncedAt: string | null;
  /** Why the last sync failed, and when; null if it did not. */
  readonly lastError: { readonly error: string; readonly at: string } | null;
}

/** The coverage of a cache. */
export interface Status {
  readonly timeframe: string;
  readonly from: string;
  readonly to: string;
  readonly symbols: readonly SymbolCoverage[];
  readonly sync: SyncState;
  /** What the vendor is known to refuse of the symbols shown, because of the subscription. */
  readonly entitlements: readonly KnownRefusal[];
  /** Flat files that are kept in the data directory, by the manifest. */
  readonly flatFiles: { readonly files: number; readonly bytes: number };
  /** Days that are missing, partial or failed. */
  readonly gaps: number;
  /** Days with far fewer bars than usual, which are no gaps. */
  readonly suspicious: number;
}

/** Works out the coverage grid from the manifest alone: no bar is counted, nothing is asked of the vendor. */
export function status(cache: Cache, options: StatusOptions): Status {
  const { from, to, nowMs } = options;
  const targetName = options.target ?? lastTarget(cache);
  const targetId = targetName === null ? NO_TARGET : findTarget(cache, targetName);
  const isSynced = targetName === null ? () => false : syncedLookup(cache, targetId);
  const lookups = new Map<Dataset, DatasetLookup>();
  const symbols = options.symbols.map((symbol) => {
    const lookup = lookups.get(symbol.dataset) ?? datasetLookup(cache, symbol.dataset, options);
    lookups.set(symbol.dataset, lookup);
    const id = knownSymbolId(cache, symbol);
    return new SymbolCoverage(symbol, {
      days: lookup.days,
      before: lookup.before,
      series: daySeries(cache, id, epochDayOf(from) - DAYS_BEFORE, epochDayOf(to)),
      nowMs,
      allTickersRead: (date) => lookup.wholeDates.has(date),
      problem: (date) =>
        lookup.problems.get(date)?.get(symbol.ticker) ?? lookup.problems.get(date)?.get("") ?? null,
      isSynced: id === null ? () => false : (epochDay) => isSynced(id, epochDay),
      hasTarget: targetName !== null,
      holes: (epochDay) => (id === null ? [] : holesOf(cache, symbol, id, epochDay)),
    });
  });
  return {
    timeframe: timeframeName(ONE_MINUTE),
    from,
    to,
    symbols,
    sync: syncState(cache, targetName, targetId),
    entitlements: knownRefusals(
      cache,
      { symbols: options.symbols, wholeDatasets: trackedSelection(cache).wholeDatasets },
      nowMs,
    ),
    flatFiles: keptFlatFiles(cache),
    gaps: symbols.reduce((sum, { totals }) => sum + totals.missing + totals.partial + totals.failed, 0),
    suspicious: symbols.reduce((sum, { totals }) => sum + totals.suspicious, 0),
  };
}

const NO_TARGET = -1;
/** Enough for what is usual, which 20 sessions tell. */
const DAYS_BEFORE = 35;

interface DatasetLookup {
  readonly days: readonly DayFacts[];
  /** The days before them. */
  readonly before: readonly DayFacts[];
  readonly wholeDates: ReadonlySet<string>;
  /** By date and ticker; the empty ticker stands for all. */
  readonly problems: ReadonlyMap<string, ReadonlyMap<string, DayProblem>>;
}

function datasetLookup(cache: Cache, dataset: Dataset, { from, to, nowMs }: StatusOptions): DatasetLookup {
  const problems = new Map<string, Map<string, DayProblem>>();
  for (const problem of problemsOf(cache, dataset, from, to)) {
    const ofDate = problems.get(problem.date) ?? new Map<string, DayProblem>();
    problems.set(problem.date, ofDate.set(problem.ticker, problem));
  }
  return {
    days: dayFacts(dataset, from, to, nowMs),
    before: dayFacts(dataset, addDays(from, -DAYS_BEFORE), addDays(from, -1), nowMs),
    wholeDates: new Set(
      flatFileVersions(cache, dataset, from, to)
        .filter((version) => version.allTickersRead === 1)
        .map((version) => dateOfEpochDay(version.epochDay)),
    ),
    problems,
  };
}

/** Whether a target has a batch that is there; one that was never written to has none. */
function syncedLookup(cache: Cache, targetId: number): (symbolId: number, epochDay: number) => boolean {
  if (targetId === NO_TARGET) return () => false;
  const lacking = unsyncedDays(cache, targetId);
  return (symbolId, epochDay) => lacking.get(symbolId)?.has(epochDay) !== true;
}

/** From the manifest; a cache of an earlier version has to be looked into. */
function holesOf(
  cache: Cache,
  { dataset }: TrackedSymbol,
  symbolId: number,
  epochDay: number,
): readonly SessionHole[] {
  const key = { symbolId, timeframeMinutes: ONE_MINUTE, epochDay };
  const known = batchHoles(cache, key);
  if (known !== null) return known;
  const session = sessionOf(dataset, dateOfEpochDay(epochDay));
  if (session === null) return [];
  const starts = batchBars(cache, key).map((bar) => bar.windowStartMs);
  return sessionHoles(starts, session);
}

function syncState(cache: Cache, target: string | null, targetId: number): SyncState {
  const outbox = target === null ? null : outboxSummary(cache, targetId);
  const failure = lastFailure(cache, targetId);
  return {
    target,
    unsyncedBatches: outbox?.batches ?? 0,
    unsyncedBars: outbox?.bars ?? 0,
    oldestUnsyncedAt: outbox?.oldestMs == null ? null : new Date(outbox.oldestMs).toISOString(),
    lastError: failure && { error: failure.error, at: new Date(failure.atMs).toISOString() },
  };
}
