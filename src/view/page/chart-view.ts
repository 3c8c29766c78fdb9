import { priceDecimals } from "../../core/price-decimals.ts";
import type { Chart, ChartBar, Overview, OverviewSymbol } from "./answers.ts";
import { api } from "./api.ts";
import type { CandleChart, Palette } from "./candle-chart.ts";
import { AUTO, ChartControls, type Question } from "./chart-controls.ts";
import { addDays, nextDay, timeframeFor } from "./chart-range.ts";
import { knownName } from "./known-name.ts";
import { barWords, chartFacts } from "./chart-words.ts";
import { colour, onSchemeChange } from "./colours.ts";
import { element, table, tell } from "./elements.ts";
import { chartAddress } from "./route.ts";
import { showTrouble } from "./trouble.ts";
import type { View } from "./view.ts";
import { amountText, countText, priceTexts } from "./words.ts";
import { clockSecondsIn, clockWords, zoneOf } from "./zone-time.ts";

const MOST_ROWS = 1000;

/** A candlestick chart of any symbol, days and timeframe. */
export function chartView(place: HTMLElement, overview: Overview): View {
  return new ChartView(place, overview);
}

class ChartView implements View {
  readonly #controls: ChartControls;
  readonly #chartPlace = element("div", { attributes: { id: "chart", role: "img" } });
  readonly #readout = element("p", { class: "readout", attributes: { id: "readout" } });
  readonly #facts = element("p", { class: "quiet", attributes: { id: "facts" } });
  readonly #trouble = element("div");
  readonly #rows = element("details", { children: [element("summary", { text: "The bars as a table" })] });
  #overview: Overview;
  #query = new URLSearchParams();
  #drawn: CandleChart | null = null;
  #shown: Chart | null = null;
  #price = priceTexts(2);
  #asked = 0;

