import type { Bar } from "../core/bar.ts";
import { DayWriter, tickersOfDay, type DayChanges } from "../cache/day-writer.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { flatFileId, markRead } from "../cache/flat-files.ts";
import { BackfillError } from "../core/errors.ts";
import { mergeBars } from "../core/merge-bars.ts";
import { sessionOf } from "../core/sessions.ts";
import { isNameFree } from "../cache/symbols.ts";
import { isTickerOf, trackedSymbol } from "../core/symbols.ts";
import { DayParser, type DaySummary } from "../csv/day-parser.ts";
import type { RunContext } from "./context.ts";
import { textBytes } from "./file-bytes.ts";

/** What reading a file did. */
export interface FileRead {
  readonly changes: DayChanges;
  readonly summary: DaySummary;
}

/**
 * What a ticker that a file lacks tells: a file of the vendor holds the whole day, so the day has no bars of it; a
 * file that the user named may be of another dataset or a part of a day, so it tells nothing.
 */
type Completeness = "whole day" | "unknown";

/**
 * Reads the wanted tickers of a day's flat file into the cache, bars and manifest in one transaction: if the
 * file is bad, what the cache held before stays.
 * @throws BackfillError (data) if the file cannot be read as a whole, or if its completeness is unknown and none
 * of the tickers is in it.
 */
export async function readFlatFile(
  context: RunContext,
  identity: FlatFile,
  path: string,
  tickers: readonly string[] | "all",
  completeness: Completeness = "whole day",
): Promise<FileRead> {
  return tickers === "all"
    ? readAllTickers(context, identity, path)
    : readSomeTickers(context, identity, path, tickers, completeness);
}

/** The few bars of named tickers are collected first, so that the transaction is short. */
async function readSomeTickers(
  context: RunContext,
  identity: FlatFile,
  path: string,
  tickers: readonly string[],
  completeness: Completeness,
): Promise<FileRead> {
  const barsByTicker = new Map<string, Bar[]>();
  const parser = new DayParser({
    date: identity.date,
    wanted: new Set(tickers),
    onBlock: (ticker, bars) => {
      const earlier = barsByTicker.get(ticker);
      if (earlier === undefined) barsByTicker.set(ticker, bars);
      else earlier.push(...bars);
    },
  });
  const parsed = await parse(parser, path, context.signal);
  if (completeness === "unknown" && barsByTicker.size === 0) throw noneFound(identity, path, tickers);
  const merged = [...barsByTicker].map(([ticker, bars]) => [ticker, mergeBars(bars)] as const);
  const summary = withConflicts(
    parsed,
    merged.reduce((sum, [, { conflicts }]) => sum + conflicts.length, 0),
  );
  return context.cache.write(() => {
    const { writer, finish } = startDay(context, identity);
    for (const [ticker, { bars }] of merged) writer.put(ticker, bars);
    if (completeness === "whole day") writer.putAbsent(tickers);
    return finish(summary, false);
  });
}

/** Counts rows that contradict one of an earlier block of their ticker, which the parser cannot see. */
function withConflicts(summary: DaySummary, conflicts: number): DaySummary {
  if (conflicts === 0) return summary;
  const reason = "contradicts an earlier row of the same minute";
  return {
    ...summary,
    rejectedRows: summary.rejectedRows + conflicts,
    rejected: { ...summary.rejected, [reason]: (summary.rejected[reason] ?? 0) + conflicts },
  };
}

/** A whole file does not fit into memory: each block goes into the open transaction as it comes. */
async function readAllTickers(context: RunContext, identity: FlatFile, path: string): Promise<FileRead> {
  return context.cache.write(async () => {
    const { writer, finish } = startDay(context, identity);
    const nameTaken = new Set<string>();
    const parser = new DayParser({
      date: identity.date,
      wanted: "all",
      onBlock: (ticker, bars) => {
        if (!isTickerOf(identity.dataset, ticker)) throw otherDataset(identity, path, ticker);
        if (isNameFree(context.cache, trackedSymbol(identity.dataset, ticker))) writer.put(ticker, bars);
        else nameTaken.add(ticker);
      },
    });
    const summary = await parse(parser, path, context.signal);
    if (nameTaken.size > 0)
      context.progress.warn(
        `${identity.dataset} ${identity.date}: left out ${[...nameTaken].join(", ")}, whose name another dataset already has in historical_bars`,
      );
    writer.putAbsent(tickersOfDay(context.cache, identity.dataset, identity.date));
    return finish(summary, true);
  });
}

function otherDataset({ dataset }: FlatFile, path: string, ticker: string): BackfillError {
  return new BackfillError({
    kind: "data",
    code: "other-dataset",
    operation: `read ${path}`,
    reason: `it holds ${ticker}, which is no ticker of ${dataset}`,
    nextStep: "Nothing was changed. Check --dataset.",
  });
}

function noneFound({ dataset }: FlatFile, path: string, tickers: readonly string[]): BackfillError {
  return new BackfillError({
    kind: "data",
    code: "no-such-ticker",
    operation: `read ${path}`,
    reason: `it has no bars of ${tickers.slice(0, 5).join(", ")}${tickers.length > 5 ? ", …" : ""} (${dataset})`,
    nextStep: "Nothing was changed. Check --symbols and --dataset; tickers are case-sensitive.",
  });
}

async function parse(parser: DayParser, path: string, signal: AbortSignal): Promise<DaySummary> {
  try {
    for await (const chunk of textBytes(path, signal)) parser.push(chunk);
    return parser.finish();
  } catch (error) {
    // The parser knows no file names.
    if (!(error instanceof BackfillError) || error.operation.includes(path)) throw error;
    throw new BackfillError({
      kind: error.kind,
      operation: `read ${path}`,
      reason: `${error.operation}: ${error.reason}`,
      nextStep: error.nextStep,
      cause: error,
      ...(error.code !== undefined && { code: error.code }),
    });
  }
}

function startDay(context: RunContext, identity: FlatFile) {
  const { cache, nowMs } = context;
  const id = flatFileId(cache, identity);
  const writer = new DayWriter(cache, identity.dataset, identity.date, {
    source: "flatfile",
    flatFileId: id,
    readAtMs: nowMs,
    session: sessionOf(identity.dataset, identity.date),
  });
  const finish = (summary: DaySummary, allTickers: boolean): FileRead => {
    markRead(cache, id, { nowMs, allTickers, rejected: summary.rejectedSamples });
    return { changes: writer.finish(), summary };
  };
  return { writer, finish };
}
