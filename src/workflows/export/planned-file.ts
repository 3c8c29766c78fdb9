import { dateOfEpochDay } from "../../core/dates.ts";
import type { Series } from "../../formats/bar-encoder.ts";
import { timeframeName } from "../../core/timeframes.ts";
import type { LeanLines } from "../../formats/lean/lean-place.ts";
import type { CachedDay, SeriesKey } from "./inventory.ts";

/** The days of one series that go into a file: those from one date to another, both included. */
export interface FilePart extends SeriesKey {
  readonly fromEpochDay: number;
  readonly toEpochDay: number;
  /** How its bars are laid down in one of Lean's zips; null elsewhere. */
  readonly lean: LeanEntry | null;
}

/** A file within one of Lean's zips: the bars from one instant to another, the end exclusive (epoch ms). */
export interface LeanEntry {
  readonly name: string;
  /** The date of the file, in days since 1970-01-01. */
  readonly epochDay: number;
  readonly lines: LeanLines;
  readonly fromMs: number;
  readonly toMs: number;
  /** When the clock showed 00:00, or would have if it had not changed on that day; epoch ms. */
  readonly clockZeroMs: number;
}

/** What a file holds. */
export interface FileContents {
  readonly bars: number;
  /** Whose bars it has (`seriesNumber`), ascending: one but in a file of several. */
  readonly series: readonly number[];
  /** First and last date that has bars, as `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  /** The days of the cache whose bars it has, in days since 1970-01-01, ascending. */
  readonly days: readonly number[];
}

/** What the cache knows of all that a file might hold, be it that there is nothing. */
export interface KnownContents {
  /** In days since 1970-01-01, each once. */
  readonly days: readonly number[];
  /** Of whom it is known, be it that there is nothing. */
  readonly series: readonly number[];
}

/** A file that an export consists of. */
export interface PlannedFile extends FileContents {
  /** Below the folder of the export, with slashes; the file's own name if it is one file. */
  readonly path: string;
  readonly parts: readonly FilePart[];
  readonly known: KnownContents;
  /** Equal as long as the bars are. */
  readonly fingerprint: string;
}

/** A file that an export would have if there were bars for it. */
export interface EmptyFile {
  readonly path: string;
  readonly known: KnownContents;
}

/** A number that tells the symbols of a file apart: CRC-32 of the ticker, short enough to keep of thousands of contracts. */
export function seriesNumber({ symbol }: Pick<SeriesKey, "symbol">): number {
  return Bun.hash.crc32(symbol.ticker);
}

/** Numbers, each once, ascending. */
export function sortedNumbers(numbers: Iterable<number>): number[] {
  return [...new Set(numbers)].toSorted((one, other) => one - other);
}

/** The name of a series in historical_bars. */
export function seriesOf({ symbol, timeframeMinutes }: SeriesKey): Series {
  return { symbol: symbol.symbol, timeframe: timeframeName(timeframeMinutes) };
}

/** A part with the days that have bars of it. */
export interface FilledPart {
  readonly part: FilePart;
  readonly days: readonly CachedDay[];
}

/** A file of those parts, which have bars. */
export function plannedFile(path: string, filled: readonly FilledPart[], known: KnownContents): PlannedFile {
  const bars = filled.reduce(
    (sum, { part, days }) => sum + days.reduce((all, day) => all + barsTold(part, day), 0),
    0,
  );
  const parts = filled.map(({ part }) => part);
  return { path, parts, bars, known, ...spanOf(filled), fingerprint: fingerprintOf(filled) };
}

/**
 * The bars of a day as they are counted before and while a part is written. Of a day that two of Lean's files are made from,
 * the one of its own date counts all, which is nearly true of each and exactly of both.
 */
export function barsTold({ lean }: FilePart, { epochDay, bars }: CachedDay): number {
  return lean === null || lean.epochDay === epochDay ? bars : 0;
}

/** How many of some parts have bars, and on which dates. */
export function spanOf(filled: readonly FilledPart[]): Omit<FileContents, "bars"> {
  const withBars = filled.filter(({ days }) => days.length > 0);
  const dates = withBars.flatMap(({ part, days: own }) =>
    part.lean === null ? own.map(({ epochDay }) => epochDay) : [part.lean.epochDay],
  );
  const [first, last] = [min(dates), max(dates)];
  return {
    series: sortedNumbers(withBars.map(({ part }) => seriesNumber(part))),
    from: dateOfEpochDay(first),
    to: dateOfEpochDay(last),
    days: sortedNumbers(withBars.flatMap((each) => each.days.map(({ epochDay }) => epochDay))),
  };
}

function min(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number), numbers[0] ?? 0);
}

function max(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}

/** A fingerprint of the days of a file, as 32 hex digits. */
export function fingerprintOf(filled: readonly FilledPart[]): string {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const { part, days } of filled) {
    const { symbol, timeframe } = seriesOf(part);
    for (const { epochDay, contentHash } of days)
      hasher.update(`${symbol}\t${timeframe}\t${epochDay}\t${contentHash}\n`);
  }
  return hasher.digest("hex").slice(0, 32);
}
