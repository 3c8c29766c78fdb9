import { formatCount, plural } from "../../../core/format.ts";
import { MINUTE_MS } from "../../../core/bar.ts";
import { DATASET_FACTS } from "../../../core/datasets.ts";
import { dateInZone, timeInZone } from "../../../core/dates.ts";
import { priceDecimals } from "../../../core/price-decimals.ts";
import type { Chart, ChartDay } from "../../../workflows/chart/chart.ts";
import type { ChartBar } from "../../../workflows/chart/chart-bars.ts";
import { CELLS } from "../status/cells.ts";
import { priceRange } from "./candles.ts";
import { drawing, type ShowView } from "./drawing.ts";
import { flow } from "./flow.ts";
import { volumeText } from "./volume.ts";
import { withoutBarsText } from "./without-bars.ts";
import type { PriceText } from "./price-axis.ts";

const MOST_HOLES_SHOWN = 5;

/** How a chart is told. */
interface TextView extends ShowView {
  /** Whether the timeframe was chosen here, and not by the user. */
  readonly chosen: boolean;
}

/** Bars as a small candle chart, with what is known of them. */
export function showText(chart: Chart, view: TextView): string {
  const { bars } = chart;
  const { columns } = view;
  const decimals = priceDecimals(bars);
  const priceText = (price: number) => price.toFixed(decimals);
  if (chart.withoutBars !== null)
    return `${[...flow(titleParts(chart), "  ", columns), ...flow([withoutBarsText(chart, chart.withoutBars)], "", columns)].join("\n")}\n`;
  const { lines: drawn, candle } = drawing(chart, view, priceText);
  const lines = [
    ...flow([...titleParts(chart), barsPart(chart)], "  ", columns),
    ...flow(candleParts(chart, candle, view), " · ", columns),
    "",
    ...drawn,
    "",
    ...flow(pricesParts(bars, priceText), "   ", columns),
  ];
  const [day] = chart.days;
  const known = chart.days.length === 1 && day ? [dayLine(day)] : [daysLine(chart.days)];
  lines.push(...[...known, ...holeLines(chart)].flatMap((line) => flow([line], "", columns)));
  return `${lines.join("\n")}\n`;
}

/** The parts of the first line that say what is asked for. */
function titleParts({ symbol, dataset, from, to }: Chart): string[] {
  return [`${symbol} (${dataset})`, from === to ? from : `${from} to ${to}`];
}

/** The part of the first line that says what there is. */
function barsPart({ timeframe, bars, made, session }: Chart): string {
  const how = made === "now" ? ", made now" : "";
  const minutes = session === "all" ? " of all minutes" : "";
  return `${plural(bars.length, `${timeframe} bar`)}${minutes}${how}`;
}

/** The parts of the second line: how it is drawn. */
function candleParts(
  { dataset, timeframe, bars }: Chart,
  candle: string,
  { columns, chosen }: TextView,
): string[] {
  const zone = DATASET_FACTS[dataset].dayTimeZone === "UTC" ? "UTC" : "New York time";
  if (candle !== timeframe)
    return [`one candle = ${candle} (${plural(bars.length, "bar")} in ${plural(columns, "column")})`, zone];
  return chosen
    ? [`one candle = ${candle}, the finest that fits`, "choose with --timeframe", zone]
    : [`one candle = ${candle}`, zone];
}

function pricesParts(bars: readonly ChartBar[], priceText: PriceText): string[] {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { high, low } = priceRange(bars);
  const change = last.close - first.open;
  const percent =
    first.open === 0 ? "" : ` (${change < 0 ? "" : "+"}${((change / first.open) * 100).toFixed(2)}%)`;
  const volumes = bars.map(({ volume }) => volume).filter((volume) => volume !== null);
  const traded =
    volumes.length === 0 ? [] : [`Volume ${volumeText(volumes.reduce((sum, volume) => sum + volume, 0))}`];
  return [
    `Open ${priceText(first.open)}`,
    `High ${priceText(high)}`,
    `Low ${priceText(low)}`,
    `Close ${priceText(last.close)}${percent}`,
    ...traded,
  ];
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
    const [first, last] = [from, to - MINUTE_MS].map((ms) => timeInZone(ms, dayTimeZone));
    return `  ${day} ${first === last ? first : `${first} to ${last}`}: ${plural(minutes, "minute")}`;
  });
  const more = holes.length - shown.length;
  return [
    "Minutes without a bar (×):",
    ...shown,
    ...(more > 0 ? [`  … and ${more} more (all with --json)`] : []),
  ];
}
