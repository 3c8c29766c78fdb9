import type { Cache } from "../cache/cache.ts";
import { knownSymbols, trackedSelection } from "../cache/symbols.ts";
import { parseSymbols, type TrackedSymbol } from "../core/symbols.ts";
import { datasetFlag, symbolNames, type FlagValues } from "./flags.ts";

/** The symbols that a command which only looks is about: those named, else those tracked, else all that the cache knows. */
export function symbolsShown(cache: Cache, flags: FlagValues): readonly TrackedSymbol[] {
  const dataset = datasetFlag(flags);
  const names = symbolNames(flags);
  const known = () =>
    knownSymbols(cache).filter((symbol) => dataset === undefined || symbol.dataset === dataset);
  if (names !== undefined) {
    const { symbols, wholeDatasets } = parseSymbols(names, dataset);
    return wholeDatasets.length > 0 ? known() : symbols;
  }
  const tracked = trackedSelection(cache);
  if (tracked.wholeDatasets.length > 0 || tracked.symbols.length === 0) return known();
  return tracked.symbols.filter((symbol) => dataset === undefined || symbol.dataset === dataset);
}
