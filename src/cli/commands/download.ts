import type { Dataset } from "../../core/datasets.ts";
import { downloadFiles, planDownload, type DownloadResult } from "../../workflows/download.ts";
import { chooseSymbols } from "../../workflows/selection.ts";
import { datasetsOf } from "../../core/symbols.ts";
import type { RunContext } from "../../workflows/context.ts";
import type { Command } from "../command.ts";
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
import { formatBytes, plural } from "../format.ts";
import { failuresSection } from "../render/run-summary.ts";
import { printResult, readInvocation, withRun } from "../run.ts";

const DEFAULT_DAYS = 90;

export const downloadCommand: Command = {
  name: "download",
  summary: "Fetch the flat files of a dataset into the data directory",
  flags: {
    ...SYMBOL_FLAGS,
    ...RANGE_FLAGS,
    overwrite: { type: "boolean", description: "fetch again what is there already" },
    ...DRY_RUN_FLAG,
    ...COMMON_FLAGS,
  },
  examples: [
    "download --dataset=indices --from=2024-08-01 --to=2024-11-23",
    "download --dataset=indices --from=2024-11-20 --to=2024-11-24 --overwrite",
  ],
  async run(flags, io) {
    const invocation = readInvocation(flags, io);
    const range = rangeFlags(flags, invocation.today, DEFAULT_DAYS);
    const overwrite = flags["overwrite"] === true;
    const startedMs = performance.now();
    return withRun("download", flags, io, invocation, async (context) => {
      const options = { datasets: datasetsFor(context, flags), ...range, overwrite };
      if (flags["dry-run"] === true) {
        const { files, pendingDates, denied } = await planDownload(context, options);
        const wanted = files.filter((file) => !file.local);
        const plan = { files: wanted, reused: files.length - wanted.length, pendingDates, denied };
        printResult(flags, io, { command: "download", dryRun: true, ...plan }, () => {
          const lines = wanted.map((file) => `  ${file.key}  ${formatBytes(file.sizeBytes)}\n`).join("");
          return `Plan (nothing was done):\n${lines}${plural(wanted.length, "file")} to download, ${plan.reused} there already\n`;
        });
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

function downloadText({ files, days, failures }: DownloadResult): string {
  const notes = [
    `Downloaded ${plural(files.downloaded, "file")} (${formatBytes(files.bytes)}), ${files.reused} there already.`,
  ];
  if (days.pending > 0) notes.push(`${plural(days.pending, "day")} not published yet.`);
  if (days.denied > 0) notes.push(`${plural(days.denied, "day")} not in your plan.`);
  return `${notes.join(" ")}\n${failuresSection(failures)}`;
}
