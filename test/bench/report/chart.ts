import { OURS } from "../support/backfill.ts";
import type { CaseResult, Results, Series } from "../support/results.ts";
import { figure } from "./figures.ts";

/** The cases in which others do the same work. */
const CHARTED = new Set(["filter", "filter-many", "all-tickers", "download-loopback"]);

const [WIDTH, MARGIN] = [800, 16];
const [TITLE_HEIGHT, ROW_HEIGHT, GROUP_GAP] = [30, 26, 18];
const BAR_HEIGHT = 16;
const BAR_X = 290;
const LONGEST_BAR = 420;

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 14px; }
  .ours { fill: #1a7f64; }
  .peer { fill: #c4ccd4; }
  text.ours { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .ours { fill: #3fc29c; }
    .peer { fill: #4b5563; }
  }`;

/** The seconds of the cases with peers as bars, one group a case, each with a scale of its own. SVG, light and dark. */
export function performanceChart({ cases }: Results): string {
  let y = MARGIN;
  const groups: string[] = [];
  for (const one of cases.filter(({ name }) => CHARTED.has(name))) {
    const rows = one.series.filter(({ unit }) => unit === "s").toSorted((a, b) => a.median - b.median);
    if (rows.length === 0) continue;
    groups.push(group(one, rows, y));
    y += TITLE_HEIGHT + rows.length * ROW_HEIGHT + GROUP_GAP;
  }
  const height = y + MARGIN;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">\n` +
    `<title>Seconds of massive-backfill and of its peers: shorter is better</title>\n` +
    `<style>${STYLE}\n</style>\n${groups.join("")}` +
    `<text x="${MARGIN}" y="${y + 4}">Seconds, medians; shorter is better. Each group has its own scale.</text>\n</svg>\n`
  );
}

function group({ title }: CaseResult, rows: readonly Series[], y: number): string {
  const longest = Math.max(...rows.map((row) => row.median));
  const bars = rows.map((row, index) => bar(row, longest, y + TITLE_HEIGHT + index * ROW_HEIGHT));
  return `<text class="title" x="${MARGIN}" y="${y + 16}">${escaped(title)}</text>\n${bars.join("")}`;
}

function bar({ name, median, unit }: Series, longest: number, y: number): string {
  const width = Math.max(2, Math.round((median / longest) * LONGEST_BAR));
  const kind = name === OURS ? "ours" : "peer";
  const emphasis = name === OURS ? ` class="ours"` : "";
  const baseline = y + 13;
  return (
    `<text${emphasis} x="${BAR_X - 10}" y="${baseline}" text-anchor="end">${escaped(name)}</text>` +
    `<rect class="${kind}" x="${BAR_X}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="3"/>` +
    `<text${emphasis} x="${BAR_X + width + 8}" y="${baseline}">${figure(median, unit)}</text>\n`
  );
}

function escaped(text: string): string {
  return text.replaceAll("`", "").replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
