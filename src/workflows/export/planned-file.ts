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
}

/** What a file holds. */
export interface FileContents {
  readonly bars: number;
  /** Symbols in their timeframes: one but in a file of several. */
  readonly series: number;
  /** First and last date that has bars, as `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
}

/** A file that an export consists of. */
export interface PlannedFile extends FileContents {
  /** Below the folder of the export, with slashes; the file's own name if it is one file. */
  readonly path: string;
  readonly parts: readonly FilePart[];
  /** Whether the cache has more for this file than the days that are asked for. */
  readonly isCut: boolean;
  /** Equal as long as the bars are. */
  readonly fingerprint: string;
}

/** The name of a series in historical_bars. */
export function seriesOf({ symbol, timeframeMinutes }: SeriesKey): Series {
  return { symbol: symbol.symbol, timeframe: timeframeName(timeframeMinutes) };
}

/** A part with what the cache has of it. */
export interface FilledPart {
  readonly part: FilePart;
  readonly days: readonly CachedDay[];
}

/** A file of those parts, which have bars. */
export function plannedFile(path: string, filled: readonly FilledPart[], isCut = false): PlannedFile {
  const bars = filled.reduce((sum, { days }) => sum + days.reduce((all, day) => all + day.bars, 0), 0);
  const parts = filled.map(({ part }) => part);
  return { path, parts, bars, isCut, ...spanOf(filled), fingerprint: fingerprintOf(filled) };
}

/** How many of some parts have bars, and from which date to which. */
export function spanOf(filled: readonly FilledPart[]): Omit<FileContents, "bars"> {
  let series = 0;
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const { part, days } of filled) {
    const [firstDay, lastDay] = [days[0], days.at(-1)];
    if (firstDay === undefined || lastDay === undefined) continue;
    series++;
    first = Math.min(first, part.lean?.epochDay ?? firstDay.epochDay);
    last = Math.max(last, part.lean?.epochDay ?? lastDay.epochDay);
  }
  return { series, from: dateOfEpochDay(Math.min(first, last)), to: dateOfEpochDay(last) };
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
