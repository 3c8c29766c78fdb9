import { markDownloaded } from "../cache/flat-files.ts";
import { noteProblem } from "../cache/problems.ts";
import type { Task } from "../core/progress.ts";
import { download } from "../massive/download.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";
import { errorOfDay, failureOf, type Failure } from "./failures.ts";
import { mayBegin } from "./fetch-window.ts";
import { localFilePath } from "./local-files.ts";
import type { AvailableFile } from "./planning/facts.ts";

/** A file that is in the data directory now, or why it is not there. */
export type Fetched = FetchedFile | Failure;

interface FetchedFile {
  /** In the version that was fetched. */
  readonly file: AvailableFile;
  /** What came over the network for it. */
  readonly bytes: number;
  /** Whether it was there before. */
  readonly reused: boolean;
}

/**
 * Brings files into the data directory, some at once and no further ahead of the consumer than `mayBegin` lets
 * them; yields them in the order given. Files that are there already are passed on as they are.
 */
export async function* fetchFiles(
  context: RunContext,
  flatFiles: FlatFiles | null,
  files: readonly AvailableFile[],
): AsyncGenerator<Fetched> {
  const ended = new AbortController();
  const ending = { ...context, signal: AbortSignal.any([context.signal, ended.signal]) };
  const connections = flatFiles?.options.connections ?? 1;
  const all = taskOfAll(context, files);
  const underWay: Promise<Fetched>[] = [];
  const ahead = { files: 0, bytes: 0 };
  let begun = 0;
  let turn = Promise.resolve();
  const beginMore = () => {
    for (let file = files[begun]; file !== undefined; file = files[begun]) {
      if (!mayBegin(ahead, bytesOf(file), connections)) return;
      begun++;
      ahead.files++;
      ahead.bytes += bytesOf(file);
      // Connections go to whoever asks first: each file asks when the one before it has.
      const { promise: hasAsked, resolve: onQueued } = Promise.withResolvers<void>();
      const fetched = turn.then(() => fetchOne(ending, flatFiles, file, all, onQueued)).finally(onQueued);
      turn = hasAsked;
      // It may fail before its turn to be awaited comes; until then nobody else listens.
      fetched.catch(() => {});
      underWay.push(fetched);
    }
  };
  try {
    beginMore();
    for (const file of files) {
      const fetched = await underWay.shift();
      if (fetched === undefined) break;
      ahead.files--;
      ahead.bytes -= bytesOf(file);
      beginMore();
      yield fetched;
    }
    all?.done();
  } finally {
    // After an error the others would come for nothing; none may be left unheard.
    ended.abort();
    await Promise.allSettled(underWay);
  }
}

/** Bytes that a file brings over the network, as far as the listing tells. */
function bytesOf({ local, sizeBytes }: AvailableFile): number {
  return local ? 0 : sizeBytes;
}

function taskOfAll({ progress }: RunContext, files: readonly AvailableFile[]): Task | undefined {
  const total = files.reduce((sum, file) => sum + bytesOf(file), 0);
  return total > 0 ? progress.task({ label: "download", total, unit: "bytes" }) : undefined;
}

async function fetchOne(
  context: RunContext,
  flatFiles: FlatFiles | null,
  file: AvailableFile,
  all: Task | undefined,
  onQueued: () => void,
): Promise<Fetched> {
  if (file.local || flatFiles === null) return { file, bytes: 0, reused: true };
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
  const onResumed = (bytes: number) => {
    task.resume(bytes);
    all?.resume(bytes);
  };
  const path = localFilePath(settings.dataDir, file.dataset, file.date);
  try {
    const options = { onBytes, onResumed, onQueued, signal };
    const { object, fetchedBytes } = await download(flatFiles, file, path, options);
    // The cache may be busy for a while with what is being read.
    task.done();
    await markDownloaded(context.cache, object, context.nowMs);
    return { file: { ...object, local: true }, bytes: fetchedBytes, reused: false };
  } catch (error) {
    task.failed();
    const failure = failureOf(errorOfDay(error), file.dataset, file.date, "download");
    await noteProblem(context.cache, { ...failure, ticker: "", state: "failed", seenAtMs: context.nowMs });
    return failure;
  }
}
