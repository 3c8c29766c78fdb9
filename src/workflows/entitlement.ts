import { forEachAtOnce } from "../core/at-once.ts";
import type { Cache } from "../cache/cache.ts";
import { knownEntitlements, rememberEntitlement, type Entitlement } from "../cache/entitlements.ts";
import type { Dataset } from "../core/datasets.ts";
import { addDays } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import type { TrackedSymbol } from "../core/symbols.ts";
import { probe, type Patience } from "../massive/flat-files.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";
import type { AvailableFile, Refusal } from "./planning/facts.ts";
import { findEdge } from "./plan-edge.ts";

/** What is remembered of the subscription, as far as it may still be believed. */
export interface Refusals {
  /** What of the flat files is refused, by dataset. */
  readonly files: Map<Dataset, Refusal>;
  /** What of a symbol the API refuses; null if nothing is known to be refused. */
  readonly api: (symbol: Pick<TrackedSymbol, "dataset" | "ticker">) => Refusal | null;
}

/** Plans change: after a week it is tried again whether they still refuse. */
const RECHECK_AFTER_MS = 7 * 24 * 60 * 60_000;

/**
 * Whether what was seen may still be believed at `nowMs`. After a run with `--today` it may have been seen in
 * what is the future now: a week counts either way.
 */
export function isStillBelieved({ seenAtMs }: Pick<Entitlement, "seenAtMs">, nowMs: number): boolean {
  return Math.abs(nowMs - seenAtMs) < RECHECK_AFTER_MS;
}

/** What is remembered as refused; nothing if it is to be found out anew (`recheck`). Asks and changes nothing. */
export function recallRefusals(
  cache: Cache,
  nowMs: number,
  { recheck }: { readonly recheck: boolean },
): Refusals {
  const believed = recheck ? [] : knownEntitlements(cache).filter((one) => isStillBelieved(one, nowMs));
  const byKey = new Map(believed.map((one) => [keyOf(one.source, one.dataset, one.ticker), one]));
  const files = new Map<Dataset, Refusal>();
  for (const { source, dataset, ticker, ...known } of believed) {
    const refusal = refusalOf(known);
    if (source === "flatfile" && ticker === "" && refusal !== null) files.set(dataset, refusal);
  }
  return {
    files,
    api({ dataset, ticker }) {
      const known = byKey.get(keyOf("api", dataset, ticker)) ?? byKey.get(keyOf("api", dataset, ""));
      return known === undefined ? null : refusalOf(known);
    },
  };
}

/**
 * Asks the vendor which of the files that a run wants to download it lets us have, and remembers what it refuses.
 * `wanted` are files in any order, none of them remembered as refused. Returns what is refused of each dataset; one
 * without an entry may be fetched as a whole.
 *
 * A plan that includes everything costs one small request for each dataset. A refusal is remembered only after it
 * was repeated for some seconds: see `findEdge`.
 * @throws BackfillError (settings or source) if the vendor cannot be asked; the reason of the context's signal.
 */
export async function probeEntitlements(
  context: RunContext,
  flatFiles: FlatFiles,
  wanted: readonly AvailableFile[],
): Promise<Map<Dataset, Refusal>> {
  const refusals = new Map<Dataset, Refusal>();
  const known = new Map(
    knownEntitlements(context.cache)
      .filter(({ source, ticker }) => source === "flatfile" && ticker === "")
      .map((one) => [one.dataset, one]),
  );
  const oldestFirst = wanted.toSorted((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));
  const probeDataset = async ([dataset, files]: [Dataset, AvailableFile[]]) => {
    const ask = (file: AvailableFile, patience: Patience) => accessTo(context, flatFiles, file, patience);
    const [before, from] = [known.get(dataset), files[0]?.date ?? ""];
    const edge = await findEdge(files, ask, before !== undefined && isRefusedUpTo(before, from));
    const seen = { source: "flatfile", dataset, ticker: "", seenAtMs: context.nowMs } as const;
    if (edge !== null) await rememberEntitlement(context.cache, { ...seen, ...edge });
    // What was refused once and is no more; of days before those asked about nothing is known.
    else if (before?.refusedTo != null && from <= before.refusedTo)
      await rememberEntitlement(context.cache, {
        ...seen,
        refusedTo: null,
        allowedFrom: from,
        sentence: null,
      });
    if (edge !== null)
      refusals.set(dataset, { to: edge.refusedTo, sentence: edge.sentence, seenAtMs: context.nowMs });
  };
  // Patience takes seconds: side by side they are those of one dataset.
  const byDataset = Map.groupBy(oldestFirst, (file) => file.dataset);
  await forEachAtOnce(byDataset, byDataset.size, probeDataset);
  return refusals;
}

/** Days between two runs after which a refusal of what has come since is no surprise. */
const FEW_DAYS = 14;

/** Whether everything up to shortly before `date` was refused: the plan has nothing of the dataset at all. */
function isRefusedUpTo({ refusedTo, allowedFrom }: Entitlement, date: string): boolean {
  return allowedFrom === null && refusedTo !== null && refusedTo >= addDays(date, -FEW_DAYS);
}

/** What a probe says of a file that is empty (it has no first byte: 416), or gone again. */
const OWN_FAULTS: ReadonlySet<string> = new Set(["republished", "not-published"]);

/** A file that cannot be probed for a reason of its own is no matter of the plan. */
async function accessTo(
  { progress, signal }: RunContext,
  flatFiles: FlatFiles,
  file: AvailableFile,
  patience: Patience,
): Promise<string | null> {
  progress.detail(`check access to ${file.dataset} ${file.date}`);
  try {
    return await probe(flatFiles, file, patience, signal);
  } catch (error) {
    if (error instanceof BackfillError && OWN_FAULTS.has(error.code ?? "")) return null;
    throw error;
  }
}

function refusalOf({
  refusedTo,
  sentence,
  seenAtMs,
}: Pick<Entitlement, "refusedTo" | "sentence" | "seenAtMs">): Refusal | null {
  return refusedTo === null ? null : { to: refusedTo, sentence: sentence ?? "", seenAtMs };
}

function keyOf(source: Entitlement["source"], dataset: Dataset, ticker: string): string {
  return `${source} ${dataset} ${ticker}`;
}
