import { markDownloaded } from "../cache/flat-files.ts";
import { noteProblem } from "../cache/problems.ts";
import { BackfillError } from "../core/errors.ts";
import type { Task } from "../core/progress.ts";
import { download } from "../massive/download.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";
import { errorOfDay, failureOf, isEntitlement, type Failure } from "./failures.ts";
import { localFilePath } from "./local-files.ts";
import type { AvailableFile } from "./plan.ts";

/** A file that is in the data directory now, or why it is not. */
export type Fetched = { readonly file: AvailableFile; readonly bytes: number } | Failure;

/** Files under way at once: enough to hide one file's start and end behind the others. */
const FILES_AT_ONCE = 4;

/**
 * Brings files into the data directory, a few at once and no further ahead of the consumer than that; yields
 * them in the order given. Files that are there already are passed on as they are.
 */
export async function* fetchFiles(
  context: RunContext,
  flatFiles: FlatFiles | null,
  files: readonly AvailableFile[],
): AsyncGenerator<Fetched> {
  const ended = new AbortController();
  const ending = { ...context, signal: AbortSignal.any([context.signal, ended.signal]) };
  const total = files.filter((file) => !file.local).reduce((sum, file) => sum + file.sizeBytes, 0);
  const all = total > 0 ? context.progress.task({ label: "download", total, unit: "bytes" }) : undefined;
  const underWay: Promise<Fetched>[] = [];
  const waiting = files.values();
  const startNext = () => {
    const { value } = waiting.next();
    if (value === undefined) return;
    const fetched = fetchOne(ending, flatFiles, value, all);
    // It may fail before its turn to be awaited comes; until then nobody else listens.
    fetched.catch(() => {});
    underWay.push(fetched);
  };
  try {
    for (let started = 0; started < FILES_AT_ONCE; started++) startNext();
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) {
      const fetched = await next;
      startNext();
      yield fetched;
    }
    all?.done();
  } finally {
    // After an error the others would come for nothing; none may be left unheard.
    ended.abort();
    await Promise.allSettled(underWay);
  }
}

async function fetchOne(
  context: RunContext,
  flatFiles: FlatFiles | null,
  file: AvailableFile,
  all: Task | undefined,
): Promise<Fetched> {
  if (file.local || flatFiles === null) return { file, bytes: 0 };
  const { progress, signal, settings } = context;
  const task = progress.task({
    label: `download ${file.dataset} ${file.date}`,
    total: file.sizeBytes,
    unit: "bytes",
    ...(all && { parent: all }),
  });
  const onBytes = (bytes: number) => {
    task.advance(bytes);
    all?.advance(bytes);
  };
  const path = localFilePath(settings.dataDir, file.dataset, file.date);
  try {
    const { bytes } = await download(flatFiles, file, path, { onBytes, signal });
    await markDownloaded(context.cache, file, context.nowMs);
    task.done();
    return { file: { ...file, local: true }, bytes };
  } catch (error) {
    task.failed();
    const failure = failureOf(throttled(errorOfDay(error)), file.dataset, file.date, "download");
    await noteProblem(context.cache, { ...failure, ticker: "", state: "failed", seenAtMs: context.nowMs });
    return failure;
  }
}

/**
 * Only files that the plan was found to include are fetched, so a refusal is the vendor's throttle (it answers
 * 403 after many quick requests) and no word about the plan.
 */
function throttled(error: BackfillError): BackfillError {
  if (!isEntitlement(error)) return error;
  return new BackfillError({
    kind: "source",
    code: "throttled",
    operation: error.operation,
    reason: "the server refused it (403) although the plan includes it: too many requests in a short time",
    nextStep: "Run the same command again in a few minutes.",
    cause: error,
  });
}
