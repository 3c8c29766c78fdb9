import type { Overview } from "./answers.ts";
import { onSchemeChange } from "./colours.ts";
import { element } from "./elements.ts";
import { drawLegend, legendOf } from "./legend.ts";
import { SymbolSection } from "./symbol-section.ts";
import type { View } from "./view.ts";
import { plural } from "./words.ts";

/** Calendars this far out of sight are drawn ahead. */
const AHEAD = "300px";
/** More symbols than anybody scrolls through are found by their name. */
const MOST_SHOWN = 200;

/** The coverage: a calendar for each symbol, fetched and drawn when it comes into sight. */
export function coverageView(place: HTMLElement, overview: Overview): View {
  const sections = new Map<Element, SymbolSection>();
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) sections.get(target)?.sees(isIntersecting);
    },
    { rootMargin: AHEAD },
  );
  const legend = legendOf();
  const list = element("div");
  const filter = element("input", { attributes: { type: "search", placeholder: "SPX" } });
  const fill = () => {
    seen.disconnect();
    sections.clear();
    const wanted = filter.value.trim().toUpperCase();
    const found = overview.symbols.filter(({ symbol }) => symbol.toUpperCase().includes(wanted));
    for (const symbol of found.slice(0, MOST_SHOWN)) {
      const section = new SymbolSection(symbol, overview);
      sections.set(section.root, section);
    }
    list.replaceChildren(...sections.keys());
    if (found.length === 0) list.append(element("p", { text: nothingText(overview) }));
    if (found.length > MOST_SHOWN)
      list.append(
        element("p", {
          class: "quiet",
          text: `… and ${plural(found.length - MOST_SHOWN, "more symbol")}: type a part of the name above.`,
        }),
      );
    for (const root of sections.keys()) seen.observe(root);
  };
  const redraw = () => {
    for (const section of sections.values()) section.draw();
    drawLegend(legend);
  };
  filter.addEventListener("input", fill);
  place.replaceChildren(
    element("div", { class: "controls", children: [element("label", { children: ["Symbol", filter] })] }),
    legend,
    list,
  );
  fill();
  drawLegend(legend);
  addEventListener("resize", redraw);
  const stopFollowing = onSchemeChange(redraw);
  return {
    async refresh() {
      await Promise.all([...sections.values()].map((section) => section.refresh()));
    },
    close() {
      seen.disconnect();
      removeEventListener("resize", redraw);
      stopFollowing();
    },
  };
}

function nothingText({ symbols }: Overview): string {
  return symbols.length === 0
    ? "Nothing is cached yet: massive-backfill hybrid --symbols=SPX,NDX --days=90"
    : "No symbol has that in its name.";
}
