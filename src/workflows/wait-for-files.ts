import { DATASET_FACTS, type Dataset } from "../core/datasets.ts";
import { addDays, newYorkDate, NEW_YORK, timeInZone } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import { canHaveBars } from "../core/session-dates.ts";
import { pause, type Clock } from "../massive/clock.ts";
import { listMonth } from "../massive/flat-files.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";

/** How long a run waits for files that are late. */
export interface WaitOptions {
  /** When the run goes on with what there is, epoch ms. */
  readonly untilMs: number;
  /** Time between two looks at the listing. */
  readonly pollMs: number;
  /** Its `now` is epoch ms. */
  readonly clock: Clock;
}

/** A flat file by its day. */
export interface ExpectedFile {
  readonly dataset: Dataset;
  readonly date: string;
}

/**
 * The file of each dataset that is published next, or was last: that of the last session before today. None for a
 * dataset whose history is still to begin, as on a computer that has lost the time.
 */
export function lastFiles(datasets: readonly Dataset[], nowMs: number): ExpectedFile[] {
  return datasets.flatMap((dataset) => {
    const { historyStart } = DATASET_FACTS[dataset];
    let date = addDays(newYorkDate(nowMs), -1);
    while (date >= historyStart && !canHaveBars(dataset, date)) date = addDays(date, -1);
    return date >= historyStart ? [{ dataset, date }] : [];
  });
}

/**
 * Waits until the vendor lists these files, or until the time is over: one look at the listing for each dataset, again
 * and again. Returns those that are not there. A look that fails for now is no end of the waiting.
 * @throws BackfillError (settings) if the keys are refused; the reason of the context's signal if that is aborted.
 */
export async function waitForFiles(
  { progress, signal }: Pick<RunContext, "progress" | "signal">,
  flatFiles: FlatFiles,
  files: readonly ExpectedFile[],
  { untilMs, pollMs, clock }: WaitOptions,
): Promise<ExpectedFile[]> {
  const until = `${timeInZone(untilMs, NEW_YORK)} in New York`;
  // Each look tries again by itself; through a long outage that is said once, below.
  const quietly = { ...flatFiles, options: { ...flatFiles.options, onRetry: () => {} } };
  let missing = [...files];
  let failed = false;
  for (let looks = 1; ; looks++) {
    const failure = await look();
    const leftMs = untilMs - clock.now();
    if (missing.length === 0 || leftMs <= 0) break;
    if (looks === 1)
      progress.info(
        `Waiting for the flat files of ${namesOf(missing)}: looking every ${pollMs / 1000} s until ${until}`,
      );
    if (failure !== null && !failed) progress.warn(`${failure.message}. Looking again until ${until}.`);
    failed ||= failure !== null;
    await pause(clock, Math.min(pollMs, leftMs), signal);
  }
  if (missing.length > 0)
    progress.info(`It is past ${until}: going on without the flat files of ${namesOf(missing)}`);
  return missing;

  /** Takes those that are listed now from `missing`; what kept it from looking, or null. */
  async function look(): Promise<BackfillError | null> {
    const still: ExpectedFile[] = [];
    let failure: BackfillError | null = null;
    for (const file of missing) {
      const listed = await isListed(quietly, file, signal);
      if (listed instanceof BackfillError) failure = listed;
      if (listed !== true) still.push(file);
    }
    missing = still;
    return failure;
  }
}

async function isListed(
  flatFiles: FlatFiles,
  { dataset, date }: ExpectedFile,
  signal: AbortSignal,
): Promise<boolean | BackfillError> {
  try {
    const listed = await listMonth(flatFiles, dataset, date.slice(0, 7), signal);
    return listed.some((file) => file.date === date);
  } catch (error) {
    if (error instanceof BackfillError && error.kind === "source") return error;
    throw error;
  }
}

function namesOf(files: readonly ExpectedFile[]): string {
  return files.map(({ dataset, date }) => `${dataset} ${date}`).join(", ");
}
