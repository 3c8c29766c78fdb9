import { BackfillError } from "../core/errors.ts";
import { isDataset, type Dataset } from "../core/datasets.ts";
import { EVERY_TICKER, trackedSymbol, type SymbolSelection, type TrackedSymbol } from "../core/symbols.ts";
import type { Cache } from "./cache.ts";

/**
 * The id of a symbol in the cache, given it now if it has none. Call inside `cache.write`.
 * @throws BackfillError (usage) if another ticker already has its name in historical_bars.
 */
export function symbolId(cache: Cache, { dataset, ticker, symbol }: TrackedSymbol): number {
  const known = knownSymbolId(cache, { dataset, ticker, symbol });
  if (known !== null) return known;
  assertNameIsFree(cache, { dataset, ticker, symbol });
  cache.db
    .query("INSERT INTO symbols (dataset, ticker, symbol) VALUES (?, ?, ?)")
    .run(dataset, ticker, symbol);
  return knownSymbolId(cache, { dataset, ticker, symbol }) ?? Number.NaN;
}

/** The id of a symbol in the cache; null if it has none. */
export function knownSymbolId(cache: Cache, { dataset, ticker }: TrackedSymbol): number | null {
  return (
    cache.db
      .query<{ id: number }, [string, string]>("SELECT id FROM symbols WHERE dataset = ? AND ticker = ?")
      .get(dataset, ticker)?.id ?? null
  );
}

/** The dataset of a symbol that has an id. */
export function datasetOf(cache: Cache, id: number): Dataset {
  const row = cache.db
    .query<{ dataset: string }, [number]>("SELECT dataset FROM symbols WHERE id = ?")
    .get(id);
  if (row && isDataset(row.dataset)) return row.dataset;
  throw new Error(`the cache has no symbol of id ${id}`);
}

/**
 * Makes sure that `symbol` can be written to historical_bars under its name.
 * @throws BackfillError (usage) if the cache holds another ticker of that name.
 */
export function assertNameIsFree(cache: Cache, symbol: TrackedSymbol): void {
  const holder = nameHolder(cache, symbol);
  if (holder === null) return;
  throw new BackfillError({
    kind: "usage",
    operation: `add ${symbol.ticker} (${symbol.dataset}) to the cache`,
    reason: `${holder.ticker} (${holder.dataset}) is there already and has the same name ${symbol.symbol} in historical_bars`,
    nextStep: "Keep one of them in a cache and table of its own (--data-dir, --table).",
  });
}

/** Whether no other ticker of the cache has the name of `symbol` in historical_bars. */
export function isNameFree(cache: Cache, symbol: TrackedSymbol): boolean {
  return nameHolder(cache, symbol) === null;
}

function nameHolder(
  cache: Cache,
  { dataset, ticker, symbol }: TrackedSymbol,
): { readonly dataset: string; readonly ticker: string } | null {
  const holder = cache.db
    .query<{ dataset: string; ticker: string }, [string]>(
      "SELECT dataset, ticker FROM symbols WHERE symbol = ?",
    )
    .get(symbol);
  return holder?.dataset === dataset && holder.ticker === ticker ? null : holder;
}

/** Remembers what later runs without --symbols keep up to date. */
export async function track(cache: Cache, selection: SymbolSelection, nowMs: number): Promise<void> {
  const insert = cache.db.query("INSERT OR IGNORE INTO tracked (dataset, ticker, since_ms) VALUES (?, ?, ?)");
  await cache.write(() => {
    for (const symbol of selection.symbols) {
      symbolId(cache, symbol);
      insert.run(symbol.dataset, symbol.ticker, nowMs);
    }
    for (const dataset of selection.wholeDatasets) insert.run(dataset, EVERY_TICKER, nowMs);
  });
}

/** What this cache keeps up to date, in the order it was added; empty for a new cache. */
export function trackedSelection(cache: Cache): SymbolSelection {
  const rows = cache.db
    .query<{ dataset: string; ticker: string }, []>(
      "SELECT dataset, ticker FROM tracked ORDER BY since_ms, ticker",
    )
    .all();
  const symbols: TrackedSymbol[] = [];
  const wholeDatasets: Dataset[] = [];
  for (const { dataset, ticker } of rows) {
    if (!isDataset(dataset)) continue;
    if (ticker === EVERY_TICKER) wholeDatasets.push(dataset);
    else symbols.push(trackedSymbol(dataset, ticker));
  }
  return { symbols, wholeDatasets };
}

/** Every symbol the cache has bars or days of. */
export function knownSymbols(cache: Cache): TrackedSymbol[] {
  const rows = cache.db
    .query<{ dataset: string; ticker: string }, []>("SELECT dataset, ticker FROM symbols ORDER BY symbol")
    .all();
  return rows.flatMap(({ dataset, ticker }) => (isDataset(dataset) ? [trackedSymbol(dataset, ticker)] : []));
}
