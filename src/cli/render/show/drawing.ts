import type { Chart } from "../../../workflows/chart/chart.ts";
import { blockRow, candleRows, priceRange } from "./candles.ts";
import { columnsOfBars, spread } from "./columns.ts";
import { priceLabels, type PriceText } from "./price-axis.ts";
import { timeAxis } from "./time-axis.ts";

/** What a chart is drawn on. */
export interface ShowView {
  readonly columns: number;
  readonly colour: boolean;
}

const ROWS = 14;
const [VOLUME, GAPS] = ["volume", "gaps"];
/** A chart narrower than this tells less than the prices beside it: they are left out. */
const LEAST_COLUMNS = 8;

interface Drawing {
  readonly lines: readonly string[];
  /** What one candle stands for: `15m`, `4 trading days`. */
  readonly candle: string;
}

/** The picture of the bars, with prices, volumes, gaps and times, in lines no wider than the terminal. */
export function drawing(chart: Chart, { columns, colour }: ShowView, priceText: PriceText): Drawing {
  const labels = priceLabels(priceRange(chart.bars), ROWS, priceText);
  const width = Math.max(VOLUME.length, ...labels.map((label) => label.length));
  const hasLabels = columns - width - 2 >= LEAST_COLUMNS;
  const room = Math.max(1, hasLabels ? columns - width - 2 : columns - 1);
  const line = (label: string, axis: string, row: string) =>
    `${hasLabels ? `${label.padStart(width)} ` : ""}${axis}${row}`.trimEnd();

  const { columns: ofBars, candle } = columnsOfBars(chart, room);
  const drawn = spread(ofBars, room);
  const rows = candleRows(
    drawn.map((column) => column.candle),
    { rows: ROWS, colour },
  );
  const lines = rows.map((row, index) => {
    const label = labels[index] ?? "";
    return line(label, label === "" ? "│" : "┤", row);
  });
  const volumes = drawn.map(({ volume }) => volume);
  if (volumes.some((volume) => volume !== null)) lines.push(line(VOLUME, "│", blockRow(volumes)));
  if (chart.holes.length > 0)
    lines.push(line(GAPS, "│", drawn.map(({ lacks }) => (lacks ? "×" : " ")).join("")));
  return { lines: [...lines, line("", "└", timeAxis(chart, drawn))], candle };
}
