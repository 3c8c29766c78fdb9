import { formatCount, plural } from "../../../core/format.ts";
import { DATASET_FACTS } from "../../../core/datasets.ts";
import { dateInZone, timeInZone } from "../../../core/dates.ts";
import { priceDecimals } from "../../../core/price-decimals.ts";
import type { Chart, ChartDay } from "../../../workflows/chart/chart.ts";
import type { ChartBar } from "../../../workflows/chart/chart-bars.ts";
import { CELLS } from "../status/cells.ts";
import { blockRow, candleRows, priceRange, type Candle } from "./candles.ts";

/** What a chart is drawn on. */
export interface ShowView {
  readonly columns: number;
  readonly colour: boolean;
}

type PriceText = (price: number) => string;

const ROWS = 14;
const MOST_HOLES_SHOWN = 5;

/** Bars as a small candle chart, with what is known of them. */
export function showText(chart: Chart, view: ShowView): string {
  const { bars } = chart;
  const decimals = priceDecimals(bars);
  const priceText = (price: number) => price.toFixed(decimals);
  const lines = [headline(chart)];
  if (bars.length > 0) lines.push("", ...drawing(chart, view, priceText), "", pricesLine(bars, priceText));
  lines.push(
    ...(chart.days.length === 1 ? chart.days.map(dayLine) : [daysLine(chart.days)]),
    ...holeLines(chart),
  );
  return `${lines.join("\n")}\n`;
}

function headline({ symbol, dataset, from, to, timeframe, bars, made, session }: Chart): string {
  const days = from === to ? from : `${from} to ${to}`;
  const how = made === "now" ? ", made now from the minutes" : "";
  const minutes = session === "all" ? " of all minutes" : "";
  const zone = DATASET_FACTS[dataset].dayTimeZone === "UTC" ? "UTC" : "New York";
  const times = bars.length > 0 ? `  (${zone} time)` : "";
  return `${symbol} (${dataset})  ${days}  ${plural(bars.length, `${timeframe} bar`)}${minutes}${how}${times}`;
}

function drawing(chart: Chart, { columns, colour }: ShowView, priceText: PriceText): string[] {
  const columnsOf = spread(columnsOfBars(chart, columns - LABEL_COLUMNS), columns - LABEL_COLUMNS);
  const { high, low } = priceRange(columnsOf.map(({ candle }) => candle));
  const rows = candleRows(
    columnsOf.map(({ candle }) => candle),
    { rows: ROWS, colour },
  );
  const labels = rows.map((_, row) => priceText(high - ((high - low) * row) / (ROWS - 1)));
  const width = Math.max(...labels.map((label) => label.length));
  const chartLines = rows.map((row, index) => {
    const isLabelled = index % 3 === 0 || index === ROWS - 1;
    return `${(isLabelled ? (labels[index] ?? "") : "").padStart(width)} ${isLabelled ? "┤" : "│"}${row}`.trimEnd();
  });
  const volumes = columnsOf.map(({ volume }) => volume);
  const extra: string[] = [];
  if (volumes.some((volume) => volume !== null))
    extra.push(`${"volume".padStart(width)} │${blockRow(volumes)}`);
  if (chart.holes.length > 0)
    extra.push(
      `${"gaps".padStart(width)} │${columnsOf
        .map(({ lacks }) => (lacks ? "×" : " "))
        .join("")
        .trimEnd()}`,
    );
  return [...chartLines, ...extra, `${" ".repeat(width)} └${timeAxis(chart, columnsOf)}`];
}

interface Column {
  readonly startMs: number;
  readonly candle: Candle | null;
  readonly volume: number | null;
  readonly lacks: boolean;
}

const LABEL_COLUMNS = 14;
const LEAST_COLUMNS = 20;
const WIDEST = 3;

