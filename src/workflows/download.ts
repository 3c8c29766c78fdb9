import { flatFileVersions } from "../cache/flat-files.ts";
import { noteProblems } from "../cache/problems.ts";
import type { Dataset } from "../core/datasets.ts";
import { newYorkDate } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import { sessionDates } from "../core/session-dates.ts";
import type { Settings } from "../core/settings.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import { announceTransfer } from "./announce-transfer.ts";
import { availableFiles } from "./available-files.ts";
import type { RunContext } from "./context.ts";
import { deniedDay } from "./denied-day.ts";
import { probeEntitlements, recallRefusals } from "./entitlement.ts";
import type { Failure } from "./failures.ts";
import { fetchFiles } from "./fetch-files.ts";
import type { AvailableFile } from "./planning/facts.ts";
import { listDates } from "./read-listing.ts";
import { leftUndone, recorded } from "./run-record.ts";
import { finishDeletions } from "./delete-file.ts";
import { removeStaleParts } from "./stale-parts.ts";
import { planTransfer, type Transfer } from "./transfer.ts";
import { withFlatFiles, type TransferLimits } from "./with-flat-files.ts";

export interface DownloadOptions {
  readonly datasets: readonly Dataset[];
  readonly from: string;
  readonly to: string;
  /** Fetch again what is there already. */
  readonly overwrite: boolean;
  /** Ask again for what the plan refused before. */
  readonly recheckEntitlements: boolean;
  readonly limits: TransferLimits;
}

/** What a download came to, in the form of `--json`. */
export interface DownloadResult {
  readonly from: string;
  readonly to: string;
  readonly files: { readonly downloaded: number; readonly reused: number; readonly bytes: number };
  readonly days: { readonly pending: number; readonly denied: number; readonly failed: number };
  readonly failures: readonly Failure[];
  readonly refusals: readonly FileRefusal[];
}

/** Up to when the plan refuses the files of a dataset that were asked for, and in which words. */
interface FileRefusal {
  readonly dataset: Dataset;
  readonly refusedTo: string;
  readonly sentence: string;
}

/** A download that was thought through but not begun. */
export interface DownloadPlan {
  readonly files: readonly AvailableFile[];
  readonly pendingDates: readonly string[];
  readonly denied: readonly AvailableFile[];
  readonly refusals: readonly FileRefusal[];
  readonly transfer: Transfer;
}

/**
 * Brings the published flat files of whole datasets into the data directory; sessions whose file is not
 * published yet are counted as pending.
 * @throws BackfillError (settings) without S3 keys.
 */
export async function downloadFiles(context: RunContext, options: DownloadOptions): Promise<DownloadResult> {
  const s3 = s3Of(context);
  await removeStaleParts(context.settings.dataDir);
  await finishDeletions(context);
  return recorded(
    context,
    "download",
    (meter, watched) =>
      withFlatFiles(s3, options.limits, watched.progress, async (flatFiles) => {
        const plan = await planWith(watched, options, flatFiles);
        await announceTransfer(watched, flatFiles, plan.transfer, true);
        await noteDenied(watched, plan);
        const { files, failures } = await meter.time("filesMs", () =>
          fetchAll(watched, flatFiles, plan.files),
        );
        meter.moved({ downloadedBytes: files.bytes });
        const days = {
          pending: plan.pendingDates.length,
          denied: plan.denied.length,
          failed: failures.length,
        };
        return { from: options.from, to: options.to, files, days, failures, refusals: plan.refusals };
      }),
    leftUndone,
  );
}

async function fetchAll(
  context: RunContext,
  flatFiles: FlatFiles,
  wanted: readonly AvailableFile[],
): Promise<Pick<DownloadResult, "files" | "failures">> {
  const failures: Failure[] = [];
  const files = { downloaded: 0, reused: 0, bytes: 0 };
  for await (const fetched of fetchFiles(context, flatFiles, wanted)) {
    if ("error" in fetched) failures.push(fetched);
    else if (fetched.reused) files.reused++;
    else files.downloaded++;
    files.bytes += "error" in fetched ? 0 : fetched.bytes;
  }
  return { files, failures };
}

/** What `downloadFiles` would fetch. */
export async function planDownload(context: RunContext, options: DownloadOptions): Promise<DownloadPlan> {
  return withFlatFiles(s3Of(context), options.limits, context.progress, (flatFiles) =>
    planWith(context, options, flatFiles),
  );
}

async function planWith(
  context: RunContext,
  options: DownloadOptions,
  flatFiles: FlatFiles,
): Promise<DownloadPlan> {
  const { files, pendingDates } = await publishedFiles(context, options, flatFiles);
  const refused = recallRefusals(context.cache, context.nowMs, {
    recheck: options.recheckEntitlements,
  }).files;
  const mayFetch = (file: AvailableFile) => {
    const refusal = refused.get(file.dataset);
    return file.local || refusal === undefined || file.date > refusal.to;
  };
  const wanted = files.filter((file) => !file.local && mayFetch(file));
  for (const [dataset, refusal] of await probeEntitlements(context, flatFiles, wanted))
    refused.set(dataset, refusal);
  const allowed = files.filter(mayFetch);
  const denied = files.filter((file) => !mayFetch(file));
  const deniedDatasets = new Set(denied.map((file) => file.dataset));
  return {
    files: allowed,
    pendingDates,
    denied,
    refusals: [...refused]
      .filter(([dataset]) => deniedDatasets.has(dataset))
      .map(([dataset, { to, sentence }]) => ({ dataset, refusedTo: to, sentence })),
    transfer: await planTransfer(
      context.settings.dataDir,
      allowed.map((file) => ({ file })),
    ),
  };
}

/** The files of all sessions of the range, and the sessions that have none yet. */
async function publishedFiles(
  context: RunContext,
  { datasets, from, to, overwrite }: DownloadOptions,
  flatFiles: FlatFiles,
): Promise<{ readonly files: AvailableFile[]; readonly pendingDates: string[] }> {
  const files: AvailableFile[] = [];
  const pendingDates: string[] = [];
  for (const dataset of datasets) {
    const versions = flatFileVersions(context.cache, dataset, from, to);
    const dates = sessionDates(dataset, from, to, newYorkDate(context.nowMs));
    const published = await listDates(context, flatFiles, dataset, dates);
    const available = await availableFiles(context, { from, to }, dataset, versions, published);
    for (const date of dates) {
      const file = available.get(date);
      if (file === undefined) pendingDates.push(date);
      else files.push(overwrite ? { ...file, local: false } : file);
    }
  }
  return { files, pendingDates };
}

/** Remembers for `status` which days the plan does not include. */
async function noteDenied({ cache, nowMs }: RunContext, { denied, refusals }: DownloadPlan): Promise<void> {
  const sentences = new Map(refusals.map(({ dataset, sentence }) => [dataset, sentence]));
  await noteProblems(
    cache,
    denied.map(({ dataset, date }) => deniedDay(dataset, date, sentences.get(dataset) ?? "", nowMs)),
  );
}

/** The download itself needs the keys that other commands can do without. */
function s3Of({ settings }: RunContext): NonNullable<Settings["s3"]> {
  if (settings.s3 !== null) return settings.s3;
  throw new BackfillError({
    kind: "settings",
    help: "s3-keys",
    operation: "download flat files",
    reason: "no S3 keys are set",
    nextStep:
      "Put MASSIVE_AWS_ACCESS_KEY and MASSIVE_AWS_SECRET_KEY into .env.local (Massive dashboard, Flat Files).",
  });
}
