import { batchesOf, type Batch } from "../cache/batches.ts";
import type { Cache } from "../cache/cache.ts";
import { flatFileVersions, type FlatFileVersion } from "../cache/flat-files.ts";
import { knownSymbolId } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { dateOfEpochDay, epochDayOf } from "../core/dates.ts";
import { datasetsOf, type SymbolSelection, type TrackedSymbol } from "../core/symbols.ts";
import { ONE_MINUTE } from "../core/timeframes.ts";
import type { PlanFacts } from "./planning/facts.ts";

/** What the manifest says of the selected days from one date to another. */
export interface Manifest {
  readonly versions: ReadonlyMap<Dataset, readonly FlatFileVersion[]>;
  readonly facts: Pick<PlanFacts, "batch" | "allTickersRead">;
}

/** Reads what the manifest says now; later changes of the cache do not change it. */
export function readManifest(
  cache: Cache,
  selection: SymbolSelection,
  range: { readonly from: string; readonly to: string },
): Manifest {
  const versions = new Map(
    datasetsOf(selection).map((dataset) => [dataset, flatFileVersions(cache, dataset, range.from, range.to)]),
  );
  return { versions, facts: manifestFacts(cache, selection, range, versions) };
}

function manifestFacts(
  cache: Cache,
  { symbols }: SymbolSelection,
  { from, to }: { readonly from: string; readonly to: string },
  versions: Manifest["versions"],
): Manifest["facts"] {
  const etags = new Map([...versions.values()].flat().map((version) => [version.id, version.etag]));
  const lookups = new Map<TrackedSymbol, Map<number, Batch>>();
  for (const symbol of symbols) {
    const id = knownSymbolId(cache, symbol);
    const batches = id === null ? [] : batchesOf(cache, id, ONE_MINUTE, epochDayOf(from), epochDayOf(to));
    lookups.set(symbol, new Map(batches.map((batch) => [batch.epochDay, batch])));
  }
  const allRead = new Set(
    [...versions].flatMap(([dataset, known]) =>
      known
        .filter((version) => version.allTickersRead === 1)
        .flatMap(({ epochDay, etag }) => {
          const day = `${dataset} ${dateOfEpochDay(epochDay)}`;
          return [day, `${day} ${etag}`];
        }),
    ),
  );
  return {
    batch: (symbol, date) => {
      const batch = lookups.get(symbol)?.get(epochDayOf(date));
      if (batch === undefined) return null;
      const etag = batch.flatFileId === null ? null : (etags.get(batch.flatFileId) ?? null);
      return { ...batch, etag };
    },
    allTickersRead: (dataset, date, etag) =>
      allRead.has(etag === null ? `${dataset} ${date}` : `${dataset} ${date} ${etag}`),
  };
}
