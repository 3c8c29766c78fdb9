import type { Overview } from "./answers.ts";
import { api } from "./api.ts";
import { byId, element, hideTip } from "./elements.ts";
import { followChanges } from "./live.ts";
import { currentRoute, type Route } from "./route.ts";
import { Stage } from "./stage.ts";
import { showTrouble } from "./trouble.ts";

const main = byId("main");
const trouble = byId("trouble");
const stage = new Stage(main);
let overview: Overview | null = null;

/** Shows where the address points to. */
async function show(): Promise<void> {
  const route = currentRoute();
  hideTip();
  showRoute(route);
  try {
    overview ??= await api.overview();
    fillFrame(overview);
    trouble.replaceChildren();
    const { view, isEntered } = stage.enter(route.view, overview);
    if (view.ask !== undefined) await view.ask(route.query);
    else if (isEntered) await view.refresh(overview);
  } catch (error) {
    stage.leave();
    showTrouble(trouble, error, show);
  }
}

/** Tells in the title and among the links where the reader is. A chart is found again by its link. */
function showRoute({ view, query }: Route): void {
  const symbol = query.get("symbol");
  const title = `${view.charAt(0).toUpperCase()}${view.slice(1)}`;
  document.title = `${symbol === null ? title : `${symbol}, ${title}`} – massive-backfill`;
  for (const link of document.querySelectorAll<HTMLElement>("nav a")) {
    const isHere = link.dataset["view"] === view;
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (isHere && view === "chart" && symbol !== null) link.setAttribute("href", location.hash);
  }
}

function fillFrame({ dataDir, version, synthetic }: Overview): void {
  byId("place").replaceChildren(
    dataDir,
    synthetic ? element("span", { class: "synthetic", text: " – synthetic bars of the demo" }) : "",
  );
  byId("version").textContent = `massive-backfill ${version}`;
}

/** Shows what is new. */
async function refresh(): Promise<void> {
  const before = overview;
  overview = await api.overview().catch(() => before);
  if (overview === null || stage.shown === null) return show();
  fillFrame(overview);
  await stage.shown.refresh(overview);
}

document.querySelector(".skip")?.addEventListener("click", (event) => {
  // The address tells the view, so that the link must not change it.
  event.preventDefault();
  main.focus();
});
history.scrollRestoration = "manual";
addEventListener("hashchange", () => void show());
addEventListener("keydown", ({ key }) => {
  if (key === "Escape") hideTip();
});
void show();
followChanges(refresh);
