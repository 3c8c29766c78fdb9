import type { Chart, ChartBar } from "./answers.ts";
import { chartMarks, MOST_MARKS } from "./chart-marks.ts";
import { LOOKS } from "./day-looks.ts";
import { amountText, plural } from "./words.ts";
import { clockSecondsIn, clockWords, zoneOf } from "./zone-time.ts";

const MOST_DATES = 3;

/** What is known of a chart, each fact a part of a sentence. */
export function chartFacts(chart: Chart): string[] {
  const { symbol, dataset, timeframe, from, to, bars, holes, days, made } = chart;
  const span = from === to ? from : `${from} to ${to}`;
  const provisional = days.filter((day) => day.provisional).length;
  const lacking = holes.reduce((sum, { minutes }) => sum + minutes, 0);
  return [
    `${symbol}, ${span}: ${plural(bars.length, `${timeframe} bar`)}, ${dataset === "crypto" ? "UTC" : "New York time"}`,
    made === "now" && bars.length > 0 ? "made now from the minutes" : "",
    withoutBars(chart) ?? (from === to ? dayState(chart) : ""),
    lacking > 0 ? `${plural(lacking, "minute")} without a bar (${squaresText(chart)})` : "",
    ...(from === to ? [] : wholeDays(chart)),
    provisional > 0 ? `${plural(provisional, "day")} provisional, a flat file may correct them (shaded)` : "",
  ].filter((fact) => fact !== "");
}

function squaresText(chart: Chart): string {
  return chartMarks(chart).length > MOST_MARKS
    ? `squares, up to ${MOST_MARKS} in sight, where most lack`
    : "squares";
}

/** A bar in words, its prices as `price` writes them. */
export function barWords(
  bar: ChartBar,
  { dataset, timeframe }: Chart,
  price: (price: number) => string,
): string {
  const time = clockWords(clockSecondsIn(zoneOf(dataset))(bar.timestamp), timeframe === "1d");
  const volume = bar.volume === null ? "" : `  Volume ${amountText(bar.volume)}`;
  const incomplete = bar.incomplete ? "  (lacks minutes)" : "";
  return `${time}  Open ${price(bar.open)}  High ${price(bar.high)}  Low ${price(bar.low)}  Close ${price(bar.close)}${volume}${incomplete}`;
}

const WITHOUT_BARS: Readonly<Record<string, string>> = {
  weekend: "the market is closed (weekend)",
  holiday: "the market is closed (holiday)",
  closed: "the market is closed (weekend and holidays)",
  "before-history": "the vendor has nothing so early",
  "no-bars": "the source was read and has none",
  "outside-session": "all minutes are outside of the session: choose 1m to see them",
};

/** Why there is no bar though all that there is was read; null else. */
function withoutBars({ withoutBars: why }: Chart): string | null {
  return why === null ? null : (WITHOUT_BARS[why] ?? null);
}

function dayState({ days }: Chart): string {
  const [day] = days;
  if (day === undefined) return "";
  const source = day.source === null ? "" : day.source === "api" ? ", from the API" : ", from its flat file";
  return `${LOOKS[day.state].words}${source}`;
}

/** Days of a range of which nothing is there, though they should be or may still come. */
function wholeDays({ days }: Chart): string[] {
  return (["missing", "failed", "denied", "pending"] as const).flatMap((state) => {
    const dates = days.filter((day) => day.state === state && day.bars === 0).map(({ date }) => date);
    if (dates.length === 0) return [];
    const named = dates.slice(0, MOST_DATES).join(", ");
    const more = dates.length > MOST_DATES ? `, and ${dates.length - MOST_DATES} more` : "";
    return [`${plural(dates.length, "day")} ${LOOKS[state].words} (${named}${more})`];
  });
}
