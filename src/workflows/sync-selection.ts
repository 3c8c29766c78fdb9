import type { Cache } from "../cache/cache.ts";
import type { BatchSelection } from "../cache/outbox.ts";
import { knownSymbolId, knownSymbols } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { epochDayOf } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import { parseSymbols, type TrackedSymbol } from "../core/symbols.ts";

/** What a sync is narrowed to; null where nothing is said. */
export interface SyncScope {
  readonly names: readonly string[] | null;
  readonly dataset: Dataset | null;
  readonly from: string | null;
  readonly to: string | null;
}

/** The batches that a scope means. Throws a `usage` error for a symbol that the cache does not have. */
export function selectBatches(cache: Cache, { names, dataset, from, to }: SyncScope): BatchSelection {
  return {
    ...((names !== null || dataset !== null) && { symbolIds: symbolIds(cache, names, dataset) }),
    ...(from !== null && { fromEpochDay: epochDayOf(from) }),
    ...(to !== null && { toEpochDay: epochDayOf(to) }),
  };
}

function symbolIds(cache: Cache, names: readonly string[] | null, dataset: Dataset | null): number[] {
  const ofDatasets = (datasets: readonly Dataset[]) =>
    knownSymbols(cache)
      .filter((symbol) => datasets.includes(symbol.dataset))
      .map((symbol) => idOf(cache, symbol));
  if (names === null) return dataset === null ? [] : ofDatasets([dataset]);
  const { symbols, wholeDatasets } = parseSymbols(names, dataset ?? undefined);
  return [...symbols.map((symbol) => idOf(cache, symbol)), ...ofDatasets(wholeDatasets)];
}

function idOf(cache: Cache, symbol: TrackedSymbol): number {
  const id = knownSymbolId(cache, symbol);
  if (id !== null) return id;
  throw new BackfillError({
    kind: "usage",
    operation: "choose what to sync",
    reason: `the cache has nothing of ${symbol.symbol} (${symbol.dataset})`,
    nextStep: "See what is cached with: massive-backfill status.",
  });
}
