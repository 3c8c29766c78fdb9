import {
  AreaSeries,
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type CandlestickData,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { priceDecimals } from "../../core/price-decimals.ts";
import type { Chart, ChartBar } from "./answers.ts";
import { plural } from "./words.ts";
import { clockSecondsIn, zoneOf } from "./zone-time.ts";

/** What the chart is painted with. */
export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly line: string;
  readonly up: string;
  readonly down: string;
  readonly hole: string;
  readonly shade: string;
}

const MOST_MARKERS = 500;
const TRANSPARENT = "transparent";

/** Candles with volume below, marks where minutes lack, and a shade where bars are provisional. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<"Candlestick">;
  readonly #volume: ISeriesApi<"Histogram">;
  readonly #shade: ISeriesApi<"Area">;
  readonly #marks: ISeriesMarkersPluginApi<Time>;
  readonly #place: HTMLElement;
  #bars = new Map<number, ChartBar>();
  #shown: Chart | null = null;
  #palette: Palette;

  constructor(place: HTMLElement, palette: Palette, onBar: (bar: ChartBar | null) => void) {
    this.#place = place;
    this.#palette = palette;
    this.#chart = createChart(place, {
      autoSize: true,
      layout: { attributionLogo: false },
      // A year of days fits a phone too.
      timeScale: {
        timeVisible: true,
        secondsVisible: false,
        minBarSpacing: 0.05,
        lockVisibleTimeRangeOnResize: true,
      },
    });
    const behind = { priceLineVisible: false, lastValueVisible: false } as const;
    this.#shade = this.#chart.addSeries(AreaSeries, {
      ...behind,
      priceScaleId: "shade",
      crosshairMarkerVisible: false,
      autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 1 } }),
    });
    this.#shade.priceScale().applyOptions({ scaleMargins: { top: 0, bottom: 0 }, visible: false });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      ...behind,
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
    });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 }, visible: false });
    this.#candles = this.#chart.addSeries(CandlestickSeries);
    this.#candles.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.22 } });
    this.#marks = createSeriesMarkers(this.#candles, []);
    this.#chart.subscribeCrosshairMove(({ time }) => {
      onBar(typeof time === "number" ? (this.#bars.get(time) ?? null) : null);
    });
    this.paint(palette);
  }

  /** Takes the colours of another scheme. */
  paint(palette: Palette): void {
    this.#palette = palette;
    const { paper, ink, line, up, down } = palette;
    this.#chart.applyOptions({
      layout: { background: { color: paper }, textColor: ink },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      timeScale: { borderColor: line },
      rightPriceScale: { borderColor: line },
    });
    this.#candles.applyOptions({
      upColor: up,
      downColor: down,
      wickUpColor: up,
      wickDownColor: down,
      borderUpColor: up,
      borderDownColor: down,
    });
    if (this.#shown !== null) this.#set(this.#shown);
  }

  /** Shows bars; with `keepsZoom` the part that is in sight stays in sight. */
  show(chart: Chart, keepsZoom: boolean): void {
    const range = keepsZoom ? this.#chart.timeScale().getVisibleRange() : null;
    this.#shown = chart;
    this.#set(chart);
    if (range === null) this.#chart.timeScale().fitContent();
    else this.#chart.timeScale().setVisibleRange(range);
  }

  #set(chart: Chart): void {
    const seconds = clockSecondsIn(zoneOf(chart.dataset));
    const isDay = chart.timeframe === "1d";
    this.#chart.applyOptions({ timeScale: { timeVisible: !isDay } });
    this.#bars = new Map(chart.bars.map((bar) => [seconds(bar.timestamp), bar]));
    const times = [...this.#bars].toSorted(([one], [other]) => one - other);
    const { up, down, shade } = this.#palette;
    const precision = priceDecimals(chart.bars);
    this.#candles.applyOptions({ priceFormat: { type: "price", precision, minMove: 10 ** -precision } });
    const candles = times.map(([time, { open, high, low, close }]): CandlestickData<UTCTimestamp> => ({
      time: stamp(time),
      open,
      high,
      low,
      close,
    }));
    this.#candles.setData(candles);
    this.#volume.setData(
      times.flatMap(([time, { volume, open, close }]) =>
        volume === null
          ? []
          : [{ time: stamp(time), value: volume, color: `${close >= open ? up : down}66` }],
      ),
    );
    const provisional = provisionalSpans(chart);
    const isShaded = ({ timestamp }: ChartBar) =>
      provisional.some(([from, to]) => timestamp >= from && timestamp < to);
    this.#shade.setData(
      times.map(([time, bar]) => {
        const fill = isShaded(bar) ? shade : TRANSPARENT;
        return { time: stamp(time), value: 1, lineColor: TRANSPARENT, topColor: fill, bottomColor: fill };
      }),
    );
    const marks = this.#marksOf(chart, times);
    this.#marks.setMarkers(marks);
    // What is painted cannot be read from a canvas: this is for tests.
    Object.assign(this.#place.dataset, {
      candles: candles.length,
      marks: marks.length,
      shaded: chart.bars.filter(isShaded).length,
    });
  }

  /** A mark at the bar in or before which minutes or whole days lack. */
  #marksOf({ holes, days }: Chart, times: readonly (readonly [number, ChartBar])[]): SeriesMarker<Time>[] {
    const marked = new Map<number, number>();
    for (const hole of holes) {
      const at = times.findLastIndex(([, { timestamp }]) => timestamp <= hole.from);
      const [before, after] = [times[at], times[at + 1]];
      // The nearer one: a hole at the open is not marked on the day before.
      const isAfterNearer =
        before === undefined ||
        (after !== undefined && after[1].timestamp - hole.to < hole.from - before[1].timestamp);
      const [time] = (isAfterNearer ? after : before) ?? [];
      if (time !== undefined) marked.set(time, (marked.get(time) ?? 0) + hole.minutes);
    }
    const markedDays = new Map<number, number>();
    for (const { date, state } of days) {
      if (state !== "missing" && state !== "failed") continue;
      const [time] = times.find(([seconds]) => seconds * 1000 > Date.parse(date)) ?? times.at(-1) ?? [];
      if (time !== undefined) markedDays.set(time, (markedDays.get(time) ?? 0) + 1);
    }
    return [...new Set([...marked.keys(), ...markedDays.keys()])]
      .toSorted((one, other) => one - other)
      .slice(0, MOST_MARKERS)
      .map((time) => ({
        time: stamp(time),
        position: "aboveBar",
        shape: "square",
        color: this.#palette.hole,
        text: lackText(marked.get(time), markedDays.get(time)),
      }));
  }
}

/** `−2 days −13`: what lacks before or at a bar, minutes without a word. */
function lackText(minutes: number | undefined, days: number | undefined): string {
  return [days === undefined ? "" : `−${plural(days, "day")}`, minutes === undefined ? "" : `−${minutes}`]
    .join(" ")
    .trim();
}

function stamp(seconds: number): UTCTimestamp {
  if (isStamp(seconds)) return seconds;
  throw new Error(`${seconds} is no time`);
}

function isStamp(seconds: number): seconds is UTCTimestamp {
  return Number.isFinite(seconds);
}

const DAY_MS = 86_400_000;

/** The days whose bars a flat file may still correct, as instants; one day ends where the next begins. */
function provisionalSpans({ days, dataset }: Chart): (readonly [number, number])[] {
  const seconds = clockSecondsIn(zoneOf(dataset));
  return days
    .filter(({ provisional }) => provisional)
    .map(({ date }) => {
      const midnightMs = Date.parse(`${date}T00:00:00Z`);
      const aheadMs = seconds(midnightMs) * 1000 - midnightMs;
      return [midnightMs - aheadMs, midnightMs - aheadMs + DAY_MS];
    });
}
