import { colour } from "./colours.ts";
import { drawDay, drawUnsynced, LOOKS, type Look } from "./day-looks.ts";
import { element } from "./elements.ts";

const UNSYNCED = "unsynced";
const SAMPLE = { width: 12, height: 14 };

/** What the cells of a calendar mean; `drawLegend` paints it. */
export function legendOf(): HTMLElement {
  const looks = Object.entries(LOOKS).map(([look, { words }]) => [look, words] as const);
  const items = [...looks, [UNSYNCED, "not synced to the database"] as const].map(([look, words]) =>
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
    children: [...items, element("li", { text: "(hollow: from the API)" })],
  });
}

/** Paints the cells in the colours of the present scheme. */
export function drawLegend(legend: HTMLElement): void {
  for (const canvas of legend.querySelectorAll("canvas")) {
    const look = Object.keys(LOOKS).find((name): name is Look => name === canvas.dataset["look"]);
    const pen = canvas.getContext("2d");
    if (pen === null) continue;
    canvas.style.width = `${SAMPLE.width}px`;
    canvas.style.height = `${SAMPLE.height}px`;
    pen.setTransform(2, 0, 0, 2, 0, 0);
    pen.clearRect(0, 0, SAMPLE.width, SAMPLE.height);
    if (look !== undefined) drawDay(pen, look, colour(look), [0, 0, SAMPLE.width, SAMPLE.height]);
    else drawUnsynced(pen, colour(UNSYNCED), [0, SAMPLE.height / 2 + 2, SAMPLE.width]);
  }
}
