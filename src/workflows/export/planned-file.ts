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
  readonly lines: LeanLines;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A file that an export consists of. */
export interface PlannedFile {
  /** Below the folder of the export, with slashes; the file's own name if it is one file. */
  readonly path: string;
  readonly parts: readonly FilePart[];
  /** Bars of its days, for the progress. */
  readonly bars: number;
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

/** A file of those parts. */
export function plannedFile(path: string, filled: readonly FilledPart[]): PlannedFile {
  const bars = filled.reduce((sum, { days }) => sum + days.reduce((all, day) => all + day.bars, 0), 0);
  return { path, parts: filled.map(({ part }) => part), bars, fingerprint: fingerprintOf(filled) };
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
