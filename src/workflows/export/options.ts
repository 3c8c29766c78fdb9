import type { TrackedSymbol } from "../../core/symbols.ts";
import type { ParquetCompression } from "../../formats/parquet-bars.ts";

export const EXPORT_FORMATS = ["parquet", "csv", "jsonl", "lean"] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How the names of a format's files end in a folder. */
export function endingOf(format: ExportFormat): string {
  return format === "lean" ? ".zip" : `.${format}`;
}

/** What is exported, and as what. */
export interface ExportOptions {
  readonly format: ExportFormat;
  /** The file, or the folder of the partitions. */
  readonly out: string;
  readonly isFolder: boolean;
  /** How Parquet is compressed. */
  readonly compression: ParquetCompression;
  /** Whether a CSV or JSON Lines file is packed by gzip. */
  readonly isGzip: boolean;
  /** In minutes, each once. */
  readonly timeframes: readonly number[];
  readonly symbols: readonly TrackedSymbol[];
  /** First and last day, both included; null for every day that is cached. */
  readonly range: { readonly from: string; readonly to: string } | null;
  /** Write only the partitions that are others than the last export left. */
  readonly incremental: boolean;
  /** Write over files of a folder that hold more, and remove those of other formats that an export left there. */
  readonly replace: boolean;
  /** The market of crypto and forex in Lean's folders, if not the usual one. */
  readonly leanMarket: string | null;
}

/** What an export came to, in the form of `--json`. */
export interface ExportResult {
  readonly format: ExportFormat;
  readonly out: string;
  readonly timeframes: readonly string[];
  /** First and last day of the bars that were written; if none were, of those that are up to date; null without any. */
  readonly from: string | null;
  readonly to: string | null;
  readonly symbols: readonly string[];
  /** Symbols that the format has no name for. */
  readonly leftOut: readonly string[];
  readonly files: { readonly written: number; readonly unchanged: number; readonly deleted: number };
  /** Bars and bytes that were written. */
  readonly bars: number;
  readonly bytes: number;
}
