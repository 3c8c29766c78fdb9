import { resolve } from "node:path";
import type { ArgsDef } from "citty";
import type { Cache } from "../cache/cache.ts";
import { knownSymbolId } from "../cache/symbols.ts";
import { splitList } from "../core/settings.ts";
import type { TrackedSymbol } from "../core/symbols.ts";
import { ONE_MINUTE, timeframesNamed } from "../core/timeframes.ts";
import { LEAN_MARKETS } from "../formats/lean/lean-place.ts";
import { PARQUET_COMPRESSIONS } from "../formats/parquet-bars.ts";
import { EXPORT_FORMATS, type ExportFormat, type ExportOptions } from "../workflows/export/options.ts";
import {
  hasRange,
  rangeFlags,
  symbolNames,
  textFlag,
  usage,
  type DateRange,
  type FlagValues,
} from "./flags.ts";
import { symbolsShown } from "./shown-symbols.ts";

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
    description: "bars to write: 1m (the default), and those that aggregate made: 5m,1h,1d",
    valueHint: "LIST",
  },
  incremental: {
    type: "boolean",
    description: "of a folder, write only the files whose bars have changed since the last export",
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
  const named = textFlag(flags, "out");
  if (named === undefined || named === "")
    throw usage("out", "it is needed", "Write --out=bars.parquet for one file, --out=lake for a folder.");
  const file = fileKind(named);
  const format = formatFlag(flags, named, file);
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
    leanMarket: leanMarket(flags, format),
  };
  refuseImpossible(flags, options, today);
  return options;
}

/** The symbols to export; those that are named have to be in the cache. */
export function exportSymbols(cache: Cache, flags: FlagValues): readonly TrackedSymbol[] {
  const symbols = symbolsShown(cache, flags);
  const unknown = symbolNames(flags) === undefined ? [] : symbols.filter((symbol) => !isKnown(cache, symbol));
  if (unknown.length === 0) return symbols;
  const names = unknown.map(({ ticker }) => ticker).join(",");
  throw usage(
    "symbols",
    `the cache has nothing of ${names}`,
    `See what it has with massive-backfill status, or bring them first: massive-backfill hybrid --symbols=${names}.`,
  );
}

function isKnown(cache: Cache, symbol: TrackedSymbol): boolean {
  return knownSymbolId(cache, symbol) !== null;
}

interface FileKind {
  readonly format: ExportFormat;
  readonly isGzip: boolean;
}

/** What a file is by its name; null for a folder. */
function fileKind(path: string): FileKind | null {
  const [, format, gzip] = /\.(parquet|csv|jsonl)(\.gz)?$/i.exec(path) ?? [];
  const known = EXPORT_FORMATS.find((each) => each === format?.toLowerCase());
  if (known === undefined || (known === "parquet" && gzip !== undefined)) return null;
  return { format: known, isGzip: gzip !== undefined };
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
  const { format, isFolder, incremental, range } = options;
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
