import type { Cache } from "../cache/cache.ts";
import { EVERY_DAY, knownEntitlements } from "../cache/entitlements.ts";
import type { Dataset } from "../core/datasets.ts";
import { datasetsOf, type SymbolSelection } from "../core/symbols.ts";
import { isStillBelieved } from "./entitlement.ts";

/** Something that the subscription does not include, in the form of `status --json`. */
export interface KnownRefusal {
  readonly source: "flatfile" | "api";
  readonly dataset: Dataset;
  /** Null for the whole dataset. */
  readonly ticker: string | null;
  /** The last date that was refused, as are those before it; null if it is refused whatever the day. */
  readonly refusedTo: string | null;
  /** Whether it is refused whatever the day. */
  readonly refusedAlways: boolean;
  /** The first date that was allowed; null if none was seen. */
  readonly allowedFrom: string | null;
  /** How the vendor put it; null if it gave no reason. */
  readonly sentence: string | null;
  /** When the vendor last said so, ISO 8601. */
  readonly seenAt: string;
  /** Whether that was so long ago that the next run tries again. */
  readonly recheckDue: boolean;
}

/** What is remembered as refused of what is selected; of everything if that is nothing. */
export function knownRefusals(cache: Cache, selection: SymbolSelection, nowMs: number): KnownRefusal[] {
  const tickers = new Set(selection.symbols.map(({ dataset, ticker }) => `${dataset} ${ticker}`));
  const datasets = new Set(datasetsOf(selection));
  return knownEntitlements(cache)
    .filter(({ dataset, ticker }) => {
      if (datasets.size === 0) return true;
      return ticker === "" ? datasets.has(dataset) : tickers.has(`${dataset} ${ticker}`);
    })
    .flatMap(({ source, dataset, ticker, refusedTo, allowedFrom, sentence, seenAtMs }) => {
      if (refusedTo === null) return [];
      const refusedAlways = refusedTo === EVERY_DAY;
      return {
        source,
        dataset,
        ticker: ticker === "" ? null : ticker,
        refusedTo: refusedAlways ? null : refusedTo,
        refusedAlways,
        allowedFrom,
        sentence,
        seenAt: new Date(seenAtMs).toISOString(),
        recheckDue: !isStillBelieved({ seenAtMs }, nowMs),
      };
    });
}
