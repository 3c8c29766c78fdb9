import { DATASET_FACTS } from "../../../core/datasets.ts";
import { dateInZone, timeInZone } from "../../../core/dates.ts";
import type { Chart } from "../../../workflows/chart/chart.ts";
import type { Column } from "./columns.ts";

const TICK_COLUMNS = 12;
const YEAR_LENGTH = "2024-".length;
const FULL_LENGTH = "2024-11-22".length;

interface Tick {
  readonly at: number;
  readonly label: string;
}

/**
 * The line below the columns, with the times of a day; of several days with the date where each begins, the year where it
 * is new, and times where dates are far apart. What has no room is left out.
 */
export function timeAxis(
  { dataset, from, to }: Pick<Chart, "dataset" | "from" | "to">,
  columns: readonly Pick<Column, "startMs">[],
): string {
  const { dayTimeZone } = DATASET_FACTS[dataset];
  const dates = columns.map(({ startMs }) => (from === to ? from : dateInZone(startMs, dayTimeZone)));
  const begins = [...dates.keys()].filter((at) => dates[at] !== dates[at - 1]);
  const ticks: Tick[] = [];
  let [free, year] = [0, ""];
  for (const [index, dayAt] of begins.entries()) {
    const dayEnd = begins[index + 1] ?? columns.length;
    const date = dates[dayAt] ?? "";
    if (from !== to && dayAt >= free) {
      const words =
        year !== date.slice(0, YEAR_LENGTH) && hasYear(dayEnd - dayAt) ? date : date.slice(YEAR_LENGTH);
      const label = fits(words, dayAt, columns.length) ? words : "";
      if (label === date) year = date.slice(0, YEAR_LENGTH);
      ticks.push({ at: dayAt, label });
      free = dayAt + label.length + 2;
    }
    for (let at = from === to ? dayAt : dayAt + TICK_COLUMNS; at < dayEnd; at += TICK_COLUMNS) {
      const label = timeInZone(columns[at]?.startMs ?? 0, dayTimeZone);
      if (at < free || !fits(label, at, dayEnd)) continue;
      ticks.push({ at, label });
      free = at + label.length + 2;
    }
  }
  return drawnTicks(ticks, columns.length);
}

/** Whether a day so wide may tell its year: not where just that would hide the next day. */
function hasYear(width: number): boolean {
  return width > FULL_LENGTH + 1 || width < FULL_LENGTH - YEAR_LENGTH + 1;
}

function fits(label: string, at: number, end: number): boolean {
  return at + 1 + label.length <= end;
}

function drawnTicks(ticks: readonly Tick[], width: number): string {
  let axis = "";
  for (const { at, label } of ticks) axis = `${axis.padEnd(at, "─")}┴${label}`;
  return axis.padEnd(width, "─");
}
