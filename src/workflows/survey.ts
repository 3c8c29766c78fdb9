import { earliestApiDay } from "../cache/batches.ts";
import type { Cache } from "../cache/cache.ts";
import { knownSymbolId } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { newYorkDate } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { datasetsOf, type SymbolSelection } from "../core/symbols.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import { availableFiles } from "./available-files.ts";
import type { RunContext } from "./context.ts";
import { readManifest } from "./manifest-facts.ts";
import type { AvailableFile, PlanFacts } from "./planning/facts.ts";
import { datesToList, recheckFrom, revisitFrom } from "./planning/recheck.ts";
import { readListing } from "./read-listing.ts";

/** What a survey has to cover. */
export interface SurveyScope {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
  /** The connection to list published files with; null to look at the data directory alone. */
  readonly flatFiles: FlatFiles | null;
  /** Whether flat files count at all; false for a run by API alone. */
  readonly useFiles: boolean;
  readonly api: boolean;
  /** So many of the last published days are listed again although they were read. */
  readonly recheckDays: number;
  /** What the vendor is known to refuse. */
  readonly refusals: {
    readonly files: PlanFacts["fileRefusals"];
    readonly api: PlanFacts["apiRefusal"];
  };
}

/** The first day of each symbol that the API brought and whose flat file is not known to be refused. */
function provisionalFrom(cache: Cache, { selection, refusals }: SurveyScope): (string | null)[] {
  return selection.symbols.map((symbol) => {
    const id = knownSymbolId(cache, symbol);
    return id === null ? null : earliestApiDay(cache, id, refusals.files.get(symbol.dataset)?.to ?? null);
  });
}

/** For a survey that asks the vendor nothing. */
export const NOTHING_ASKED = {
  flatFiles: null,
  recheckDays: 0,
  refusals: { files: new Map(), api: () => null },
} as const satisfies Partial<SurveyScope>;

/** What a plan depends on, but for the route that the user chooses. */
export type SurveyFacts = Omit<PlanFacts, "route">;

/**
 * Collects the facts a plan needs: the vendor's listing, the data directory, the manifest. Changes nothing. A listing
 * that cannot be read for a while is a fact too.
 * @throws BackfillError (settings) if the keys are refused; the reason of the context's signal if that is aborted.
 */
export async function survey(context: RunContext, scope: SurveyScope): Promise<SurveyFacts> {
  const { nowMs } = context;
  const datasets = datasetsOf(scope.selection);
  const today = newYorkDate(nowMs);
  const rechecked = new Map(
    datasets.map((dataset) => [dataset, recheckFrom(dataset, nowMs, scope.recheckDays)]),
  );
  // A run that is about the past is about nothing else.
  const isUpdate = scope.flatFiles !== null && scope.to >= today;
  const known = {
    selection: scope.selection,
    from: scope.from,
    to: scope.to,
    revisitFrom: isUpdate
      ? revisitFrom(scope.from, [...rechecked.values(), ...provisionalFrom(context.cache, scope)])
      : scope.from,
    nowMs,
    today,
    fileRefusals: scope.refusals.files,
    api: scope.api,
    apiRefusal: scope.refusals.api,
  };
  const range = { from: known.revisitFrom, to: scope.to };
  const { versions, facts: manifest } = readManifest(context.cache, scope.selection, range);
  const files = new Map<Dataset, ReadonlyMap<string, AvailableFile>>();
  const listings = new Map<Dataset, "read" | BackfillError>();
  let unreachable: BackfillError | null = null;
  for (const dataset of scope.useFiles ? datasets : []) {
    const ofDataset = versions.get(dataset) ?? [];
    const dates = datesToList({ ...known, ...manifest }, dataset, rechecked.get(dataset) ?? null);
    const listed: FlatFile[] | BackfillError | null =
      unreachable ?? (await readListing(context, scope.flatFiles, dataset, dates));
    if (listed instanceof BackfillError && listed.code === "unreachable") unreachable = listed;
    if (listed !== null) listings.set(dataset, listed instanceof BackfillError ? listed : "read");
    const objects = listed instanceof BackfillError ? [] : (listed ?? []);
    const inRange = objects.filter(({ date }) => date >= range.from && date <= range.to);
    files.set(dataset, await availableFiles(context, range, dataset, ofDataset, inRange));
  }
  return { ...known, ...manifest, files, listings };
}
