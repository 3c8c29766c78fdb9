import type { Dataset } from "../../core/datasets.ts";
import {
  downloadFiles,
  planDownload,
  type DownloadPlan,
  type DownloadResult,
} from "../../workflows/download.ts";
import { chooseSymbols } from "../../workflows/selection.ts";
import { datasetsOf } from "../../core/symbols.ts";
import type { RunContext } from "../../workflows/context.ts";
import type { Command } from "../command.ts";
import { RECHECK_FLAG, rechecksEntitlements } from "../entitlement-flags.ts";
import { exitCodeOfRun, EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  datasetFlag,
  DRY_RUN_FLAG,
  RANGE_FLAGS,
  rangeFlags,
  SYMBOL_FLAGS,
  symbolNames,
  type FlagValues,
} from "../flags.ts";
import { formatBytes, plural } from "../../core/format.ts";
import { bytesToFetch } from "../render/plan.ts";
import { failuresSection } from "../render/run-summary.ts";
import { printResult, readInvocation, withRun } from "../run.ts";
import { TRANSFER_FLAGS, transferLimits } from "../transfer-flags.ts";

const DEFAULT_DAYS = 90;

export const downloadCommand: Command = {
  name: "download",
  summary: "Fetch the flat files of a dataset into the data directory",
  flags: {
    ...SYMBOL_FLAGS,
    ...RANGE_FLAGS,
    overwrite: { type: "boolean", description: "fetch again what is there already" },
    ...RECHECK_FLAG,
    ...TRANSFER_FLAGS,
    ...DRY_RUN_FLAG,
    ...COMMON_FLAGS,
  },
  examples: [
    "download --dataset=indices --from=2024-08-01 --to=2024-11-23",
    "download --dataset=indices --from=2024-11-20 --to=2024-11-24 --overwrite",
    "download --dataset=stocks --days=30 --max-rate=5MB/s",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    const range = rangeFlags(flags, invocation.today, DEFAULT_DAYS);
    const how = {
      overwrite: flags["overwrite"] === true,
      recheckEntitlements: rechecksEntitlements(flags),
      limits: transferLimits(flags),
    };
    const startedMs = performance.now();
    return withRun("download", flags, io, invocation, async (context) => {
      const options = { datasets: datasetsFor(context, flags), ...range, ...how };
      if (flags["dry-run"] === true) {
        const plan = await planDownload(context, options);
        printResult(flags, io, { command: "download", dryRun: true, ...planJson(plan) }, () =>
          planText(plan),
        );
        return EXIT_CODES.ok.code;
      }
      const result = await downloadFiles(context, options);
      const durationMs = Math.round(performance.now() - startedMs);
      printResult(flags, io, { command: "download", ...result, durationMs }, () => downloadText(result));
      return exitCodeOfRun({ failures: result.failures, deniedDays: result.days.denied, unsynced: false });
    });
  },
};

/** A dataset that is named, else those of the symbols: named, tracked or set. */
function datasetsFor(context: RunContext, flags: FlagValues): readonly Dataset[] {
  const dataset = datasetFlag(flags);
  const names = symbolNames(flags);
  if (dataset !== undefined && names === undefined) return [dataset];
  return datasetsOf(chooseSymbols(context.cache, names, dataset, context.settings.symbols));
}

function planJson({ files, transfer, pendingDates, denied, refusals }: DownloadPlan): object {
  const wanted = files.filter((file) => !file.local);
  const { bytes, resumedBytes } = transfer;
  const reused = files.length - wanted.length;
  return { files: wanted, bytes, resumedBytes, reused, pendingDates, denied, refusals };
}

function planText({ files, transfer, denied, refusals }: DownloadPlan): string {
  const wanted = files.filter((file) => !file.local);
  const lines = wanted.map((file) => `  ${file.key}  ${formatBytes(file.sizeBytes)}\n`).join("");
  return `Plan (nothing was done):\n${lines}${plural(wanted.length, "file")} to download (${bytesToFetch(transfer)}), ${files.length - wanted.length} there already\n${denied.length > 0 ? `${deniedText(denied.length, refusals)}\n` : ""}`;
}

function downloadText({ files, days, failures, refusals }: DownloadResult): string {
  const notes = [
    `Downloaded ${plural(files.downloaded, "file")} (${formatBytes(files.bytes)}), ${files.reused} there already.`,
  ];
  if (days.pending > 0) notes.push(`${plural(days.pending, "day")} not published yet.`);
  if (days.denied > 0) notes.push(deniedText(days.denied, refusals));
  return `${notes.join(" ")}\n${failuresSection(failures)}`;
}

function deniedText(count: number, refusals: DownloadResult["refusals"]): string {
  const edges = refusals.map(
    ({ dataset, refusedTo, sentence }) => `${dataset} up to ${refusedTo}: "${sentence}"`,
  );
  return `${plural(count, "day")} not in your plan (${edges.join("; ")}).`;
}
