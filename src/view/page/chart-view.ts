import type { Chart, ChartBar } from "./answers.ts";
import type { Overview } from "./answers.ts";
import { api } from "./api.ts";
import type { CandleChart, Palette } from "./candle-chart.ts";
import { colour, onSchemeChange } from "./colours.ts";
import { LOOKS } from "./day-looks.ts";
import { element, table, tell } from "./elements.ts";
import { chartAddress } from "./route.ts";
import { showTrouble } from "./trouble.ts";
import type { View } from "./view.ts";
import { countText, plural, priceText } from "./words.ts";
import { clockSecondsIn, clockWords, zoneOf } from "./zone-time.ts";

const DAY_MS = 86_400_000;
const MOST_ROWS = 1000;
const [SUNDAY, SATURDAY] = [0, 6];
/** The timeframe for a range of up to so many days, where the reader has not chosen one. */
const BY_DAYS = [
  [3, "1m"],
  [12, "5m"],
  [45, "30m"],
  [150, "1h"],
] as const;
const RANGES = [
  ["Day", 0],
  ["Week", 7],
  ["Month", 30],
  ["Year", 365],
  ["5 years", 1826],
] as const;

/** A candlestick chart of any symbol, days and timeframe. */
export function chartView(place: HTMLElement, overview: Overview): View {
  return new ChartView(place, overview);
}

