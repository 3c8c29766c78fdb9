import type { Dataset } from "../../core/datasets.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";

/** Percent from one close to a price of the next bar, beyond which a wrong price is likelier than the market; 0 for none. */
const USUAL_PERCENT: Readonly<Record<Dataset, number>> = {
  indices: 20,
  stocks: 50,
  // Of a few cents an option doubles with one trade.
  options: 0,
  crypto: 30,
  forex: 5,
};

/** Volatility indices double within minutes when markets fall (2018-02-05, 2024-08-05). */
const VOLATILITY_PERCENT = 100;
const VOLATILITY_INDEX = /VIX|^VX|^(?:RVX|OVX|GVZ|EVZ|TYVIX|VOLI|VOLQ)$/;

/** The largest step of a symbol in percent, 0 for any: the one that is asked for, else what is usual. */
export function jumpLimit({ dataset, symbol }: TrackedSymbol, asked: number | null): number {
  if (asked !== null) return asked;
  const isVolatility = dataset === "indices" && VOLATILITY_INDEX.test(symbol);
  return isVolatility ? VOLATILITY_PERCENT : USUAL_PERCENT[dataset];
}
