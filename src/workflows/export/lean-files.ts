import { timesOfBatch } from "../../cache/bars.ts";
import type { Cache } from "../../cache/cache.ts";
import type { Dataset } from "../../core/datasets.ts";
import { addDays, dateInZone, dateOfEpochDay, epochDayOf, zonedTimeMs } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { leanPlace, type LeanPlace } from "../../formats/lean/lean-place.ts";
import type { CachedDay, CachedSeries } from "./inventory.ts";
import { keyOf, type EpochDays } from "./one-file.ts";
import {
  plannedFile,
  seriesNumber,
  type EmptyFile,
  type FilledPart,
  type LeanEntry,
  type PlannedFile,
} from "./planned-file.ts";

/** A symbol as Lean keeps it. */
export interface LeanSeries {
  readonly series: CachedSeries;
  readonly place: LeanPlace;
}

/**
 * The places of series in Lean's folders, and the symbols that have none.
 * @throws BackfillError (usage) if two would be the same there, where all letters are small.
 */
export function leanPlaces(
  series: readonly CachedSeries[],
  market: string | null,
): { readonly placed: LeanSeries[]; readonly nameless: TrackedSymbol[] } {
  const placed: LeanSeries[] = [];
  const nameless: TrackedSymbol[] = [];
  const owners = new Map<string, TrackedSymbol>();
  for (const each of series) {
    const { symbol } = each;
    const place = leanPlace(symbol.dataset, symbol.ticker, market ?? undefined);
    if (place === null) {
      nameless.push(symbol);
      continue;
    }
    const owner = owners.get(place.folder + place.entrySuffix);
    if (owner !== undefined) throw sameName(owner, symbol, place);
    owners.set(place.folder + place.entrySuffix, symbol);
    placed.push({ series: each, place });
  }
  return { placed, nameless };
}

function sameName(one: TrackedSymbol, other: TrackedSymbol, { folder }: LeanPlace): BackfillError {
  return new BackfillError({
    kind: "usage",
    operation: `export ${one.ticker} and ${other.ticker} for Lean`,
    reason: `both would be ${folder} there`,
    nextStep: "Name the symbols you want with --symbols, only one of the two among them.",
  });
}

/** A zip for each day of each folder, with the entries of all contracts of an underlying. */
export function leanFiles(
  cache: Cache,
  placed: readonly LeanSeries[],
  range: EpochDays,
): { readonly files: PlannedFile[]; readonly empty: EmptyFile[] } {
  const zips = new Map<
    string,
    { readonly filled: FilledPart[]; readonly days: number[]; readonly series: number[] }
  >();
  for (const each of placed)
    for (const { epochDay, days, known } of fileDays(cache, each, range)) {
      const date = dateOfEpochDay(epochDay);
      const path = `${each.place.folder}/${date.replaceAll("-", "")}${each.place.zipSuffix}`;
      const zip = zips.get(path) ?? { filled: [], days: [], series: [] };
      zips.set(path, zip);
      zip.series.push(seriesNumber(each.series));
      for (const day of known) if (!zip.days.includes(day)) zip.days.push(day);
      const [first, last] = [days[0], days.at(-1)];
      if (first === undefined || last === undefined) continue;
      const lean = entryOf(each.place, date);
      zip.filled.push({
        part: { ...keyOf(each.series), fromEpochDay: first.epochDay, toEpochDay: last.epochDay, lean },
        days,
      });
    }
  const files: PlannedFile[] = [];
  const empty: EmptyFile[] = [];
  for (const [path, { filled, ...known }] of zips)
    if (filled.length === 0) empty.push({ path, known });
    else files.push(plannedFile(path, filled, known));
  return { files, empty };
}

function entryOf({ entrySuffix, timeZone, lines }: LeanPlace, date: string): LeanEntry {
  return {
    name: date.replaceAll("-", "") + entrySuffix,
    epochDay: epochDayOf(date),
    lines,
    fromMs: zonedTimeMs(date, "00:00", timeZone),
    // On a day on which clocks change times are those of the clock from then on: Sundays have bars in the evening, if any.
    clockZeroMs: zonedTimeMs(date, "12:00", timeZone) - 12 * 3_600_000,
    toMs: zonedTimeMs(addDays(date, 1), "00:00", timeZone),
  };
}

/** What the file of one date is made from. */
interface FileDay {
  readonly epochDay: number;
  /** The days of the cache that have bars for it. */
  readonly days: CachedDay[];
  /** All that are known and might have. */
  readonly known: number[];
}

/** Markets whose days may end at another midnight than Lean's files do; those of the others are the same. */
const OTHER_MIDNIGHTS: ReadonlySet<Dataset> = new Set(["forex", "indices"]);

/** The dates of a series that Lean has a file for, or would have if there were bars. */
function fileDays(cache: Cache, { series, place }: LeanSeries, { first, last }: EpochDays): FileDay[] {
  const files = new Map<number, FileDay>();
  const isElsewhere = OTHER_MIDNIGHTS.has(series.symbol.dataset);
  for (const day of series.days) {
    const reached = datesOf(cache, series, day, isElsewhere ? place.timeZone : null);
    for (const offset of isElsewhere ? [-1, 0, 1] : [0]) {
      const epochDay = day.epochDay + offset;
      if (epochDay < first || epochDay > last) continue;
      const file = files.get(epochDay) ?? { epochDay, days: [], known: [] };
      files.set(epochDay, file);
      file.known.push(day.epochDay);
      if (epochDay >= reached.first && epochDay <= reached.last) file.days.push(day);
    }
  }
  return [...files.values()];
}

/** From which date to which the bars of a day are; in no time zone they are of the day's own date. */
function datesOf(
  cache: Cache,
  { symbolId, timeframeMinutes }: CachedSeries,
  { epochDay, bars }: CachedDay,
  timeZone: string | null,
): EpochDays {
  if (bars === 0) return { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  if (timeZone === null) return { first: epochDay, last: epochDay };
  const { firstMs, lastMs } = timesOfBatch(cache, { symbolId, timeframeMinutes, epochDay });
  return {
    first: epochDayOf(dateInZone(firstMs, timeZone)),
    last: epochDayOf(dateInZone(lastMs, timeZone)),
  };
}