/** The bars, a column each; so many that they do not fit are put together in order. */
function columnsOfBars({ bars, holes }: Chart, room: number): Column[] {
  const inOne = Math.max(1, Math.ceil(bars.length / Math.max(room, LEAST_COLUMNS)));
  const groups: ChartBar[][] = [];
  for (let at = 0; at < bars.length; at += inOne) groups.push(bars.slice(at, at + inOne));
  return groups.map((group, index) => {
    const [first, last] = [group[0], group.at(-1)];
    const startMs = first?.timestamp ?? 0;
    const endMs = groups[index + 1]?.[0]?.timestamp ?? Number.POSITIVE_INFINITY;
    const volumes = group.map(({ volume }) => volume).filter((volume) => volume !== null);
    return {
      startMs,
      candle: first && last ? { open: first.open, close: last.close, ...extremes(group) } : null,
      volume: volumes.length === 0 ? null : volumes.reduce((sum, volume) => sum + volume, 0),
      lacks: holes.some((hole) => hole.to > startMs && hole.from < endMs),
    };
  });
}

/** Few bars get room between them. */
function spread(columns: readonly Column[], room: number): Column[] {
  const width = Math.min(WIDEST, Math.max(1, Math.floor(room / Math.max(1, columns.length))));
  return columns.flatMap((column) => {
    const gap: Column = { ...column, candle: null, volume: null, lacks: false };
    return [column, ...Array.from({ length: width - 1 }, () => gap)];
  });
}

function extremes(bars: readonly ChartBar[]): { readonly high: number; readonly low: number } {
  return { high: Math.max(...bars.map(({ high }) => high)), low: Math.min(...bars.map(({ low }) => low)) };
}

const TICK_COLUMNS = 12;

function timeAxis({ dataset, from, to }: Chart, columns: readonly Column[]): string {
  const { dayTimeZone } = DATASET_FACTS[dataset];
  let axis = "";
  for (let at = 0; at < columns.length; at += TICK_COLUMNS) {
    const startMs = columns[at]?.startMs ?? 0;
    const label = from === to ? timeInZone(startMs, dayTimeZone) : dateInZone(startMs, dayTimeZone);
    const tick = at + label.length < columns.length ? `┴${label}` : "┴";
    axis += tick.padEnd(TICK_COLUMNS, "─");
  }
  return axis.slice(0, columns.length);
}

function pricesLine(bars: readonly ChartBar[], priceText: PriceText): string {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return "";
  const { high, low } = extremes(bars);
  const change = last.close - first.open;
  const percent =
    first.open === 0 ? "" : ` (${change < 0 ? "" : "+"}${((change / first.open) * 100).toFixed(2)}%)`;
  const volumes = bars.map(({ volume }) => volume).filter((volume) => volume !== null);
  const traded =
    volumes.length === 0 ? "" : `   Volume ${formatCount(volumes.reduce((sum, volume) => sum + volume, 0))}`;
  return `Open ${priceText(first.open)}   High ${priceText(high)}   Low ${priceText(low)}   Close ${priceText(last.close)}${percent}${traded}`;
}

function dayLine({ state, source, bars, expected }: ChartDay): string {
  const from = source === null ? "" : ` from ${source === "api" ? "the API" : "its flat file"}`;
  const of = expected === null ? "" : ` (its session has ${formatCount(expected)})`;
  return `${CELLS[state].words}: ${plural(bars, "minute")}${from}${of}`;
}

function daysLine(days: readonly ChartDay[]): string {
  const states = Map.groupBy(
    days.filter(({ state }) => state !== "closed"),
    ({ state }) => state,
  );
  return [...states].map(([state, of]) => `${plural(of.length, "day")} ${CELLS[state].words}`).join(", ");
}

function holeLines({ dataset, holes }: Chart): string[] {
  const { dayTimeZone } = DATASET_FACTS[dataset];
  if (holes.length === 0) return [];
  const shown = holes.slice(0, MOST_HOLES_SHOWN).map(({ from, to, minutes }) => {
    const day = dateInZone(from, dayTimeZone);
    return `  ${day} ${timeInZone(from, dayTimeZone)} to ${timeInZone(to, dayTimeZone)}: ${plural(minutes, "minute")}`;
  });
  const more = holes.length - shown.length;
  return [
    "Minutes without a bar (×):",
    ...shown,
    ...(more > 0 ? [`  … and ${more} more (all with --json)`] : []),
  ];
}
