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
  type IRange,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { priceDecimals } from "../../core/price-decimals.ts";
import type { Chart, ChartBar } from "./answers.ts";
import { chartMarks, marksInSight, markText, MOST_MARKS, type ChartMark } from "./chart-marks.ts";
import { addDays } from "./chart-range.ts";
import { clockSecondsIn, midnightIn, zoneOf } from "./zone-time.ts";

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

/** About as wide as a letter of a mark's words is. */
const LETTER_PIXELS = 8;
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
  #marked: readonly ChartMark[] = [];
  #times: readonly number[] = [];
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
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && this.#marked.length > MOST_MARKS) this.#mark(range);
    });
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

  /** Shows bars: all of them, unless the reader looks at a part of the same days. */
  show(chart: Chart): void {
    const range = this.#zoomOf(chart);
    this.#shown = chart;
    this.#set(chart);
    if (range !== null) this.#chart.timeScale().setVisibleLogicalRange(range);
    else if (chart.bars.length > 0) this.#fit(chart);
  }

  /** The part in sight, in numbers of the bars to come, where that is to stay so; null where all is and more is coming. */
  #zoomOf(next: Chart): IRange<number> | null {
    const shown = this.#shown;
    const isSame =
      shown !== null &&
      (["symbol", "timeframe", "from", "to"] as const).every((name) => shown[name] === next[name]);
    if (!isSame || shown.bars.length === 0 || next.bars.length === 0) return null;
    const inSight = this.#chart.timeScale().getVisibleLogicalRange();
    if (inSight === null) return null;
    const isAll = inSight.from <= 0 && inSight.to >= shown.bars.length - 1;
    if (isAll && next.bars.length !== shown.bars.length) return null;
    // The first bar in sight stays where it is, however many come before it.
    const first = Math.max(0, Math.min(shown.bars.length - 1, Math.ceil(inSight.from)));
    const timestamp = shown.bars[first]?.timestamp ?? 0;
    const before = next.bars.findIndex((bar) => bar.timestamp >= timestamp);
    const shift = (before < 0 ? next.bars.length - 1 : before) - first;
    return { from: inSight.from + shift, to: inSight.to + shift };
  }

  /** Brings all bars into sight, and the words of marks at either end, which are written around their bar. */
  #fit({ bars }: Chart): void {
    const scale = this.#chart.timeScale();
    const roomPixelsAt = (bar: ChartBar | undefined) => {
      const mark = this.#marked.find(({ timestamp }) => timestamp === bar?.timestamp);
      return mark === undefined ? 0 : (markText(mark).length * LETTER_PIXELS) / 2;
    };
    const [before, after] = [roomPixelsAt(bars[0]), roomPixelsAt(bars.at(-1))];
    const barPixels = (scale.width() - before - after) / bars.length;
    if (before + after === 0 || barPixels <= 0) scale.fitContent();
    else scale.setVisibleLogicalRange({ from: -before / barPixels, to: bars.length - 1 + after / barPixels });
  }

  #set(chart: Chart): void {
    const seconds = clockSecondsIn(zoneOf(chart.dataset));
    const isDay = chart.timeframe === "1d";
    this.#chart.applyOptions({ timeScale: { timeVisible: !isDay } });
    this.#bars = new Map(chart.bars.map((bar) => [seconds(bar.timestamp), bar]));
    const times = [...this.#bars].toSorted(([one], [other]) => one - other);
    this.#times = times.map(([, { timestamp }]) => timestamp);
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
    const marks = chartMarks(chart);
    this.#marked = marks;
    this.#mark(this.#chart.timeScale().getVisibleLogicalRange());
    // What is painted cannot be read from a canvas: this is for tests.
    Object.assign(this.#place.dataset, {
      candles: candles.length,
      marks: marks.length,
      shaded: chart.bars.filter(isShaded).length,
    });
  }

  /** Draws the marks of the bars in sight, numbered from the first bar of the chart; of all if that is not known yet. */
  #mark(inSight: IRange<number> | null): void {
    if (this.#shown === null) return;
    const [first, last] = [0, this.#times.length - 1];
    const isFew = inSight === null || this.#marked.length <= MOST_MARKS;
    const [from, to] = isFew ? [first, last] : [Math.floor(inSight.from), Math.ceil(inSight.to)];
    const [fromMs, toMs] = [this.#times[Math.max(from, first)], this.#times[Math.min(to, last)]];
    const seconds = clockSecondsIn(zoneOf(this.#shown.dataset));
    const drawn = fromMs === undefined || toMs === undefined ? [] : marksInSight(this.#marked, fromMs, toMs);
    this.#marks.setMarkers(
      drawn.map((mark) => ({
        time: stamp(seconds(mark.timestamp)),
        position: "aboveBar",
        shape: "square",
        color: this.#palette.hole,
        text: markText(mark),
      })),
    );
    this.#place.dataset["marksDrawn"] = String(drawn.length);
  }
}

function stamp(seconds: number): UTCTimestamp {
  if (isStamp(seconds)) return seconds;
  throw new Error(`${seconds} is no time`);
}

function isStamp(seconds: number): seconds is UTCTimestamp {
  return Number.isFinite(seconds);
}

/** The days whose bars a flat file may still correct, as instants; one day ends where the next begins. */
function provisionalSpans({ days, dataset }: Chart): (readonly [number, number])[] {
  const midnightMs = midnightIn(zoneOf(dataset));
  return days
    .filter(({ provisional }) => provisional)
    .map(({ date }) => [midnightMs(date), midnightMs(addDays(date, 1))]);
}
