import type { Dataset } from "../../core/datasets.ts";
import { CHICAGO, NEW_YORK } from "../../core/dates.ts";
import { deciCents } from "./decimal-text.ts";
import { isIndexRoot, optionContract } from "./option-contract.ts";

/** How a kind of security writes its lines: prices in deci-cents, as they are, or as a quote. */
export type LeanLines = "scaled" | "plain" | "quote";

/** Where Lean looks for the minutes of a symbol. Dates are `YYYYMMDD`. */
export interface LeanPlace {
  /** Below Lean's data folder: `equity/usa/minute/aapl`. */
  readonly folder: string;
  /** What follows the date in the name of the zip: `_trade.zip`. */
  readonly zipSuffix: string;
  /** What follows the date in the name of the file within: `_aapl_minute_trade.csv`. */
  readonly entrySuffix: string;
  /** Whose midnight begins a file and its times. */
  readonly timeZone: string;
  readonly lines: LeanLines;
}

/** The markets under whose names crypto and forex are kept: those of the data that comes with Lean. */
export const LEAN_MARKETS = { crypto: "coinbase", forex: "oanda" } as const;

/**
 * Where Lean keeps the minutes of a symbol; null if it has no name for it. Sources: QuantConnect/Lean, Common/Util/LeanData.cs
 * (GenerateRelativeZipFileDirectory, GenerateZipFileName, GenerateZipEntryName), Data/equity/readme.md, Data/option/readme.md,
 * Data/crypto/readme.md, Data/forex/readme.md; for the time zones Data/market-hours/market-hours-database.json.
 */
export function leanPlace(dataset: Dataset, ticker: string, market?: string): LeanPlace | null {
  if (dataset === "options") return optionPlace(ticker);
  const name = leanName(dataset, ticker);
  if (name === null) return null;
  const { kind, timeZone, lines } = SECURITIES[dataset];
  const tick = lines === "quote" ? "quote" : "trade";
  return {
    folder: `${kind}/${marketOf(dataset, market)}/minute/${name}`,
    zipSuffix: `_${tick}.zip`,
    entrySuffix: `_${name}_minute_${tick}.csv`,
    timeZone: CHICAGO_INDICES.has(name) && dataset === "indices" ? CHICAGO : timeZone,
    lines,
  };
}

const SECURITIES = {
  stocks: { kind: "equity", timeZone: NEW_YORK, lines: "scaled" },
  indices: { kind: "index", timeZone: NEW_YORK, lines: "plain" },
  crypto: { kind: "crypto", timeZone: "UTC", lines: "plain" },
  forex: { kind: "forex", timeZone: "UTC", lines: "quote" },
} as const;

/** The indices of the Chicago exchange have its time. */
const CHICAGO_INDICES: ReadonlySet<string> = new Set(["spx", "vix"]);

function marketOf(dataset: Dataset, market: string | undefined): string {
  if (dataset === "crypto" || dataset === "forex") return market ?? LEAN_MARKETS[dataset];
  return "usa";
}

const NAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/;

/** Lean writes names in small letters, pairs in one word. */
function leanName(dataset: Dataset, ticker: string): string | null {
  const bare = ticker.replace(/^[IXC]:/, "").toLowerCase();
  const name = dataset === "crypto" || dataset === "forex" ? bare.replaceAll("-", "") : bare;
  return NAME.test(name) ? name : null;
}

function optionPlace(ticker: string): LeanPlace | null {
  const contract = optionContract(ticker);
  if (contract === null) return null;
  const isIndex = isIndexRoot(contract.root);
  const [kind, style] = isIndex ? ["indexoption", "european"] : ["option", "american"];
  const root = contract.root.toLowerCase();
  const { right, strike, expiry } = contract;
  return {
    folder: `${kind}/usa/minute/${root}`,
    zipSuffix: `_trade_${style}.zip`,
    entrySuffix: `_${root}_minute_trade_${style}_${right}_${deciCents(strike)}_${expiry}.csv`,
    timeZone: NEW_YORK,
    lines: "scaled",
  };
}
