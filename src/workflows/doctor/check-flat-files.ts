import { forEachAtOnce } from "../../core/at-once.ts";
import { DATASET_FACTS, DATASETS, type Dataset } from "../../core/datasets.ts";
import { newYorkDate } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import type { FlatFile } from "../../core/flat-file.ts";
import { lastDueDate } from "../../core/publication.ts";
import { sessionDates } from "../../core/session-dates.ts";
import { flatFileKey } from "../../massive/flat-file-keys.ts";
import { listMonth, probe } from "../../massive/flat-files.ts";
import { openFlatFiles, type FlatFiles } from "../../massive/s3-client.ts";
import type { RunContext } from "../context.ts";
import { isForAll } from "../failures.ts";
import { findEdge } from "../plan-edge.ts";
import { fromError, green, red, skipped, yellow, type Finding } from "./findings.ts";
import { CUT_OFF, CUT_OFF_FIX, deadlineOf, S3_PATIENCE } from "./patience.ts";
import { shownAddress } from "./shown-address.ts";

const KEYS = "S3 keys";

/**
 * Tries the S3 keys on each dataset: one listing, one byte of the newest file, and some single bytes of older ones, which
 * tell how far back the plan goes. `tracked` are the datasets that this cache needs; without any, all are looked at.
 */
export async function checkFlatFiles(
  { settings, signal, nowMs }: RunContext,
  tracked: readonly Dataset[],
): Promise<Finding[]> {
  if (settings.s3 === null)
    return [skipped(KEYS, "not set: everything comes by the REST API, if its key is set")];
  let flatFiles: FlatFiles;
  try {
    flatFiles = openFlatFiles(settings.s3, S3_PATIENCE);
  } catch (error) {
    return [fromError(KEYS, error)];
  }
  const hasApi = settings.rest !== null && settings.source !== "flatfiles";
  const standInOf = (dataset: Dataset): StandIn =>
    tracked.includes(dataset) ? (hasApi ? "API" : "none") : "not needed";
  const findings = new Map<Dataset, Finding>();
  const datasets = tracked.length > 0 ? tracked : DATASETS;
  const deadline = deadlineOf(signal);
  let refusal: BackfillError | null = null;
  let answered = 0;
  try {
    await forEachAtOnce(datasets, datasets.length, async (dataset) => {
      try {
        findings.set(
          dataset,
          await checkDataset(flatFiles, dataset, { standIn: standInOf(dataset), nowMs, signal: deadline }),
        );
        answered++;
      } catch (error) {
        signal.throwIfAborted();
        const name = `flat files of ${dataset}`;
        if (isForAll(error)) refusal ??= error;
        else
          findings.set(
            dataset,
            deadline.aborted ? yellow(name, CUT_OFF, CUT_OFF_FIX, "network") : fromError(name, error),
          );
      }
    });
  } finally {
    flatFiles.close();
  }
  if (refusal !== null) return [fromError(KEYS, refusal)];
  const inOrder = datasets.flatMap((dataset) => findings.get(dataset) ?? []);
  // Without one answer of use, nobody knows whether the keys are accepted, and the trouble is the same for each.
  if (answered === 0) return inOrder.slice(0, 1).map((finding) => ({ ...finding, name: KEYS }));
  return [green(KEYS, `accepted by ${shownAddress(settings.s3.endpoint)}`), ...inOrder];
}

/** What brings the days of a dataset whose flat files are refused. */
type StandIn = "API" | "none" | "not needed";

async function checkDataset(
  flatFiles: FlatFiles,
  dataset: Dataset,
  { standIn, nowMs, signal }: { standIn: StandIn; nowMs: number; signal: AbortSignal },
): Promise<Finding> {
  const name = `flat files of ${dataset}`;
  const due = lastSession(dataset, nowMs);
  const newest = (await listMonth(flatFiles, dataset, due.slice(0, 7), signal)).at(-1);
  if (newest === undefined)
    return yellow(
      name,
      `none is listed for ${due.slice(0, 7)}`,
      "Run again later; the vendor may be late.",
      "no-file",
    );
  const refusal = await probe(flatFiles, newest, "patient", signal);
  if (refusal !== null) return refused(name, standIn, refusal);
  const from = await readableFrom(flatFiles, dataset, newest, signal);
  const depth = from <= DATASET_FACTS[dataset].historyStart ? "the whole history" : "your plan's history";
  const found = `readable from ${from} (${depth}) to ${newest.date}`;
  return newest.date < due
    ? yellow(
        name,
        `${found}; that of ${due} is late`,
        "Wait for it with hybrid --wait, or let the API stand in.",
        "no-file",
      )
    : green(name, found);
}

function refused(name: string, standIn: StandIn, sentence: string): Finding {
  const found = `not in your plan (the vendor says: ${sentence})`;
  if (standIn === "not needed") return skipped(name, found);
  return standIn === "API"
    ? yellow(name, `${found}; the API brings its days`, "A plan with them brings years at once.", "plan")
    : red(
        name,
        found,
        "Choose a plan with them, or set MASSIVE_API_KEY: the API brings its days then.",
        "plan",
      );
}

/** The last day with a session whose file is due. */
function lastSession(dataset: Dataset, nowMs: number): string {
  const due = lastDueDate(nowMs);
  const monthAgo = newYorkDate(nowMs - 31 * 24 * 3_600_000);
  return sessionDates(dataset, monthAgo, due, newYorkDate(nowMs)).at(-1) ?? due;
}

/** Where the plan begins, found with single bytes of some files. */
async function readableFrom(
  flatFiles: FlatFiles,
  dataset: Dataset,
  newest: FlatFile,
  signal: AbortSignal,
): Promise<string> {
  const dates = sessionDates(dataset, DATASET_FACTS[dataset].historyStart, newest.date, newest.date);
  const edge = await findEdge(
    dates.map((date) => ({ date })),
    async ({ date }, patience) => {
      const file = { ...newest, date, key: flatFileKey(dataset, date) };
      try {
        return await probe(flatFiles, file, patience, signal);
      } catch (error) {
        // The vendor lacks some days; that is no matter of the plan.
        if (error instanceof BackfillError && error.code === "not-published") return null;
        throw error;
      }
    },
  );
  return (edge === null ? dates[0] : edge.allowedFrom) ?? newest.date;
}
