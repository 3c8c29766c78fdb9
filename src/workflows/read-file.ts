import type { Bar } from "../core/bar.ts";
import { DayWriter, tickersOfDay, type DayChanges, type Replaced } from "../cache/day-writer.ts";
import { UNKNOWN_ETAG, type FlatFile } from "../core/flat-file.ts";
import { flatFileId, markRead } from "../cache/flat-files.ts";
import { BackfillError } from "../core/errors.ts";
import { mergeBars } from "../core/merge-bars.ts";
import { sessionOf } from "../core/sessions.ts";
import { isNameFree } from "../cache/symbols.ts";
import { isTickerOf, trackedSymbol } from "../core/symbols.ts";
import type { RunContext } from "./context.ts";
import { FileSum } from "./file-sum.ts";
import { rawBytes } from "./file-bytes.ts";
import { readDay, withOverlap, type ReadSummary } from "./read-day.ts";
import { readDayAside } from "./read-day-aside.ts";

/** What reading a file did. */
export interface FileRead {
  /** The file that was read; its ETag is known now. */
  readonly file: FlatFile;
  readonly changes: DayChanges;
  /** Of these, what the file did to days that the API or an earlier version of it had brought. */
  readonly replaced: { readonly provisional: Replaced; readonly republished: Replaced };
  readonly summary: ReadSummary;
}

/**
 * What a ticker that a file lacks tells: a file of the vendor holds the whole day, so the day has no bars of it; a
 * file that the user named may be of another dataset or a part of a day, so it tells nothing.
 */
type Completeness = "whole day" | "unknown";

/** Beyond so many tickers a thread of its own for the parser pays. */
const MOST_COLLECTED = 50;

/**
 * Reads the wanted tickers of a day's flat file into the cache, bars and manifest in one transaction: if the
 * file is bad, what the cache held before stays. A file whose ETag is unknown gets the MD5 of its bytes as one: for
 * most objects of the vendor it is the same.
 * @throws BackfillError (data) if the file cannot be read as a whole, or if its completeness is unknown and none
 * of the tickers is in it.
 */
export async function readFlatFile(
  context: RunContext,
  file: FlatFile,
  path: string,
  tickers: readonly string[] | "all",
  completeness: Completeness = "whole day",
): Promise<FileRead> {
  const read = { file, path, tickers, completeness };
  return tickers === "all" || tickers.length > MOST_COLLECTED
    ? readManyTickers(context, read)
    : readFewTickers(context, { ...read, tickers });
}

interface Reading<Tickers = readonly string[] | "all"> {
  readonly file: FlatFile;
  readonly path: string;
  readonly tickers: Tickers;
  readonly completeness: Completeness;
}

/** The few bars of few tickers are collected first, so that the transaction is short. */
async function readFewTickers(
  context: RunContext,
  { file, path, tickers, completeness }: Reading<readonly string[]>,
): Promise<FileRead> {
  const blocks = new Map<string, Bar[]>();
  const onBlock = (ticker: string, bars: Bar[]) => {
    const earlier = blocks.get(ticker);
    if (earlier === undefined) blocks.set(ticker, bars);
    else for (const bar of bars) earlier.push(bar);
  };
  const day = { path, date: file.date, wanted: new Set(tickers) };
  const sum = file.etag === UNKNOWN_ETAG ? new FileSum() : null;
  const onRaw = sum === null ? {} : { onRaw: (bytes: Uint8Array) => sum.add(bytes) };
  const parsed = await readDay(day, { onBlock, signal: context.signal, ...onRaw });
  if (completeness === "unknown" && blocks.size === 0) throw noneFound(file, path, tickers);
  const merged = [...blocks].map(([ticker, bars]) => [ticker, mergeBars(bars)] as const);
  const overlap = {
    duplicates: merged.reduce((count, [, one]) => count + one.duplicates, 0),
    conflicts: merged.flatMap(([ticker, one]) => one.conflicts.map((bar) => ({ ticker, bar }))),
  };
  const summary = withOverlap(file.date, parsed, overlap);
  const known = sum?.covers(file)
    ? { ...file, etag: sum.md5() }
    : await identified(file, path, context.signal);
  return context.cache.write(() => {
    const { writer, finish } = startDay(context, known);
    for (const [ticker, { bars }] of merged) writer.put(ticker, bars);
    if (completeness === "whole day") writer.putAbsent(tickers);
    return finish(summary, false);
  });
}

/**
 * The bars of many tickers may not fit into memory, and parsing and writing them take long enough to be done side by
 * side: each block goes into the open transaction as it comes.
 */
async function readManyTickers(
  context: RunContext,
  { file, path, tickers, completeness }: Reading,
): Promise<FileRead> {
  const { cache, signal, progress } = context;
  const day = { path, date: file.date, wanted: tickers === "all" ? tickers : new Set(tickers) };
  return cache.write(async () => {
    // The reader looks for the first bars while the sum of an unknown file is made.
    const begun = identified(file, path, signal).then((known) => startDay(context, known));
    const nameTaken = new Set<string>();
    const onBlock = begun.then(({ writer }) => (ticker: string, bars: Bar[]) => {
      if (tickers !== "all") return writer.put(ticker, bars);
      if (!isTickerOf(file.dataset, ticker)) throw otherDataset(file, path, ticker);
      if (isNameFree(cache, trackedSymbol(file.dataset, ticker))) writer.put(ticker, bars);
      else nameTaken.add(ticker);
    });
    const [read, started] = await Promise.allSettled([readDayAside(day, onBlock, signal), begun]);
    // Nothing is written any more when the transaction ends: both have come to their end.
    if (read.status === "rejected") throw read.reason;
    if (started.status === "rejected") throw started.reason;
    const [summary, { writer, finish }] = [read.value, started.value];
    if (nameTaken.size > 0)
      progress.warn(
        `${file.dataset} ${file.date}: left out ${[...nameTaken].join(", ")}, whose name another dataset already has in historical_bars`,
      );
    if (tickers === "all") writer.putAbsent(tickersOfDay(cache, file.dataset, file.date));
    else if (completeness === "whole day") writer.putAbsent(tickers);
    else if (summary.bars === 0) throw noneFound(file, path, tickers);
    return finish(summary, tickers === "all");
  });
}

/** The file with its ETag; one that is not known is made from its bytes. */
async function identified(file: FlatFile, path: string, signal: AbortSignal): Promise<FlatFile> {
  if (file.etag !== UNKNOWN_ETAG) return file;
  const sum = new FileSum();
  for await (const chunk of rawBytes(path, { signal })) sum.add(chunk);
  return { ...file, etag: sum.md5() };
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

function startDay(context: RunContext, file: FlatFile) {
  const { cache, nowMs } = context;
  const id = flatFileId(cache, file);
  const writer = new DayWriter(cache, file.dataset, file.date, {
    source: "flatfile",
    flatFileId: id,
    readAtMs: nowMs,
    session: sessionOf(file.dataset, file.date),
  });
  const finish = (summary: ReadSummary, allTickers: boolean): FileRead => {
    const { changes, overlap } = writer.finish();
    const whole = withOverlap(file.date, summary, overlap);
    markRead(cache, id, { nowMs, allTickers, rejected: whole.rejectedSamples });
    const replaced = { provisional: writer.replaced("api"), republished: writer.replaced("flatfile") };
    return { file, changes, replaced, summary: whole };
  };
  return { writer, finish };
}
