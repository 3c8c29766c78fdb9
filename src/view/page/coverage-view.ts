import type { Overview, OverviewSymbol } from "./answers.ts";
import { api } from "./api.ts";
import { Calendar, calendarHeight, type CalendarDays } from "./calendar.ts";
import { colour, onSchemeChange } from "./colours.ts";
import { dayWords, drawDay, lookOf, LOOKS, type Look } from "./day-looks.ts";
import { element, table } from "./elements.ts";
import { chartAddress } from "./route.ts";
import { showTrouble } from "./trouble.ts";
import type { View } from "./view.ts";
import { countText, plural } from "./words.ts";

/** Days that want a look, as rows of the list below a calendar. */
const WANT_A_LOOK: ReadonlySet<Look> = new Set(["partial", "suspicious", "missing", "failed"]);
const MOST_LISTED = 200;
/** Calendars this far out of sight are drawn ahead. */
const AHEAD = "300px";

/** The coverage: a calendar for each symbol, fetched and drawn when it comes into sight. */
export function coverageView(place: HTMLElement, overview: Overview): View {
  const sections = new Map<Element, SymbolSection>();
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) sections.get(target)?.sees(isIntersecting);
    },
    { rootMargin: AHEAD },
  );
  const redraw = () => {
    for (const section of sections.values()) section.draw();
    drawLegend(legend);
  };
  const legend = legendOf();
  const filter = element("input", { attributes: { type: "search", placeholder: "SPX" } });
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toUpperCase();
    for (const section of sections.values()) section.hide(!section.name.toUpperCase().includes(wanted));
  });
  place.replaceChildren(
    element("div", { class: "controls", children: [element("label", { children: ["Symbol", filter] })] }),
    legend,
  );
  for (const symbol of overview.symbols) {
    const section = new SymbolSection(symbol, overview);
    sections.set(section.root, section);
    place.append(section.root);
    seen.observe(section.root);
  }
  if (overview.symbols.length === 0)
    place.append(
      element("p", { text: "Nothing is cached yet: massive-backfill hybrid --symbols=SPX,NDX --days=90" }),
    );
  drawLegend(legend);
  addEventListener("resize", redraw);
  onSchemeChange(redraw);
  return {
    async refresh() {
      await Promise.all([...sections.values()].map((section) => section.refresh()));
    },
    close() {
      seen.disconnect();
      removeEventListener("resize", redraw);
    },
  };
}

class SymbolSection {
  readonly name: string;
  readonly root: HTMLElement;
  readonly #place: HTMLElement;
  readonly #sums: HTMLElement;
  readonly #list: HTMLElement;
  #calendar: Calendar | null = null;
  #isInSight = false;
  #isStale = true;

  constructor({ symbol, dataset, days, bars, first, last }: OverviewSymbol, { from, to }: Overview) {
    this.name = symbol;
    this.#sums = element("span", { class: "quiet" });
    const span = first === null || last === null ? "" : `, ${first} to ${last}`;
    this.#sums.textContent = `${plural(days, "day")}, ${countText(bars)} bars${span}`;
    this.#place = element("div", { class: "calendar" });
    this.#place.style.minHeight = `${calendarHeight(from, to)}px`;
    this.#list = element("div");
    this.root = element("section", {
      class: "symbol",
      attributes: { "aria-label": symbol, "data-symbol": symbol },
      children: [
        element("h2", {
          children: [element("a", { text: symbol, attributes: { href: chartAddress({ symbol }) } })],
        }),
        element("span", { class: "quiet", text: `${dataset} ` }),
        this.#sums,
        this.#place,
        this.#list,
      ],
    });
  }

  sees(isInSight: boolean): void {
    this.#isInSight = isInSight;
    if (isInSight && this.#isStale) void this.#load();
  }

  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isInSight) await this.#load();
  }

  hide(isHidden: boolean): void {
    this.root.hidden = isHidden;
  }

  draw(): void {
    this.#calendar?.draw();
  }

  async #load(): Promise<void> {
    this.#isStale = false;
    try {
      const { symbols, sync } = await api.coverage(this.name);
      const [found] = symbols;
      if (found === undefined) return;
      const shown = { symbol: this.name, days: found.days, hasTarget: sync.target !== null };
      const { totals } = found;
      const gaps = totals.missing + totals.partial + totals.failed;
      const unsynced = shown.hasTarget ? `, ${plural(totals.unsynced, "day")} not synced` : "";
      this.#sums.textContent = `${countText(totals.bars)} bars, ${totals.first ?? "none"} to ${totals.last ?? "none"}, ${countText(totals.flatfile)} days from flat files, ${countText(totals.api)} from the API, ${plural(gaps, "gap")}${unsynced}`;
      if (this.#calendar === null) {
        this.#calendar = new Calendar(shown, (date) => {
          location.hash = chartAddress({ symbol: this.name, from: date, to: date });
        });
        this.#place.replaceChildren(this.#calendar.canvas);
        this.#calendar.draw();
        this.#calendar.scrollToLast();
      } else this.#calendar.show(shown);
      this.root.dataset["drawn"] = String(found.days.length);
      this.#listDays(shown);
    } catch (error) {
      this.#calendar = null;
      showTrouble(this.#place, error, () => this.#load());
    }
  }

  #listDays({ days, hasTarget }: CalendarDays): void {
    const wanted = days.filter((day) => WANT_A_LOOK.has(lookOf(day))).toReversed();
    if (wanted.length === 0) {
      this.#list.replaceChildren();
      return;
    }
    const isOpen = this.#list.querySelector("details")?.open ?? false;
    const rows = wanted.slice(0, MOST_LISTED).map((day) => {
      const href = chartAddress({ symbol: this.name, from: day.date, to: day.date });
      return [element("a", { text: day.date, attributes: { href } }), dayWords(day, hasTarget)];
    });
    const details = element("details", {
      children: [
        element("summary", { text: `${plural(wanted.length, "day")} of ${this.name} to look at` }),
        table(`Days of ${this.name} to look at`, [{ name: "Day" }, { name: "What is known" }], rows),
      ],
    });
    details.open = isOpen;
    this.#list.replaceChildren(details);
  }
}

const SAMPLE = { width: 12, height: 14 };

function legendOf(): HTMLElement {
  const items = Object.entries(LOOKS).map(([look, { words }]) =>
    element("li", {
      children: [
        element("canvas", {
          attributes: { "data-look": look, "aria-hidden": "true", width: "24", height: "28" },
        }),
        words,
      ],
    }),
  );
  return element("ul", {
    class: "legend",
    attributes: { "aria-label": "What the cells mean" },
    children: items,
  });
}

function drawLegend(legend: HTMLElement): void {
  for (const canvas of legend.querySelectorAll("canvas")) {
    const look = Object.keys(LOOKS).find((name): name is Look => name === canvas.dataset["look"]);
    const pen = canvas.getContext("2d");
    if (pen === null || look === undefined) continue;
    canvas.style.width = `${SAMPLE.width}px`;
    canvas.style.height = `${SAMPLE.height}px`;
    pen.setTransform(2, 0, 0, 2, 0, 0);
    pen.clearRect(0, 0, SAMPLE.width, SAMPLE.height);
    drawDay(pen, look, colour(look), [0, 0, SAMPLE.width, SAMPLE.height]);
  }
}
