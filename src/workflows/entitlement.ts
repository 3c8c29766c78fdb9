import type { Dataset } from "../core/datasets.ts";
import { BackfillError } from "../core/errors.ts";
import { probe } from "../massive/flat-files.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { Cache } from "../cache/cache.ts";
import { addDays } from "../core/dates.ts";
import type { TrackedSymbol } from "../core/symbols.ts";
import type { RunContext } from "./context.ts";
import type { AvailableFile, Refusal } from "./planning/facts.ts";

export function recallRefusals(_cache: Cache, _nowMs: number, _how: { readonly recheck: boolean }) {
  return { files: new Map<Dataset, Refusal>(), api: (_symbol: TrackedSymbol): Refusal | null => null };
}

/**
 * Finds out from which date on the subscription lets us fetch these days of one dataset (oldest first): a plan
 * sees a rolling window of the history, so one small question for the oldest file settles it for most users and
 * a handful finds the edge for the others. Returns null if not even the newest may be fetched.
 */
export async function findEntitledFrom<T extends { readonly date: string }>(
  files: readonly T[],
  mayFetch: (file: T) => Promise<boolean>,
): Promise<string | null> {
  const [oldest, newest] = [files[0], files.at(-1)];
  if (oldest === undefined || newest === undefined) return null;
  if (await mayFetch(oldest)) return oldest.date;
  if (files.length === 1 || !(await mayFetch(newest))) return null;
  // Invariant: the file at `denied` may not be fetched, the one at `allowed` may.
  let denied = 0;
  let allowed = files.length - 1;
  while (allowed - denied > 1) {
    const middle = (denied + allowed) >> 1;
    const file = files[middle];
    if (file === undefined) break;
    if (await mayFetch(file)) allowed = middle;
    else denied = middle;
  }
  return files[allowed]?.date ?? null;
}

/** For each dataset among the files that a plan wants to download, what the vendor refuses of them. */
export async function probeEntitlements(
  context: RunContext,
  flatFiles: FlatFiles,
  files: readonly AvailableFile[],
): Promise<Map<Dataset, Refusal>> {
  const refusals = new Map<Dataset, Refusal>();
  for (const dataset of new Set(files.map((file) => file.dataset))) {
    const own = files.filter((file) => file.dataset === dataset);
    const mayFetch = async (file: AvailableFile) =>
      (await accessTo(flatFiles, file, context.signal)) === "readable";
    const from = await findEntitledFrom(own, mayFetch);
    const newest = own.at(-1)?.date ?? "";
    const to = from === null ? newest : addDays(from, -1);
    if (from !== own[0]?.date) refusals.set(dataset, { to, sentence: "forbidden", seenAtMs: context.nowMs });
  }
  return refusals;
}

/** What a probe says of a file that is empty (it has no first byte: 416), or gone again. */
const OWN_FAULTS: ReadonlySet<string> = new Set(["republished", "not-published"]);

/** A file that cannot be probed for a reason of its own is no matter of the plan. */
async function accessTo(
  flatFiles: FlatFiles,
  file: AvailableFile,
  signal: AbortSignal,
): Promise<"readable" | "denied"> {
  try {
    return await probe(flatFiles, file, signal);
  } catch (error) {
    if (error instanceof BackfillError && OWN_FAULTS.has(error.code ?? "")) return "readable";
    throw error;
  }
}
