import type { DayChanges } from "../cache/day-writer.ts";
import { isKept, markDownloaded } from "../cache/flat-files.ts";
import { noteProblem } from "../cache/problems.ts";
import { forEachAtOnce } from "../core/at-once.ts";
import { BackfillError } from "../core/errors.ts";
import { reasonsText } from "../csv/rejected-rows.ts";
import type { RestClient } from "../massive/rest-client.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import { askAll } from "./ask-all.ts";
import type { RunContext } from "./context.ts";
import { errorOfDay, failureOf } from "./failures.ts";
import { fetchFiles, type Fetched } from "./fetch-files.ts";
import { FILES_READ_AT_ONCE } from "./fetch-window.ts";
import { localFilePath } from "./local-files.ts";
import type { AvailableFile } from "./planning/facts.ts";
import type { Plan, PlannedFile } from "./planning/plan.ts";
import type { PlannedRequest } from "./planning/requests.ts";
import { readFlatFile, type FileRead } from "./read-file.ts";
import { FillTally } from "./tally.ts";

/**
 * Carries out the file part of a plan: brings and reads the flat files, in date order. `onRead` is told of each
 * file whose bars are in the cache.
 */
export async function fillFromFiles(
  context: RunContext,
  flatFiles: FlatFiles | null,
  plan: Plan,
  tally: FillTally,
  onRead?: (file: AvailableFile) => Promise<void>,
): Promise<void> {
  if (plan.files.length === 0) return;
  const task = context.progress.task({ label: "read files", total: plan.files.length, unit: "files" });
  const planned = new Map(plan.files.map((entry) => [keyOf(entry.file), entry]));
  const files = plan.files.map(({ file }) => file);
  // What ends one reading ends them all: nobody waits for the next download then.
  const ended = new AbortController();
  const ending = { ...context, signal: AbortSignal.any([context.signal, ended.signal]) };
  const readFetched = async (fetched: Fetched) => {
    if ("error" in fetched) tally.failed([fetched]);
    else {
      tally.fetched(fetched);
      const entry = planned.get(keyOf(fetched.file));
      if (entry !== undefined) {
        const file = { ...entry, file: fetched.file, reused: fetched.reused };
        const isRead = await readOne(ending, flatFiles, file, tally);
        if (isRead) await onRead?.(fetched.file);
      }
    }
    task.advance(1);
  };
  await forEachAtOnce(fetchFiles(ending, flatFiles, files), FILES_READ_AT_ONCE, (fetched) =>
    readFetched(fetched).catch((error: unknown) => {
      ended.abort(error);
      throw error;
    }),
  );
  task.done();
}

/**
 * Carries out the API part of a plan, several requests at once. An error that would meet every other request too (a
 * refused key, no connection) is not asked for again: the rest fails with it.
 */
export async function fillFromApi(
  context: RunContext,
  rest: RestClient,
  requests: readonly PlannedRequest[],
  tally: FillTally,
): Promise<void> {
  if (requests.length === 0) return;
  const task = context.progress.task({ label: "ask the API", total: requests.length, unit: "requests" });
  let isWhole = false;
  try {
    const answers = await askAll(context, rest, requests, () => task.advance(1));
    for (const answer of answers) {
      if (answer.failures.length > 0) tally.failed(answer.failures);
      tally.answered(answer);
    }
    isWhole = answers.every(({ ended }) => ended === null);
  } finally {
    if (isWhole) task.done();
    else task.failed();
  }
}

/** Reads one file; false if it failed. */
async function readOne(
  context: RunContext,
  flatFiles: FlatFiles | null,
  planned: PlannedFile & { readonly reused: boolean },
  tally: FillTally,
): Promise<boolean> {
  const { dataset, date } = planned.file;
  try {
    const { changes, replaced, summary } = await readOrFetchAgain(context, flatFiles, planned, tally);
    tally.read(dataset, date, changes, summary.rejectedRows);
    tally.replaced(replaced);
    if (summary.rejectedRows > 0) context.progress.warn(rejectedLine(dataset, date, summary.rejected));
    context.progress.detail(readLine(dataset, date, changes));
    return true;
  } catch (error) {
    const failure = failureOf(errorOfDay(error), dataset, date, "parse");
    await noteProblem(context.cache, { ...failure, ticker: "", state: "failed", seenAtMs: context.nowMs });
    tally.failed([failure]);
    return false;
  }
}

/** Reads a file; one that lay here from an earlier run and is damaged since is fetched once more. */
async function readOrFetchAgain(
  context: RunContext,
  flatFiles: FlatFiles | null,
  { file, tickers, reused }: PlannedFile & { readonly reused: boolean },
  tally: FillTally,
): Promise<FileRead> {
  const path = localFilePath(context.settings.dataDir, file.dataset, file.date);
  try {
    const read = await readFlatFile(context, file, path, tickers);
    // A file that somebody else put there, or a cache that was lost, is known from now on.
    if (reused && !isKept(context.cache, read.file))
      await markDownloaded(context.cache, read.file, context.nowMs);
    return read;
  } catch (error) {
    const isDamaged = error instanceof BackfillError && error.code === "bad-gzip";
    if (!isDamaged || !reused || flatFiles === null) throw error;
    context.progress.warn(`${path} is damaged: fetching it again`);
    let version = file;
    for await (const fetched of fetchFiles(context, flatFiles, [{ ...file, local: false }])) {
      if ("error" in fetched) throw error;
      version = fetched.file;
      tally.fetched(fetched);
    }
    return await readFlatFile(context, version, path, tickers);
  }
}

function keyOf(file: { readonly dataset: string; readonly date: string }): string {
  return `${file.dataset} ${file.date}`;
}

function readLine(dataset: string, date: string, changes: DayChanges): string {
  return `read ${dataset} ${date}: ${changes.bars} bars of ${changes.batches} symbols, ${changes.added} new, ${changes.changed} changed, ${changes.removed} removed`;
}

function rejectedLine(dataset: string, date: string, rejected: FileRead["summary"]["rejected"]): string {
  return `${dataset} ${date}: left out bad rows (${reasonsText(rejected)}); they are in the cache's table rejected_rows`;
}
