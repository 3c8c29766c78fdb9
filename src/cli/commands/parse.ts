import { localDateRange } from "../../workflows/local-files.ts";
import type { ParseFileResult } from "../../workflows/parse-file.ts";
import { chooseSymbols } from "../../workflows/selection.ts";
import { datasetsOf } from "../../core/symbols.ts";
import type { ParseDownloadedResult } from "../../workflows/parse.ts";
import type { Command, Io } from "../command.ts";
import { exitCodeOfRun, EXIT_CODES } from "../exit-codes.ts";
import {
  COMMON_FLAGS,
  dateFlag,
  datasetFlag,
  DRY_RUN_FLAG,
  hasRange,
  RANGE_FLAGS,
  rangeFlags,
  SYMBOL_FLAGS,
  symbolNames,
  textFlag,
  type FlagValues,
} from "../flags.ts";
import { formatCount, plural } from "../../core/format.ts";
import { derivedText } from "../render/aggregate.ts";
import { planJson, planText } from "../render/plan.ts";
import { failuresSection } from "../render/run-summary.ts";
import { printResult, readInvocation, withRun } from "../run.ts";

export const parseCommand: Command = {
  name: "parse",
  summary: "Read flat files that are on this machine into the cache",
  flags: {
    file: {
      type: "string",
      description: "one .csv or .csv.gz file; without it, all downloaded files",
      valueHint: "FILE",
    },
    date: {
      type: "string",
      description: "day of --file, if its name does not say it",
      valueHint: "YYYY-MM-DD",
    },
    ...SYMBOL_FLAGS,
    ...RANGE_FLAGS,
    ...DRY_RUN_FLAG,
    ...COMMON_FLAGS,
  },
  examples: [
    "parse --symbols=SPX,NDX                                       (all downloaded files)",
    "parse --file=./data/flat-files/indices/2024-11-22.csv.gz --dataset=indices --symbols=SPX,NDX",
    "parse --file=2024-11-22.csv --dataset=stocks --symbols='*'",
  ],
  run: (flags, io) => {
    const file = textFlag(flags, "file");
    return file === undefined ? runParseDownloaded(flags, io) : runParseFile(flags, io, file);
  },
};

async function runParseFile(flags: FlagValues, io: Io, path: string): Promise<number> {
  // One file needs nothing of what speaks to the vendor, which takes longer to load than a day's file to read.
  const { parseFile } = await import("../../workflows/parse-file.ts");
  const invocation = readInvocation(flags, io);
  const [names, dataset, date] = [symbolNames(flags), datasetFlag(flags), dateFlag(flags, "date") ?? null];
  return withRun("parse", flags, io, invocation, async (context) => {
    const selection = chooseSymbols(context.cache, names, dataset, invocation.settings.symbols);
    const result = await parseFile(context, { path, selection, date });
    const { summary, changes, derived, ...file } = result;
    printResult(flags, io, { command: "parse", ...file, bars: changes, rows: summary, derived }, () =>
      fileText(result),
    );
    return EXIT_CODES.ok.code;
  });
}

async function runParseDownloaded(flags: FlagValues, io: Io): Promise<number> {
  const { parseDownloaded, planParse } = await import("../../workflows/parse.ts");
  const invocation = readInvocation(flags, io);
  const [names, dataset] = [symbolNames(flags), datasetFlag(flags)];
  const { settings, today } = invocation;
  const startedMs = performance.now();
  return withRun("parse", flags, io, invocation, async (context) => {
    const selection = chooseSymbols(context.cache, names, dataset, settings.symbols);
    const onDisk = await localDateRange(settings.dataDir, datasetsOf(selection));
    const range = hasRange(flags) || onDisk === null ? rangeFlags(flags, today, 0) : onDisk;
    if (flags["dry-run"] === true) {
      const plan = await planParse(context, { selection, ...range });
      printResult(flags, io, { command: "parse", dryRun: true, ...range, ...planJson(plan) }, () =>
        planText(plan),
      );
      return EXIT_CODES.ok.code;
    }
    const result = await parseDownloaded(context, { selection, ...range });
    const durationMs = Math.round(performance.now() - startedMs);
    printResult(flags, io, { command: "parse", ...result, durationMs }, () => folderText(result));
    return exitCodeOfRun({ failures: result.failures, deniedDays: 0, unsynced: false });
  });
}

function fileText({ path, dataset, date, changes, summary, derived }: ParseFileResult): string {
  const rejected = summary.rejectedRows > 0 ? `, ${formatCount(summary.rejectedRows)} bad rows left out` : "";
  return `Read ${path} (${dataset}, ${date}): ${plural(changes.bars, "bar")} of ${plural(changes.batches, "symbol")}, ${formatCount(changes.added + changes.changed + changes.removed)} new or changed${rejected}.\n${derivedText(derived)}`;
}

function folderText({ days, bars, failures, derived }: ParseDownloadedResult): string {
  return `Read ${plural(days.flatfile, "day")} (${formatCount(bars.cached)} bars, ${formatCount(bars.changed)} new or changed); ${plural(days.skipped, "day")} read before; no file for ${plural(days.pending, "day")}.\n${derivedText(derived)}${failuresSection(failures)}`;
}
