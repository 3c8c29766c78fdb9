import type { OverviewSymbol } from "./answers.ts";
import { api } from "./api.ts";
import { Calendar, calendarHeight, type CalendarDays } from "./calendar.ts";
import { dayWords, lookOf, type Look } from "./day-looks.ts";
import { element, table } from "./elements.ts";
import { chartAddress } from "./route.ts";
import { showTrouble } from "./trouble.ts";
import { countText, plural } from "./words.ts";

/** Days that want a look, as rows of the list below a calendar. */
const WANT_A_LOOK: ReadonlySet<Look> = new Set(["partial", "suspicious", "missing", "failed"]);
const MOST_LISTED = 200;

/** A symbol of the coverage: its sums, its calendar, and the days that want a look; fetched when it comes into sight. */
export class SymbolSection {
  readonly name: string;
  readonly ticker: string;
  readonly root: HTMLElement;
  readonly #place: HTMLElement;
  readonly #sums: HTMLElement;
  readonly #list: HTMLElement;
  #calendar: Calendar | null = null;
  #isInSight = false;
  #isStale = true;

  constructor({ symbol, ticker, dataset, first, last }: OverviewSymbol, to: string) {
    this.name = symbol;
    this.ticker = ticker;
    this.#sums = element("span", { class: "quiet" });
    this.#sums.textContent = first === null || last === null ? "" : `${first} to ${last}`;
    this.#place = element("div");
    this.#place.style.minHeight = `${calendarHeight(first ?? to, to)}px`;
    this.#list = element("div");
    this.root = element("section", {
      class: "symbol",
      attributes: { "aria-label": symbol, "data-symbol": symbol },
      children: [
        element("h2", {
          children: [element("a", { text: symbol, attributes: { href: chartAddress({ symbol }) } })],
        }),
        element("span", { class: "quiet", text: `${dataset}, ` }),
        this.#sums,
        this.#place,
        this.#list,
      ],
    });
  }

  sees(isInSight: boolean): void {
    this.#isInSight = isInSight;
    if (isInSight && this.#isStale) void this.#load();
    else if (isInSight) this.#calendar?.draw();
    else this.#calendar?.release();
  }

  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isInSight) await this.#load();
  }

  draw(): void {
    if (this.#isInSight) this.#calendar?.draw();
  }

  async #load(): Promise<void> {
    this.#isStale = false;
    try {
      const { symbols, sync } = await api.coverage(this.name);
      const [found] = symbols;
      if (found === undefined) return;
      const shown = { symbol: this.name, days: found.days, target: sync.target };
      const { totals } = found;
      const gaps = totals.missing + totals.partial + totals.failed;
      const unsynced =
        shown.target !== null ? `, ${plural(totals.unsynced, "day")} not synced to ${shown.target}` : "";
      this.#sums.textContent = `${plural(totals.bars, "bar")}, ${totals.first ?? "none"} to ${totals.last ?? "none"}, ${plural(totals.flatfile, "day")} from flat files, ${countText(totals.api)} from the API, ${plural(gaps, "gap")}${unsynced}`;
      if (this.#calendar === null) {
        this.#calendar = new Calendar(shown, (date) => {
          location.hash = chartAddress({ symbol: this.name, from: date, to: date });
        });
        this.#place.replaceChildren(this.#calendar.root);
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

  #listDays({ days, target }: CalendarDays): void {
    const wanted = days.filter((day) => WANT_A_LOOK.has(lookOf(day))).toReversed();
    if (wanted.length === 0) {
      this.#list.replaceChildren();
      return;
    }
    const isOpen = this.#list.querySelector("details")?.open ?? false;
    const rows = wanted.slice(0, MOST_LISTED).map((day) => {
      const href = chartAddress({ symbol: this.name, from: day.date, to: day.date });
      return [element("a", { text: day.date, attributes: { href } }), dayWords(day, target !== null)];
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
