import type { Run } from "./answers.ts";
import { byId, element, tell } from "./elements.ts";
import { stepElement } from "./runs-view.ts";

/** Changes that come in quick succession are shown together. */
const SETTLE_MS = 700;
/** What takes long to show is shown less often: the run at work needs the machine too. */
const PAUSE_TIMES = 4;
/** A browser asks again by itself where nothing answers, but not where something else does. */
const AGAIN_MS = 3000;

/** Follows what other processes do with the cache: shows the run at work, and calls `changed` when there is something new. */
export function followChanges(changed: () => Promise<void>): void {
  let events: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let pauseMs = SETTLE_MS;
  const show = async () => {
    const begunMs = performance.now();
    await changed();
    pauseMs = Math.max(SETTLE_MS, (performance.now() - begunMs) * PAUSE_TIMES);
  };
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = null;
      void show();
    }, pauseMs);
  };
  let wasCut = false;
  const listen = () => {
    events = new EventSource("/api/events");
    events.addEventListener("run", ({ data }: MessageEvent<string>) => {
      showRun(data);
      // What happened while the line was cut, nobody has told.
      if (wasCut) soon();
      wasCut = false;
    });
    events.addEventListener("changed", soon);
    events.addEventListener("error", () => {
      wasCut = true;
      showGone();
      if (events?.readyState !== EventSource.CLOSED) return;
      events = null;
      setTimeout(listenIfSeen, AGAIN_MS);
    });
  };
  const listenIfSeen = () => {
    if (document.visibilityState === "visible" && events === null) listen();
  };
  // A browser has six lines to a server at most: tabs that nobody sees give theirs back.
  document.addEventListener("visibilitychange", () => {
    events?.close();
    events = null;
    wasCut = true;
    listenIfSeen();
  });
  listenIfSeen();
}

function showRun(data: string): void {
  const place = byId("live");
  const run: unknown = JSON.parse(data);
  const shown = isRun(run) ? run : null;
  place.hidden = shown === null;
  if (shown !== null)
    place.replaceChildren(element("strong", { text: `${shown.command} is at work: ` }), stepElement(shown));
  if (shown?.id === toldRun?.id) return;
  // Its steps would drown everything else.
  tell(shown === null ? `${toldRun?.command} is at work no more` : `${shown.command} is at work`);
  toldRun = shown;
}

/** The run that a screen reader was told of. */
let toldRun: Run | null = null;

const GONE = "The program does not answer: was `massive-backfill view` ended?";

function showGone(): void {
  const place = byId("live");
  place.hidden = false;
  place.replaceChildren(element("span", { class: "bad", text: GONE }));
  tell(GONE);
}

function isRun(value: unknown): value is Run {
  return typeof value === "object" && value !== null && "command" in value;
}
