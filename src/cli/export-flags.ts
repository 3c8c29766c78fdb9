import { resolve } from "node:path";
import type { ArgsDef } from "citty";
import type { BackfillError } from "../core/errors.ts";
import { splitList } from "../core/settings.ts";
import { ONE_MINUTE, timeframesNamed } from "../core/timeframes.ts";
import { LEAN_MARKETS } from "../formats/lean/lean-place.ts";
import { PARQUET_COMPRESSIONS } from "../formats/parquet-bars.ts";
import { EXPORT_FORMATS, type ExportFormat, type ExportOptions } from "../workflows/export/options.ts";
import { fileKind, outFlag, refuseFileName, type FileKind } from "./export-out.ts";
import { hasRange, rangeFlags, textFlag, usage, type DateRange, type FlagValues } from "./flags.ts";
import { stopped } from "./stopped.ts";

/** What is written, and where. */
export const EXPORT_FLAGS = {
  out: {
    type: "string",
    description: "file (.parquet, .csv, .jsonl, .csv.gz, .jsonl.gz), or folder of partitions",
    valueHint: "PATH",
  },
  format: {
    type: "string",
    description: `${EXPORT_FORMATS.join(", ")}; by the name of --out if not given, parquet for a folder`,
    valueHint: "NAME",
  },
  timeframe: {
    type: "string",
    description: "bars to write: 1m (the default), and those that the cache keeps: 5m,1h,1d",
    valueHint: "LIST",
  },
  incremental: {
    type: "boolean",
    description: "of a folder, write only the files whose bars have changed since the last export",
  },
  replace: {
    type: "boolean",
    description:
      "of a folder, write over files that hold more or are unknown, and in place of those of another format",
  },
  compression: {
    type: "string",
    description: `of Parquet: ${PARQUET_COMPRESSIONS.join(", ")} (default zstd)`,
    valueHint: "NAME",
  },
  "lean-market": {
    type: "string",
    description: `Lean's market of crypto and forex (default ${LEAN_MARKETS.crypto} and ${LEAN_MARKETS.forex})`,
    valueHint: "NAME",
  },
} as const satisfies ArgsDef;

/** An export as the flags say it, but for the symbols, which the cache knows. */
export type ExportFlags = Omit<ExportOptions, "symbols">;

const DEFAULT_DAYS = 90;

/**
 * What the flags say.
 * @throws BackfillError (usage) for what cannot be, or not together.
 */
export function exportFlags(flags: FlagValues, today: string): ExportFlags {
  const named = outFlag(flags);
  const file = fileKind(named);
  const format = formatFlag(flags, named, file);
  if (file === null) refuseFileName(named, format, flags["format"] !== undefined);
  const range = hasRange(flags) ? rangeFlags(flags, today, DEFAULT_DAYS) : null;
  const options = {
    format,
    out: resolve(named),
    isFolder: file === null,
    isGzip: file?.isGzip ?? false,
    compression: choice(flags, "compression", PARQUET_COMPRESSIONS) ?? "zstd",
    timeframes: timeframes(flags),
    range,
    incremental: flags["incremental"] === true,
    replace: flags["replace"] === true,
    leanMarket: leanMarket(flags, format),
  };
  refuseImpossible(flags, options, today);
  return options;
}

/** What an export that the user stopped ends with. */
export function exportStopped({ isFolder, incremental, format, range }: ExportFlags): BackfillError {
  const again = "Run the same command again";
  if (!isFolder) return stopped("nothing was written", `${again}: it starts anew.`);
  if (incremental) return stopped("finished files are kept", `${again} to go on.`);
  const mayGoOn = format === "lean" || range === null;
  return stopped(
    "finished files are kept",
    `${again}: it starts anew${mayGoOn ? ", and with --incremental it goes on" : ""}.`,
  );
}

function formatFlag(flags: FlagValues, out: string, file: FileKind | null): ExportFormat {
  const format = choice(flags, "format", EXPORT_FORMATS);
  if (format === undefined) return file?.format ?? "parquet";
  if (file === null || file.format === format) return format;
  throw usage(
    "format",
    `it says ${format}, and --out=${out} is the name of a ${file.format} file`,
    format === "lean"
      ? "Name a folder: --out=lean-data."
      : `Leave one of them out, or write --out=bars.${format}.`,
  );
}

/** The value of a flag that has to be one of some. */
function choice<T extends string>(flags: FlagValues, name: string, values: readonly T[]): T | undefined {
  const text = textFlag(flags, name);
  const known = values.find((value) => value === text);
  if (text === undefined || known !== undefined) return known;
  throw usage(name, `"${text}" is none of them`, `Write one of ${values.join(", ")}.`);
}

function timeframes(flags: FlagValues): number[] {
  const list = textFlag(flags, "timeframe");
  if (list === undefined) return [ONE_MINUTE];
  const names = splitList(list);
  if (names.length === 0) throw usage("timeframe", "it names none", "Write --timeframe=1m,1h.");
  return timeframesNamed(names, "timeframe");
}

function leanMarket(flags: FlagValues, format: ExportFormat): string | null {
  const market = textFlag(flags, "lean-market");
  if (market === undefined) return null;
  if (format !== "lean") throw usage("lean-market", "it is for --format=lean", "Leave it out.");
  if (/^[a-z0-9]+$/.test(market)) return market;
  throw usage(
    "lean-market",
    `"${market}" is not a market`,
    "Write it in small letters: --lean-market=kraken.",
  );
}

function refuseImpossible(flags: FlagValues, options: ExportFlags, today: string): void {
  const { format, isFolder, incremental, replace, range } = options;
  if (flags["compression"] !== undefined && format !== "parquet")
    throw usage(
      "compression",
      `it is for Parquet, and this is ${format}`,
      isFolder ? "Leave it out." : "Leave it out; for gzip name the file .csv.gz or .jsonl.gz.",
    );
  if (format === "lean" && options.timeframes.some((minutes) => minutes !== ONE_MINUTE))
    throw usage("timeframe", "Lean gets minutes, and makes longer bars of them itself", "Leave it out.");
  if (incremental && !isFolder)
    throw usage("incremental", "one file is written as a whole", "Name a folder: --out=lake.");
  if (replace && !isFolder)
    throw usage("replace", "one file is always written over", "Leave it out, or name a folder: --out=lake.");
  if (incremental && format !== "lean" && range !== null && !hasWholeYears(range, today))
    throw usage(
      "incremental",
      "a folder has a file for each year, which is kept up to date as a whole",
      "Leave out the days, or name whole years: --from=2024-01-01 --to=2024-12-31.",
    );
}

function hasWholeYears({ from, to }: DateRange, today: string): boolean {
  return from.endsWith("-01-01") && (to.endsWith("-12-31") || to >= today);
}
