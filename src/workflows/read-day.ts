import type { Bar } from "../core/bar.ts";
import { BackfillError } from "../core/errors.ts";
import { DayParser, type DaySummary } from "../csv/day-parser.ts";
import { LineCounter } from "../csv/line-counter.ts";
import type { BlockOverlap } from "../core/merge-bars.ts";
import { assertFewRejected, barText, MAX_REJECTED_SAMPLES, type RejectedRow } from "../csv/rejected-rows.ts";
import { textBytes, type ReadingOptions } from "./file-bytes.ts";

/** A row that was left out, and where one finds it. */
export interface NumberedRow extends Pick<RejectedRow, "reason" | "text"> {
  /** From 1, the header's. */
  readonly lineNumber: number | null;
}

/** What a day's file held, with the numbers of its bad lines. */
export type ReadSummary = Omit<DaySummary, "rejectedSamples"> & {
  readonly rejectedSamples: readonly NumberedRow[];
};

/** Which rows of which file are read, as which day's. */
export interface DayFile {
  readonly path: string;
  readonly date: string;
  readonly wanted: ReadonlySet<string> | "all";
}

export interface DayReadingOptions extends ReadingOptions {
  /** Takes the bars of one block of rows of one ticker, in time order. */
  readonly onBlock: (ticker: string, bars: Bar[]) => void;
  /** Is waited for before more of the file is read. */
  readonly beforeMore?: () => Promise<void>;
}

/**
 * Reads the wanted rows of a day's file.
 * @throws BackfillError (data) if the file cannot be read as a whole; what `onBlock` throws; the reason of the
 * signal if that is aborted.
 */
export async function readDay(
  { path, date, wanted }: DayFile,
  { onBlock, beforeMore, ...reading }: DayReadingOptions,
): Promise<ReadSummary> {
  const parser = new DayParser({ date, wanted, onBlock });
  try {
    for await (const chunk of textBytes(path, reading)) {
      parser.push(chunk);
      await beforeMore?.();
    }
    return await numbered(parser.finish(), path, reading.signal);
  } catch (error) {
    throw withPath(error, path);
  }
}

/** Goes through the file once more if rows were bad, up to the last of them. */
async function numbered(
  summary: DaySummary,
  path: string,
  signal: AbortSignal | undefined,
): Promise<ReadSummary> {
  const samples = summary.rejectedSamples;
  const lines = new LineCounter(samples.map((row) => row.runStartByte));
  if (!lines.isDone)
    for await (const chunk of textBytes(path, signal ? { signal } : {})) {
      lines.push(chunk);
      if (lines.isDone) break;
    }
  const rejectedSamples = samples.map(({ reason, text, runStartByte, linesAfter }) => {
    const runLine = lines.numberAt(runStartByte);
    return { reason, text, lineNumber: runLine === null ? null : runLine + linesAfter };
  });
  return { ...summary, rejectedSamples };
}

/**
 * The summary with what the parser cannot see: rows of one ticker in several blocks that say the same minute twice.
 * @throws BackfillError (data) if that makes too many bad rows.
 */
export function withOverlap(date: string, summary: ReadSummary, overlap: BlockOverlap): ReadSummary {
  const { duplicates, conflicts } = overlap;
  if (duplicates + conflicts.length === 0) return summary;
  const reason = "contradicts an earlier row of the same minute";
  const samples = conflicts.map(
    ({ ticker, bar }) => ({ reason, text: barText(ticker, bar), lineNumber: null }) as const,
  );
  const whole = {
    rows: summary.rows,
    bars: summary.bars - duplicates - conflicts.length,
    duplicates: summary.duplicates + duplicates,
    rejected:
      conflicts.length === 0
        ? summary.rejected
        : { ...summary.rejected, [reason]: (summary.rejected[reason] ?? 0) + conflicts.length },
    rejectedRows: summary.rejectedRows + conflicts.length,
    rejectedSamples: [...summary.rejectedSamples, ...samples].slice(0, MAX_REJECTED_SAMPLES),
  };
  assertFewRejected(date, whole);
  return whole;
}

/** The parser knows no file names. */
function withPath(error: unknown, path: string): unknown {
  if (!(error instanceof BackfillError) || error.operation.includes(path)) return error;
  return new BackfillError({
    kind: error.kind,
    operation: `read ${path}`,
    reason: `${error.operation}: ${error.reason}`,
    nextStep: error.nextStep,
    cause: error,
    ...(error.code !== undefined && { code: error.code }),
  });
}