class ChartView implements View {
  readonly #overview: Overview;
  readonly #symbol = element("input", {
    attributes: { list: "symbols", name: "symbol", autocomplete: "off" },
  });
  readonly #timeframe: HTMLSelectElement;
  readonly #from = element("input", { attributes: { type: "date", name: "from" } });
  readonly #to = element("input", { attributes: { type: "date", name: "to" } });
  readonly #chartPlace = element("div", { attributes: { id: "chart", role: "img" } });
  readonly #readout = element("p", { class: "readout", attributes: { id: "readout" } });
  readonly #facts = element("p", { class: "quiet", attributes: { id: "facts" } });
  readonly #trouble = element("div");
  readonly #rows = element("details", { children: [element("summary", { text: "The bars as a table" })] });
  readonly #stopFollowing: () => void;
  #query = new URLSearchParams();
  #drawn: CandleChart | null = null;
  #shown: Chart | null = null;
  #asked = 0;

  constructor(place: HTMLElement, overview: Overview) {
    this.#overview = overview;
    this.#timeframe = element("select", {
      attributes: { name: "timeframe" },
      children: ["auto", ...overview.timeframes].map((name) => element("option", { text: name })),
    });
    const names = overview.symbols.map(({ symbol }) => element("option", { attributes: { value: symbol } }));
    const form = element("form", {
      class: "controls",
      children: [
        element("label", { children: ["Symbol", this.#symbol] }),
        element("label", { children: ["Timeframe", this.#timeframe] }),
        element("label", { children: ["From", this.#from] }),
        element("label", { children: ["To", this.#to] }),
        this.#button("◀", "The day before", () => this.#step(-1)),
        this.#button("▶", "The day after", () => this.#step(1)),
        ...RANGES.map(([name, days]) =>
          this.#button(name, `The last ${name.toLowerCase()}`, () => this.#last(days)),
        ),
      ],
    });
    for (const control of [this.#symbol, this.#timeframe, this.#from, this.#to])
      control.addEventListener("change", () => this.#go({}));
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#rows.addEventListener("toggle", () => this.#fillRows());
    place.replaceChildren(
      form,
      element("datalist", { attributes: { id: "symbols" }, children: names }),
      this.#trouble,
      this.#readout,
      this.#chartPlace,
      this.#facts,
      this.#rows,
    );
    this.#stopFollowing = onSchemeChange(() => this.#drawn?.paint(palette()));
  }

  async ask(query: URLSearchParams): Promise<void> {
    this.#query = query;
    await this.#load(false);
  }

  async refresh(): Promise<void> {
    await this.#load(true);
  }

  close(): void {
    this.#stopFollowing();
    this.#drawn?.remove();
    this.#drawn = null;
  }

  #button(text: string, title: string, act: () => void): HTMLButtonElement {
    const button = element("button", { text, attributes: { type: "button", title, "aria-label": title } });
    button.addEventListener("click", act);
    return button;
  }

  async #load(keepsZoom: boolean): Promise<void> {
    const number = ++this.#asked;
    const symbol = this.#query.get("symbol") ?? this.#overview.symbols[0]?.symbol;
    if (symbol === undefined) {
      this.#facts.textContent = "Nothing is cached yet.";
      return;
    }
    try {
      const [chart, { CandleChart }] = await Promise.all([this.#fetch(symbol), import("./candle-chart.ts")]);
      // A later question may have been answered before this one.
      if (number !== this.#asked) return;
      this.#trouble.replaceChildren();
      this.#shown = chart;
      this.#drawn ??= new CandleChart(this.#chartPlace, palette(), (bar) => this.#read(bar));
      this.#drawn.show(chart, keepsZoom);
      this.#fillControls(chart);
      this.#describe(chart);
      if (this.#rows.open) this.#fillRows();
    } catch (error) {
      showTrouble(this.#trouble, error, () => this.#load(keepsZoom));
    }
  }

  #fetch(symbol: string): Promise<Chart> {
    const [from, to] = [this.#query.get("from"), this.#query.get("to")];
    const chosen = this.#query.get("timeframe") ?? "auto";
    const days = from === null || to === null ? 0 : (Date.parse(to) - Date.parse(from)) / DAY_MS;
    const timeframe = chosen === "auto" ? (BY_DAYS.find(([most]) => days < most)?.[1] ?? "1d") : chosen;
    return api.bars({ symbol, timeframe, ...(from !== null && { from }), ...(to !== null && { to }) });
  }

  #fillControls({ symbol, from, to }: Chart): void {
    this.#symbol.value = symbol;
    this.#timeframe.value = this.#query.get("timeframe") ?? "auto";
    this.#from.value = from;
    this.#to.value = to;
  }

  #go(changes: Readonly<Record<string, string>>): void {
    const timeframe = this.#timeframe.value;
    location.hash = chartAddress({
      symbol: this.#symbol.value.trim(),
      from: this.#from.value,
      to: this.#to.value < this.#from.value ? this.#from.value : this.#to.value,
      ...(timeframe !== "auto" && { timeframe }),
      ...changes,
    });
  }

  /** To the next or last day, leaving out weekends of what does not trade then. */
  #step(days: number): void {
    let date = addDays(this.#to.value, days);
    while (isAtRest(this.#shown?.dataset ?? "", date)) date = addDays(date, days);
    this.#go({ from: date, to: date });
  }

  #last(days: number): void {
    const to =
      this.#overview.symbols.find(({ symbol }) => symbol === this.#symbol.value)?.last ?? this.#to.value;
    this.#timeframe.value = "auto";
    this.#go({ from: addDays(to, -days), to });
  }

  #read(bar: ChartBar | null): void {
    this.#readout.textContent =
      bar === null || this.#shown === null ? this.#lastBar() : barWords(bar, this.#shown);
  }

  #lastBar(): string {
    const last = this.#shown?.bars.at(-1);
    return last === undefined || this.#shown === null ? "" : barWords(last, this.#shown);
  }

  #describe(chart: Chart): void {
    const { symbol, dataset, timeframe, from, to, bars, holes, days, made } = chart;
    const span = from === to ? from : `${from} to ${to}`;
    const provisional = days.filter((day) => day.provisional).length;
    const lacking = holes.reduce((sum, { minutes }) => sum + minutes, 0);
    const facts = [
      `${symbol}, ${span}: ${plural(bars.length, `${timeframe} bar`)}, ${dataset === "crypto" ? "UTC" : "New York time"}`,
      made === "now" ? "made now from the minutes" : "",
      from === to ? dayState(chart) : "",
      lacking > 0 ? `${plural(lacking, "minute")} without a bar (squares)` : "",
      provisional > 0
        ? `${plural(provisional, "day")} provisional, a flat file may correct them (shaded)`
        : "",
    ].filter((fact) => fact !== "");
    this.#facts.textContent = facts.join("; ");
    this.#chartPlace.setAttribute("aria-label", `Candlestick chart of ${facts[0] ?? ""}`);
    this.#read(null);
    tell(facts.join("; "));
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
        ...[bar.open, bar.high, bar.low, bar.close].map(priceText),
        bar.volume === null ? "" : countText(bar.volume),
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

/** Whether a dataset has no bars on that day of any week: crypto trades every day, forex from Sunday on. */
function isAtRest(dataset: string, date: string): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  if (dataset === "crypto") return false;
  return weekday === SATURDAY || (weekday === SUNDAY && dataset !== "forex");
}

function dayState({ days }: Chart): string {
  const [day] = days;
  if (day === undefined) return "";
  const source = day.source === null ? "" : day.source === "api" ? ", from the API" : ", from its flat file";
  return `${LOOKS[day.state].words}${source}`;
}

function barWords(bar: ChartBar, { dataset, timeframe }: Chart): string {
  const time = clockWords(clockSecondsIn(zoneOf(dataset))(bar.timestamp), timeframe === "1d");
  const volume = bar.volume === null ? "" : `  Volume ${countText(bar.volume)}`;
  const incomplete = bar.incomplete ? "  (lacks minutes)" : "";
  return `${time}  Open ${priceText(bar.open)}  High ${priceText(bar.high)}  Low ${priceText(bar.low)}  Close ${priceText(bar.close)}${volume}${incomplete}`;
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
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
