import type { DayChanges } from "../cache/day-writer.ts";
import { noteProblem } from "../cache/problems.ts";
import type { RestClient } from "../massive/rest-client.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import { askApi } from "./ask-api.ts";
import type { RunContext } from "./context.ts";
import { errorOfDay, failureOf } from "./failures.ts";
import { fetchFiles } from "./fetch-files.ts";
import { localFilePath } from "./local-files.ts";
import type { Plan, PlannedFile, PlannedRequest } from "./plan.ts";
import { readFlatFile } from "./read-file.ts";
import { FillTally } from "./tally.ts";

/** Carries out the file part of a plan: brings and reads the flat files, in date order. */
export async function fillFromFiles(
  context: RunContext,
  flatFiles: FlatFiles | null,
  plan: Plan,
  tally: FillTally,
): Promise<void> {
  const planned = new Map(plan.files.map((entry) => [keyOf(entry.file), entry]));
  const files = plan.files.map(({ file }) => file);
  for await (const fetched of fetchFiles(context, flatFiles, files)) {
    if ("error" in fetched) {
      tally.failed([fetched]);
      continue;
    }
    const entry = planned.get(keyOf(fetched.file));
    if (entry === undefined) continue;
    tally.fetched(fetched.bytes);
    await readOne(context, { ...entry, file: fetched.file }, tally);
  }
}

/** Carries out the API part of a plan, one request after the other. */
export async function fillFromApi(
  context: RunContext,
  rest: RestClient,
  requests: readonly PlannedRequest[],
  tally: FillTally,
): Promise<void> {
  if (requests.length === 0) return;
  const task = context.progress.task({ label: "ask the API", total: requests.length, unit: "requests" });
  for (const request of requests) {
    const answer = await askApi(context, rest, request);
    task.advance(1);
    if ("changes" in answer) tally.answered(answer);
    else tally.failed(answer);
  }
  task.done();
}

async function readOne(context: RunContext, { file, tickers }: PlannedFile, tally: FillTally): Promise<void> {
  const { dataset, date } = file;
  const path = localFilePath(context.settings.dataDir, dataset, date);
  try {
    const { changes, summary } = await readFlatFile(context, file, path, tickers);
    tally.read(dataset, date, changes, summary.rejectedRows);
    if (summary.rejectedRows > 0) context.progress.warn(rejectedLine(dataset, date, summary.rejected));
    context.progress.detail(readLine(dataset, date, changes));
  } catch (error) {
    const failure = failureOf(errorOfDay(error), dataset, date, "parse");
    await noteProblem(context.cache, { ...failure, ticker: "", state: "failed", seenAtMs: context.nowMs });
    tally.failed([failure]);
  }
}

function keyOf(file: { readonly dataset: string; readonly date: string }): string {
  return `${file.dataset} ${file.date}`;
}

function readLine(dataset: string, date: string, changes: DayChanges): string {
  return `read ${dataset} ${date}: ${changes.bars} bars of ${changes.batches} symbols, ${changes.added} new, ${changes.changed} changed, ${changes.removed} removed`;
}

function rejectedLine(dataset: string, date: string, rejected: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(rejected).map(([reason, count]) => `${count} × ${reason}`);
  return `${dataset} ${date}: left out bad rows (${reasons.join(", ")}); they are in the cache's table rejected_rows`;
}
