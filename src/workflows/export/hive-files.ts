import { dateOfEpochDay, epochDayOf } from "../../core/dates.ts";
import { timeframeName } from "../../core/timeframes.ts";
import { hiveValue } from "./hive-value.ts";
import type { CachedDay, CachedSeries } from "./inventory.ts";
import { daysWithin, keyOf, type EpochDays } from "./one-file.ts";
import { plannedFile, type PlannedFile } from "./planned-file.ts";

/**
 * A file for each symbol, timeframe and year: `timeframe=1m/symbol=SPX/year=2024/bars.parquet`. The year is that of the
 * date to which a bar belongs, so that a file changes with its own days only.
 */
export function hiveFiles(
  fileName: string,
  series: readonly CachedSeries[],
  range: EpochDays,
): PlannedFile[] {
  return series.flatMap((each) =>
    [...byYear(each.days)].flatMap(([year, daysOfYear]) => {
      const days = daysWithin(daysOfYear, range);
      if (days.length === 0) return [];
      const part = {
        ...keyOf(each),
        fromEpochDay: Math.max(range.first, epochDayOf(`${year}-01-01`)),
        toEpochDay: Math.min(range.last, epochDayOf(`${year}-12-31`)),
        lean: null,
      };
      const path = `${hiveFolder(each)}/year=${year}/${fileName}`;
      return [plannedFile(path, [{ part, days }], days.length < daysOfYear.length)];
    }),
  );
}

/** The folder of a series: `timeframe=1m/symbol=SPX`. */
export function hiveFolder({ symbol, timeframeMinutes }: Pick<CachedSeries, "symbol" | "timeframeMinutes">) {
  return `timeframe=${timeframeName(timeframeMinutes)}/symbol=${hiveValue(symbol.symbol)}`;
}

function byYear(days: readonly CachedDay[]): Map<string, CachedDay[]> {
  const years = new Map<string, CachedDay[]>();
  for (const day of days) {
    const year = dateOfEpochDay(day.epochDay).slice(0, 4);
    const others = years.get(year);
    if (others === undefined) years.set(year, [day]);
    else others.push(day);
  }
  return years;
}
