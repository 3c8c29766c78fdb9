import type { Overview } from "./answers.ts";
import { onSchemeChange } from "./colours.ts";
import { element } from "./elements.ts";
import { drawLegend, legendOf } from "./legend.ts";
import { SymbolSection } from "./symbol-section.ts";
import type { View } from "./view.ts";
import { plural } from "./words.ts";

/** Calendars this far out of sight are drawn ahead. */
const AHEAD = "300px";
/** So many calendars are in sight on any screen. */
const FIRST_IN_SIGHT = 3;
/** More symbols than anybody scrolls through are found by their name. */
const MOST_SHOWN = 200;

/** The coverage: a calendar for each symbol, fetched and drawn when it comes into sight. */
export function coverageView(place: HTMLElement, overview: Overview): View {
  return new CoverageView(place, overview);
}

class CoverageView implements View {
  readonly #legend = legendOf();
  readonly #list = element("div");
  readonly #more = element("p", { class: "quiet" });
  readonly #filter = element("input", { attributes: { type: "search", placeholder: "SPX" } });
  readonly #seen: IntersectionObserver;
  #overview: Overview;
  /** By what is found in sight. */
  #sections = new Map<Element, SymbolSection>();

  constructor(place: HTMLElement, overview: Overview) {
    this.#overview = overview;
    this.#seen = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) this.#sections.get(target)?.sees(isIntersecting);
      },
      { rootMargin: AHEAD },
    );
    const label = element("label", { children: ["Symbol", this.#filter] });
    place.replaceChildren(
      element("div", { class: "controls", children: [label] }),
      this.#legend,
      this.#list,
      this.#more,
    );
    this.#filter.addEventListener("input", () => this.#fill());
    addEventListener("resize", () => this.#redraw());
    onSchemeChange(() => this.#redraw());
    drawLegend(this.#legend);
  }

  async refresh(overview: Overview): Promise<void> {
    this.#overview = overview;
    const before = [...this.#sections.values()];
    this.#fill();
    await Promise.all(before.map((section) => section.refresh()));
  }

  /** Brings the list in line with the symbols that are wanted; those that are there stay as they are. */
  #fill(): void {
    const wanted = this.#filter.value.trim().toUpperCase();
    const found = this.#overview.symbols.filter(({ symbol }) => symbol.toUpperCase().includes(wanted));
    const before = new Map([...this.#sections.values()].map((section) => [section.ticker, section]));
    const sections = found
      .slice(0, MOST_SHOWN)
      .map((symbol) => before.get(symbol.ticker) ?? new SymbolSection(symbol, this.#overview.to));
    this.#sections = new Map(sections.map((section) => [section.root, section]));
    for (const { root } of before.values())
      if (!this.#sections.has(root)) {
        this.#seen.unobserve(root);
        root.remove();
      }
    let place = this.#list.firstElementChild;
    for (const { root } of sections)
      if (root === place) place = place.nextElementSibling;
      else {
        this.#list.insertBefore(root, place);
        this.#seen.observe(root);
      }
    // Whether they are in sight is known a moment later, which nobody should wait for.
    for (const section of sections.slice(0, FIRST_IN_SIGHT))
      if (!before.has(section.ticker)) section.sees(true);
    this.#more.textContent = moreText(found.length, this.#overview);
  }

  #redraw(): void {
    for (const section of this.#sections.values()) section.draw();
    drawLegend(this.#legend);
  }
}

/** What stands below the list; empty where it is all there is. */
function moreText(found: number, { symbols }: Overview): string {
  if (symbols.length === 0)
    return "Nothing is cached yet: massive-backfill hybrid --symbols=SPX,NDX --days=90";
  if (found === 0) return "No symbol has that in its name.";
  return found > MOST_SHOWN
    ? `… and ${plural(found - MOST_SHOWN, "more symbol")}: type a part of the name above.`
    : "";
}
