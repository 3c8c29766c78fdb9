import { existsSync } from "node:fs";
import { basename } from "node:path";
import { track } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { isDate } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import { UNKNOWN_ETAG } from "../core/flat-file.ts";
import { datasetsOf, type SymbolSelection } from "../core/symbols.ts";
import { aggregateKept, type AggregateResult } from "./aggregate/aggregate.ts";
import { fileFacts } from "./file-bytes.ts";
import type { RunContext } from "./context.ts";
import { readFlatFile, type FileRead } from "./read-file.ts";

export interface ParseFileOptions {
  readonly path: string;
  readonly selection: SymbolSelection;
  /** The day the file is of; null to take it from the file's name. */
  readonly date: string | null;
}

/** What reading one file came to, in the form of `--json`. */
export interface ParseFileResult extends Pick<FileRead, "changes" | "summary"> {
  readonly path: string;
  readonly dataset: Dataset;
  readonly date: string;
  /** What became of the coarser bars; null if none are kept. */
  readonly derived: AggregateResult | null;
}

/**
 * Reads one .csv or .csv.gz file, wherever it lies, into the cache.
 * @throws BackfillError (usage) if its day is unknown or the symbols are of several datasets; (data) if it is bad.
 */
export async function parseFile(context: RunContext, options: ParseFileOptions): Promise<ParseFileResult> {
  const { selection } = options;
  const path = orCompressed(options.path);
  refuseDayBars(path);
  const date = options.date ?? dateInName(path);
  const dataset = onlyDataset(selection, path);
  const { sizeBytes, modifiedMs } = await fileFacts(path);
  const file = {
    dataset,
    date,
    key: basename(path),
    etag: UNKNOWN_ETAG,
    sizeBytes,
    lastModifiedMs: modifiedMs,
  };
  const tickers = selection.wholeDatasets.includes(dataset)
    ? "all"
    : selection.symbols.map((symbol) => symbol.ticker);
  const read = await readFlatFile(context, file, path, tickers, "unknown");
  await track(context.cache, selection, context.nowMs);
  const derived = await aggregateKept(context);
  return { path, dataset, date, changes: read.changes, summary: read.summary, derived };
}

/** The guide names files as they are unpacked; downloaded ones are kept as they come. */
function orCompressed(path: string): string {
  return !existsSync(path) && existsSync(`${path}.gz`) ? `${path}.gz` : path;
}

function refuseDayBars(path: string): void {
  if (!path.includes("day_aggs")) return;
  throw new BackfillError({
    kind: "usage",
    operation: `read ${path}`,
    reason: "by its name it holds day bars, and this cache keeps 1-minute bars",
    nextStep: "Take the file of the same day from minute_aggs_v1.",
  });
}

function dateInName(path: string): string {
  const date = /\d{4}-\d{2}-\d{2}/.exec(basename(path))?.[0] ?? "";
  if (isDate(date)) return date;
  throw new BackfillError({
    kind: "usage",
    operation: `read ${path}`,
    reason: "its name does not say which day it is of",
    nextStep: "Give it: --date=YYYY-MM-DD.",
  });
}

function onlyDataset(selection: SymbolSelection, path: string): Dataset {
  const datasets = datasetsOf(selection);
  const [dataset] = datasets;
  if (dataset !== undefined && datasets.length === 1) return dataset;
  throw new BackfillError({
    kind: "usage",
    operation: `read ${path}`,
    reason: `one file is of one dataset, the symbols are of ${datasets.join(" and ")}`,
    nextStep: "Say which: --dataset=indices (or stocks, options, crypto, forex).",
  });
}
