import type { Cache } from "../cache/cache.ts";
import { assertNameIsFree, trackedSelection } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { BackfillError } from "../core/errors.ts";
import { parseSymbols, type SymbolSelection } from "../core/symbols.ts";

/**
 * Which symbols a run covers: those named, else those the cache tracks, else those of MASSIVE_SYMBOLS.
 * @throws BackfillError (usage) if there are none, or two would have one name in historical_bars.
 */
export function chooseSymbols(
  cache: Cache,
  named: readonly string[] | undefined,
  dataset: Dataset | undefined,
  fallback: readonly string[],
): SymbolSelection {
  if (named !== undefined) return checked(cache, parseSymbols(named, dataset));
  const tracked = ofDataset(trackedSelection(cache), dataset);
  if (tracked.symbols.length + tracked.wholeDatasets.length > 0) return tracked;
  if (fallback.length > 0) return checked(cache, parseSymbols(fallback, dataset));
  throw new BackfillError({
    kind: "usage",
    operation: "choose the symbols",
    reason: "none were given, and this cache tracks none yet",
    nextStep: "Name them: --symbols=SPX,NDX (later runs remember them), or set MASSIVE_SYMBOLS.",
  });
}

function checked(cache: Cache, selection: SymbolSelection): SymbolSelection {
  for (const symbol of selection.symbols) assertNameIsFree(cache, symbol);
  return selection;
}

function ofDataset(selection: SymbolSelection, dataset: Dataset | undefined): SymbolSelection {
  if (dataset === undefined) return selection;
  return {
    symbols: selection.symbols.filter((symbol) => symbol.dataset === dataset),
    wholeDatasets: selection.wholeDatasets.filter((other) => other === dataset),
  };
}
