import { dateOfEpochDay, epochDayOf } from "../../core/dates.ts";
import { timeframeName } from "../../core/timeframes.ts";
import { hiveValue } from "./hive-value.ts";
import type { CachedDay, CachedSeries } from "./inventory.ts";
import { daysWithin, keyOf, withBars, type EpochDays } from "./one-file.ts";
import { plannedFile, seriesNumber, type EmptyFile, type PlannedFile } from "./planned-file.ts";

/**
 * A file for each symbol, timeframe and year: `timeframe=1m/symbol=SPX/year=2024/bars.parquet`. The year is that of the
 * date to which a bar belongs, so that a file changes with its own days only.
 */
export function hiveFiles(
  fileName: string,
  series: readonly CachedSeries[],
  range: EpochDays,
): { readonly files: PlannedFile[]; readonly empty: EmptyFile[] } {
  const files: PlannedFile[] = [];
  const empty: EmptyFile[] = [];
  for (const each of series)
    for (const [year, daysOfYear] of byYear(daysWithin(each.days, range))) {
      const path = `${hiveFolder(each)}/year=${year}/${fileName}`;
      const known = { days: daysOfYear.map(({ epochDay }) => epochDay), series: [seriesNumber(each)] };
      const days = withBars(daysOfYear);
      const part = {
        ...keyOf(each),
        fromEpochDay: Math.max(range.first, epochDayOf(`${year}-01-01`)),
        toEpochDay: Math.min(range.last, epochDayOf(`${year}-12-31`)),
        lean: null,
      };
      if (days.length === 0) empty.push({ path, known });
      else files.push(plannedFile(path, [{ part, days }], known));
    }
  return { files, empty };
}

/** The folder of a series: `timeframe=1m/symbol=SPX`. */
function hiveFolder({ symbol, timeframeMinutes }: Pick<CachedSeries, "symbol" | "timeframeMinutes">) {
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
