import { BackfillError } from "./errors.ts";
import { DATASET_FACTS, DATASETS, type Dataset } from "./datasets.ts";

/** A symbol to backfill, by its three names. */
export interface TrackedSymbol {
  readonly dataset: Dataset;
  /** The vendor's name, as it stands in the flat files: `I:SPX`, `AAPL`, `X:BTC-USD`. Case matters. */
  readonly ticker: string;
  /** The name in `historical_bars`: indices lose their `I:`, all others keep the vendor's ticker. */
  readonly symbol: string;
}

/** What a run is asked to cover: named symbols, or every ticker of some datasets (`--symbols='*'`). */
export interface SymbolSelection {
  readonly symbols: readonly TrackedSymbol[];
  readonly wholeDatasets: readonly Dataset[];
}

/** What stands for every ticker of a dataset. */
export const EVERY_TICKER = "*";

/** Bare names that mean an index unless `--dataset` says otherwise: the indices traders ask for by name. */
const WELL_KNOWN_INDICES = new Set(
  "SPX NDX VIX RUT DJI DJX OEX XSP XEO COMP RUI RUA MID SML VXN RVX VVIX VIX9D VIX3M VIX6M VIX1D SKEW NYA XND MNX SOX HGX OSX UTY XAU BKX KBW SPXEW".split(
    " ",
  ),
);

/** Dots alone would be a step through the path of a URL. */
const TICKER_FORM = /^(?!\.+$)[!-~]{1,64}$/;
const MAX_SHOWN_CHARS = 80;

function usageError(text: string, reason: string, nextStep: string): BackfillError {
  const shown = text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
  return new BackfillError({ kind: "usage", operation: `read symbol "${shown}"`, reason, nextStep });
}

function datasetOfPrefix(text: string): Dataset | undefined {
  return DATASETS.find((dataset) => {
    const prefix = DATASET_FACTS[dataset].tickerPrefix;
    return prefix !== "" && text.startsWith(prefix);
  });
}

/** The name of a vendor ticker in `historical_bars`. */
export function symbolOfTicker(dataset: Dataset, ticker: string): string {
  return dataset === "indices" && ticker.startsWith("I:") ? ticker.slice(2) : ticker;
}

/** The tracked symbol of a ticker as the vendor writes it. */
export function trackedSymbol(dataset: Dataset, ticker: string): TrackedSymbol {
  return { dataset, ticker, symbol: symbolOfTicker(dataset, ticker) };
}

/**
 * Reads one symbol as a user writes it: `I:SPX` says its dataset; a bare `SPX` belongs to `dataset` if that is
 * given, else to the indices if it is a well-known index, else to stocks.
 * @throws BackfillError (usage) for text that cannot be a ticker or contradicts `dataset`.
 */
export function parseSymbol(text: string, dataset?: Dataset): TrackedSymbol {
  const prefixed = datasetOfPrefix(text);
  const isOnlyPrefix = prefixed !== undefined && text === DATASET_FACTS[prefixed].tickerPrefix;
  if (!TICKER_FORM.test(text) || /[",'`;\\*?]/.test(text) || isOnlyPrefix)
    throw usageError(
      text,
      "this cannot be a ticker",
      "Write tickers as the vendor does: SPX, AAPL, X:BTC-USD.",
    );
  if (prefixed !== undefined) {
    if (dataset !== undefined && dataset !== prefixed)
      throw usageError(
        text,
        `its prefix says ${prefixed}, --dataset says ${dataset}`,
        `Leave out --dataset, or write --dataset=${prefixed}.`,
      );
    return trackedSymbol(prefixed, withDash(prefixed, text));
  }
  if (text === text.toLowerCase() && text !== text.toUpperCase())
    throw usageError(
      text,
      "tickers are case-sensitive and none is all lower case",
      `Did you mean ${text.toUpperCase()}?`,
    );
  const owner = dataset ?? (WELL_KNOWN_INDICES.has(text) ? "indices" : "stocks");
  return trackedSymbol(owner, withDash(owner, DATASET_FACTS[owner].tickerPrefix + text));
}

/** Flat files write pairs with a dash, the REST API without: this program speaks as the files do. */
function withDash(dataset: Dataset, ticker: string): string {
  if ((dataset !== "crypto" && dataset !== "forex") || ticker.includes("-")) return ticker;
  const pair = /^([XC]:)([A-Z0-9]+)([A-Z]{3})$/.exec(ticker);
  throw usageError(
    ticker,
    "currency pairs are written with a dash",
    pair === null ? "Write X:BTC-USD or C:EUR-USD." : `Did you mean ${pair[1]}${pair[2]}-${pair[3]}?`,
  );
}

/** Whether a ticker can be one of `dataset`, by its prefix. */
export function isTickerOf(dataset: Dataset, ticker: string): boolean {
  return (datasetOfPrefix(ticker) ?? "stocks") === dataset;
}

/**
 * Reads a list of symbols; doubles are dropped, `*` stands for every ticker of `dataset`, any others with it.
 * @throws BackfillError (usage) if a symbol cannot be read or two would be the same in `historical_bars`.
 */
export function parseSymbols(texts: readonly string[], dataset?: Dataset): SymbolSelection {
  if (texts.includes(EVERY_TICKER)) {
    if (dataset === undefined)
      throw usageError(
        "*",
        "every ticker of which dataset?",
        "Add --dataset=indices (or stocks, options, crypto, forex).",
      );
    for (const text of texts) if (text !== "*") parseSymbol(text, dataset);
    return { symbols: [], wholeDatasets: [dataset] };
  }
  const symbols = new Map<string, TrackedSymbol>();
  for (const text of texts) {
    const symbol = parseSymbol(text, dataset);
    symbols.set(`${symbol.dataset} ${symbol.ticker}`, symbol);
  }
  assertDistinctNames([...symbols.values()]);
  return { symbols: [...symbols.values()], wholeDatasets: [] };
}

/**
 * Makes sure that no two tickers would be written under one name in `historical_bars`.
 * @throws BackfillError (usage) that names both.
 */
export function assertDistinctNames(symbols: readonly TrackedSymbol[]): void {
  const seen = new Map<string, TrackedSymbol>();
  for (const symbol of symbols) {
    const other = seen.get(symbol.symbol);
    if (other !== undefined && (other.dataset !== symbol.dataset || other.ticker !== symbol.ticker))
      throw usageError(
        symbol.symbol,
        `${other.ticker} (${other.dataset}) and ${symbol.ticker} (${symbol.dataset}) would both be written to historical_bars as ${symbol.symbol}`,
        "Keep one of them, or keep the other in a cache and table of its own (--data-dir, --table).",
      );
    seen.set(symbol.symbol, symbol);
  }
}

/** The datasets a selection touches. */
export function datasetsOf(selection: SymbolSelection): Dataset[] {
  return DATASETS.filter(
    (dataset) =>
      selection.wholeDatasets.includes(dataset) ||
      selection.symbols.some((symbol) => symbol.dataset === dataset),
  );
}
