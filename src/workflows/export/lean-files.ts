import { addDays, dateOfEpochDay, epochDayOf, zonedTimeMs } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { leanPlace, type LeanPlace } from "../../formats/lean/lean-place.ts";
import type { CachedDay, CachedSeries } from "./inventory.ts";
import { keyOf, type EpochDays } from "./one-file.ts";
import { plannedFile, type FilledPart, type LeanEntry, type PlannedFile } from "./planned-file.ts";

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
export function leanFiles(placed: readonly LeanSeries[], range: EpochDays): PlannedFile[] {
  const zips = new Map<string, FilledPart[]>();
  for (const each of placed)
    for (const [epochDay, days] of fileDays(each, range)) {
      const date = dateOfEpochDay(epochDay);
      const path = `${each.place.folder}/${date.replaceAll("-", "")}${each.place.zipSuffix}`;
      const part = {
        ...keyOf(each.series),
        fromEpochDay: days[0]?.epochDay ?? epochDay,
        toEpochDay: days.at(-1)?.epochDay ?? epochDay,
        lean: entryOf(each.place, date),
      };
      const parts = zips.get(path);
      if (parts === undefined) zips.set(path, [{ part, days }]);
      else parts.push({ part, days });
    }
  return [...zips].map(([path, filled]) => plannedFile(path, filled));
}

function entryOf({ entrySuffix, timeZone, lines }: LeanPlace, date: string): LeanEntry {
  return {
    name: date.replaceAll("-", "") + entrySuffix,
    epochDay: epochDayOf(date),
    lines,
    // Clocks change on Sundays, when nothing trades whose file is not in UTC: all of these days have 24 hours.
    fromMs: zonedTimeMs(date, "00:00", timeZone),
    toMs: zonedTimeMs(addDays(date, 1), "00:00", timeZone),
  };
}

/**
 * The days of the cache that the file of each date is made from. A file ends at another midnight than a day of the forex
 * market does, and is made from the days before and after too; all others hold what is of their date.
 */
function fileDays({ series }: LeanSeries, { first, last }: EpochDays): Map<number, CachedDay[]> {
  const offsets = series.symbol.dataset === "forex" ? [-1, 0, 1] : [0];
  const files = new Map<number, CachedDay[]>();
  for (const day of series.days)
    for (const offset of offsets) {
      const epochDay = day.epochDay + offset;
      if (epochDay < first || epochDay > last) continue;
      const others = files.get(epochDay);
      if (others === undefined) files.set(epochDay, [day]);
      else others.push(day);
    }
  return files;
}
