import type { Overview } from "./answers.ts";
import { api } from "./api.ts";
import { chartView } from "./chart-view.ts";
import { coverageView } from "./coverage-view.ts";
import { byId, element } from "./elements.ts";
import { followChanges } from "./live.ts";
import { outboxView } from "./outbox-view.ts";
import { currentRoute, type ViewName } from "./route.ts";
import { runsView } from "./runs-view.ts";
import { showTrouble } from "./trouble.ts";
import type { View } from "./view.ts";

const VIEWS: Readonly<Record<ViewName, (place: HTMLElement, overview: Overview) => View>> = {
  coverage: coverageView,
  chart: chartView,
  outbox: outboxView,
  runs: runsView,
};

const main = byId("main");
let shown: { readonly name: ViewName; readonly view: View } | null = null;
let overview: Overview | null = null;

/** Shows where the address points to. */
async function show(): Promise<void> {
  const { view: name, query } = currentRoute();
  for (const link of document.querySelectorAll("nav a"))
    if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  document.title = `${name} – massive-backfill`;
  try {
    overview ??= await api.overview();
    fillFrame(overview);
    if (shown?.name !== name) {
      shown?.view.close();
      shown = { name, view: VIEWS[name](main, overview) };
      if (name !== "coverage" && name !== "chart") await shown.view.refresh();
    }
    await shown.view.ask?.(query);
  } catch (error) {
    shown = null;
    showTrouble(main, error, show);
  }
}

function fillFrame({ dataDir, version, synthetic }: Overview): void {
  byId("place").replaceChildren(
    dataDir,
    synthetic ? element("span", { class: "synthetic", text: " – synthetic bars of the demo" }) : "",
  );
  byId("version").textContent = `massive-backfill ${version}`;
}

/** Shows what is new. Symbols that were not there before need the coverage anew. */
async function refresh(): Promise<void> {
  const before = overview;
  overview = await api.overview().catch(() => before);
  const isSame = namesIn(before) === namesIn(overview) || shown?.name !== "coverage";
  if (isSame && shown !== null) return shown.view.refresh();
  shown?.view.close();
  shown = null;
  await show();
}

function namesIn(found: Overview | null): string {
  return found?.symbols.map(({ symbol }) => symbol).join() ?? "";
}

document.querySelector(".skip")?.addEventListener("click", (event) => {
  // The address tells the view, so that the link must not change it.
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", () => void show());
void show();
followChanges(refresh);
