import { existsSync } from "node:fs";
import { basename } from "node:path";
import { stat } from "node:fs/promises";
import { track } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { isDate } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import type { SymbolSelection } from "../core/symbols.ts";
import type { RunContext } from "./context.ts";
import { md5Of } from "./fetch-files.ts";
import { fillFromFiles } from "./fill-cache.ts";
import { makePlan, type Plan } from "./plan.ts";
import { readFlatFile, type FileRead } from "./read-file.ts";
import { datasetsOf, survey } from "./survey.ts";
import { FillTally, type FillResult } from "./tally.ts";

export interface ParseFileOptions {
  readonly path: string;
  readonly selection: SymbolSelection;
  /** The day the file is of; null to take it from the file's name. */
  readonly date: string | null;
}

/** What reading one file came to, in the form of `--json`. */
export interface ParseFileResult extends FileRead {
  readonly path: string;
  readonly dataset: Dataset;
  readonly date: string;
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
  const etag = await md5Of(path);
  const { size, mtimeMs } = await stat(path);
  const identity = {
    dataset,
    date,
    key: basename(path),
    etag,
    sizeBytes: size,
    lastModifiedMs: Math.round(mtimeMs),
  };
  const tickers = selection.wholeDatasets.includes(dataset)
    ? "all"
    : selection.symbols.map((symbol) => symbol.ticker);
  const read = await readFlatFile(context, identity, path, tickers, "unknown");
  await track(context.cache, selection, context.nowMs);
  return { path, dataset, date, ...read };
}

export interface ParseDownloadedOptions {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
}

/** What reading the downloaded files came to, in the form of `--json`. */
export type ParseDownloadedResult = FillResult & { readonly from: string; readonly to: string };

/** Reads what is new in the flat files of the data directory into the cache; nothing is asked of the vendor. */
export async function parseDownloaded(
  context: RunContext,
  options: ParseDownloadedOptions,
): Promise<ParseDownloadedResult> {
  const plan = await planParse(context, options);
  await track(context.cache, options.selection, context.nowMs);
  const tally = new FillTally(plan);
  await fillFromFiles(context, null, plan, tally);
  return { from: options.from, to: options.to, ...tally.result() };
}

/** What `parseDownloaded` would read. */
export async function planParse(context: RunContext, options: ParseDownloadedOptions): Promise<Plan> {
  return makePlan(await survey(context, { ...options, flatFiles: null, useFiles: true, api: false }));
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
