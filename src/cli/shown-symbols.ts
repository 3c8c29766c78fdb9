import type { Cache } from "../cache/cache.ts";
import { knownSymbolId, knownSymbols, trackedSelection } from "../cache/symbols.ts";
import { parseSymbols, type TrackedSymbol } from "../core/symbols.ts";
import { datasetFlag, symbolNames, usage, type FlagValues } from "./flags.ts";

/**
 * The symbols that a command which only looks is about: those named, else those tracked, else all that the cache knows. A
 * name that the cache knows means that symbol, however odd it is: `*` brings tickers that nobody would write down.
 */
export function symbolsShown(cache: Cache, flags: FlagValues): readonly TrackedSymbol[] {
  const dataset = datasetFlag(flags);
  const names = symbolNames(flags);
  const known = () =>
    knownSymbols(cache).filter((symbol) => dataset === undefined || symbol.dataset === dataset);
  if (names !== undefined) {
    const byName = new Map(known().map((symbol) => [symbol.symbol, symbol]));
    const { symbols, wholeDatasets } = parseSymbols(
      names.filter((name) => !byName.has(name)),
      dataset,
    );
    const named = new Set(names.flatMap((name) => byName.get(name) ?? []));
    for (const symbol of symbols) named.add(byName.get(symbol.symbol) ?? symbol);
    return wholeDatasets.length > 0 ? known() : [...named];
  }
  const tracked = trackedSelection(cache);
  if (tracked.wholeDatasets.length > 0 || tracked.symbols.length === 0) return known();
  return tracked.symbols.filter((symbol) => dataset === undefined || symbol.dataset === dataset);
}

/**
 * The symbols of a command that makes something of cached bars.
 * @throws BackfillError (usage) for symbols that are named and that the cache does not know.
 */
export function symbolsCached(cache: Cache, flags: FlagValues): readonly TrackedSymbol[] {
  const symbols = symbolsShown(cache, flags);
  if (symbolNames(flags) === undefined) return symbols;
  const unknown = symbols.filter((symbol) => knownSymbolId(cache, symbol) === null);
  if (unknown.length === 0) return symbols;
  const names = unknown.map(({ ticker }) => ticker).join(",");
  throw usage(
    "symbols",
    `the cache has nothing of ${names}`,
    `See what it has with massive-backfill status, or bring them first: massive-backfill hybrid --symbols=${names}.`,
  );
}