  constructor(place: HTMLElement, overview: Overview) {
    this.#overview = overview;
    this.#controls = new ChartControls(overview.timeframes, {
      ask: (question, how) => this.#go(question, how),
      step: (direction) => this.#step(direction),
      last: (days) => this.#last(days),
    });
    this.#rows.addEventListener("toggle", () => this.#fillRows());
    place.replaceChildren(
      this.#controls.form,
      this.#trouble,
      this.#readout,
      this.#chartPlace,
      this.#facts,
      this.#rows,
    );
    onSchemeChange(() => this.#drawn?.paint(palette()));
  }

  async ask(query: URLSearchParams): Promise<void> {
    this.#query = query;
    await this.#load("asked");
  }

  async refresh(overview: Overview): Promise<void> {
    this.#overview = overview;
    await this.#load("refreshed");
  }

  async #load(how: "asked" | "refreshed"): Promise<void> {
    const number = ++this.#asked;
    this.#controls.offer(this.#overview.symbols);
    const question = this.#question();
    if (question === null) {
      this.#hide();
      this.#facts.textContent = "Nothing is cached yet.";
      return;
    }
    if (how === "asked") this.#controls.say(question);
    this.#chartPlace.setAttribute("aria-busy", "true");
    if (this.#shown === null) this.#facts.textContent = "Loading…";
    try {
      const [chart, { CandleChart }] = await Promise.all([
        this.#fetch(question),
        import("./candle-chart.ts"),
      ]);
      // A later question may have been answered before this one.
      if (number !== this.#asked) return;
      this.#trouble.replaceChildren();
      this.#shown = chart;
      this.#price = priceTexts(priceDecimals(chart.bars));
      this.#chartPlace.hidden = chart.bars.length === 0;
      this.#drawn ??= new CandleChart(this.#chartPlace, palette(), (bar) => this.#read(bar));
      this.#drawn.show(chart);
      this.#controls.say({ ...chart, timeframe: question.timeframe });
      this.#describe(chart);
      // What a run adds all the time would drown everything else.
      if (how === "asked") tell(this.#facts.textContent);
      if (this.#rows.open) this.#fillRows();
    } catch (error) {
      if (number !== this.#asked) return;
      this.#hide();
      showTrouble(this.#trouble, error, () => this.#load(how));
    } finally {
      if (number === this.#asked) this.#chartPlace.removeAttribute("aria-busy");
    }
  }

  /** What the address asks for; null if there is nothing to ask for. */
  #question(): Question | null {
    const asked = (name: string) => {
      const text = this.#query.get(name);
      return text === "" ? null : text;
    };
    const { symbols } = this.#overview;
    const named = asked("symbol") ?? symbols[0]?.symbol;
    if (named === undefined) return null;
    const symbol = knownName(named, symbols);
    const to = asked("to") ?? this.#lastDayOf(symbol) ?? asked("from") ?? "";
    return { symbol, timeframe: asked("timeframe") ?? AUTO, from: asked("from") ?? to, to };
  }

  #fetch({ symbol, timeframe, from, to }: Question): Promise<Chart> {
    const chosen = timeframe === AUTO ? timeframeFor(this.#datasetOf(symbol), from, to) : timeframe;
    return api.bars({ symbol, timeframe: chosen, ...(from !== "" && { from }), ...(to !== "" && { to }) });
  }

  /** What cannot be shown leaves no earlier chart under another name. */
  #hide(): void {
    this.#shown = null;
    this.#chartPlace.hidden = true;
    this.#readout.textContent = "";
    this.#facts.textContent = "";
    this.#rows.hidden = true;
    this.#trouble.replaceChildren();
  }

  #go({ timeframe, ...rest }: Question, how: "next" | "instead"): void {
    const address = chartAddress({ ...rest, ...(timeframe !== AUTO && { timeframe }) });
    if (how === "next") location.hash = address;
    else location.replace(address);
  }

  #step(direction: number): void {
    const { question } = this.#controls;
    const date = nextDay(this.#datasetOf(question.symbol), this.#dayOf(question), direction);
    this.#go({ ...question, from: date, to: date }, "next");
  }

  #last(days: number): void {
    const { question } = this.#controls;
    const to = this.#lastDayOf(question.symbol) ?? this.#dayOf(question);
    const from = addDays(to, -days);
    // Days before the first one that was ever asked for are none that lack.
    const first = this.#known(question.symbol)?.first ?? from;
    this.#go({ ...question, timeframe: AUTO, from: first > from && first <= to ? first : from, to }, "next");
  }

  /** The last day that is asked for, also where its field was emptied. */
  #dayOf({ symbol, to }: Question): string {
    return to === "" ? (this.#lastDayOf(symbol) ?? this.#overview.today) : to;
  }

  #known(name: string): OverviewSymbol | undefined {
    return this.#overview.symbols.find(({ symbol }) => symbol === name);
  }

  #lastDayOf(symbol: string): string | null {
    return this.#known(symbol)?.last ?? null;
  }

  #datasetOf(symbol: string): string {
    return this.#known(symbol)?.dataset ?? "";
  }

  #read(bar: ChartBar | null): void {
    const told = bar ?? this.#shown?.bars.at(-1);
    this.#readout.textContent =
      told === undefined || this.#shown === null ? "" : barWords(told, this.#shown, this.#price);
  }

  #describe(chart: Chart): void {
    const facts = chartFacts(chart);
    this.#facts.textContent = facts.join("; ");
    this.#chartPlace.setAttribute("aria-label", `Candlestick chart of ${facts[0] ?? ""}`);
    this.#rows.hidden = chart.bars.length === 0;
    this.#read(null);
  }

  /** The bars for those who cannot see the chart; filled when it is opened. */
  #fillRows(): void {
    if (!this.#rows.open || this.#shown === null) return;
    const { bars, dataset, timeframe } = this.#shown;
    const seconds = clockSecondsIn(zoneOf(dataset));
    const names = ["Time", "Open", "High", "Low", "Close", "Volume"];
    const rows = bars
      .slice(-MOST_ROWS)
      .map((bar) => [
        clockWords(seconds(bar.timestamp), timeframe === "1d"),
        ...[bar.open, bar.high, bar.low, bar.close].map(this.#price),
        bar.volume === null ? "" : amountText(bar.volume),
      ]);
    const shown = table(
      "The bars",
      names.map((name, index) => ({ name, isNumber: index > 0 })),
      rows,
    );
    const more =
      bars.length > MOST_ROWS ? `The last ${countText(MOST_ROWS)} of ${countText(bars.length)} bars` : "";
    const [summary] = this.#rows.children;
    this.#rows.replaceChildren(
      ...(summary === undefined ? [] : [summary]),
      element("p", { class: "quiet", text: more }),
      shown,
    );
  }
}

function palette(): Palette {
  return {
    paper: colour("paper"),
    ink: colour("ink"),
    line: colour("line"),
    up: colour("up"),
    down: colour("down"),
    hole: colour("missing"),
    shade: colour("shade"),
  };
}
