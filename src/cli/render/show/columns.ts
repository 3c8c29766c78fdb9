import type { Chart } from "../../../workflows/chart/chart.ts";
import { candleGroups } from "./candle-groups.ts";
import { priceRange, type Candle } from "./candles.ts";

/** What is drawn in one column of the terminal. */
export interface Column {
  readonly startMs: number;
  readonly candle: Candle | null;
  readonly volume: number | null;
  readonly lacks: boolean;
}

const WIDEST = 3;

/** What is drawn, and what one candle of it stands for. */
interface Columns {
  readonly columns: Column[];
  readonly candle: string;
}

/** The bars, a column each; so many that they do not fit are put together. */
export function columnsOfBars(chart: Chart, room: number): Columns {
  const { groups, candle } = candleGroups(chart, room);
  const columns = groups.map(({ startMs, bars }, index): Column => {
    const [first, last] = [bars[0], bars.at(-1)];
    const endMs = groups[index + 1]?.startMs ?? Number.POSITIVE_INFINITY;
    const volumes = bars.map(({ volume }) => volume).filter((volume) => volume !== null);
    return {
      startMs,
      candle: first && last ? { open: first.open, close: last.close, ...priceRange(bars) } : null,
      volume: volumes.length === 0 ? null : volumes.reduce((sum, volume) => sum + volume, 0),
      lacks: chart.holes.some((hole) => hole.to > startMs && hole.from < endMs),
    };
  });
  return { columns, candle };
}

/** Few bars get room between them. */
export function spread(columns: readonly Column[], room: number): Column[] {
  const width = Math.min(WIDEST, Math.max(1, Math.floor(room / Math.max(1, columns.length))));
  return columns.flatMap((column) => {
    const gap: Column = { ...column, candle: null, volume: null, lacks: false };
    return [column, ...Array.from({ length: width - 1 }, () => gap)];
  });
}
