import { GAP_STATES, type CoverageDay, type DayState } from "../../workflows/coverage.ts";
import type { StatusResult, SymbolCoverage } from "../../workflows/status.ts";
import { entitlementsText } from "./entitlements.ts";
import type { Again } from "./invocation.ts";
import { formatCount, plural } from "../../core/format.ts";

/** What the grid is printed with besides its data. */
export interface StatusView {
  readonly dataDir: string;
  readonly colour: boolean;
  readonly again: Again;
}

/** How each state looks in the grid: a glyph that tells it without colour, and an ANSI colour. */
const CELLS: Readonly<
  Record<DayState, { readonly glyph: string; readonly ansi: number; readonly words: string }>
> = {
  complete: { glyph: "■", ansi: 32, words: "complete" },
  partial: { glyph: "◧", ansi: 33, words: "partial" },
  provisional: { glyph: "□", ansi: 36, words: "provisional (API)" },
  pending: { glyph: "…", ansi: 34, words: "not published yet" },
  missing: { glyph: "?", ansi: 31, words: "missing" },
  closed: { glyph: "·", ansi: 90, words: "closed" },
  absent: { glyph: "∅", ansi: 90, words: "no bars at the source" },
  denied: { glyph: "⊘", ansi: 35, words: "not in your plan" },
  failed: { glyph: "✖", ansi: 31, words: "failed" },
};

const MAX_GAPS_SHOWN = 10;

/** The coverage as text: a row for each symbol and month, a cell for each day; then totals and gaps. */
export function statusText(result: StatusResult, view: StatusView): string {
  if (result.symbols.length === 0)
    return [
      `Nothing is cached in ${view.dataDir} yet. Begin with: ${view.again("hybrid")} --symbols=SPX,NDX --days=90\n`,
      entitlementsText(result.entitlements),
    ]
      .filter((part) => part !== "")
      .join("\n");
  const grids = result.symbols.map((symbol) => gridOf(symbol, view.colour)).join("\n");
  return [
    `Coverage of ${view.dataDir}, ${result.from} to ${result.to}, ${result.timeframe} bars\n`,
    grids,
    legend(result, view.colour),
    totalsText(result.symbols),
    gapsText(result, view),
    entitlementsText(result.entitlements),
    syncText(result, view),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function gridOf({ symbol, days }: SymbolCoverage, colour: boolean): string {
  const months = Map.groupBy(days, (day) => day.date.slice(0, 7));
  const width = Math.max(6, symbol.length);
  const header = `${" ".repeat(width + 9)}${Array.from({ length: 31 }, (_, index) => ((index + 1) % 5 === 0 ? String(index + 1).padStart(2) : "  ")).join("")}\n`;
  const rows = [...months].map(([month, cells]) => {
    const byDay = new Map(cells.map((cell) => [Number(cell.date.slice(8)), cell]));
    const row = Array.from({ length: 31 }, (_, index) => cellText(byDay.get(index + 1), colour)).join("");
    return `${symbol.padEnd(width)}  ${month}${row}`.trimEnd();
  });
  return `${header}${rows.join("\n")}\n`;
}

function cellText(day: CoverageDay | undefined, colour: boolean): string {
  return day === undefined ? "  " : ` ${painted(day.state, colour)}`;
}

function painted(state: DayState, colour: boolean): string {
  const { glyph, ansi } = CELLS[state];
  return colour ? `\u001B[${ansi}m${glyph}\u001B[39m` : glyph;
}

function legend(result: StatusResult, colour: boolean): string {
  const seen = new Set(result.symbols.flatMap((symbol) => symbol.days.map((day) => day.state)));
  const entries = [...seen].map((state) => `${painted(state, colour)} ${CELLS[state].words}`);
  return `${entries.join("   ")}\n`;
}

function totalsText(symbols: readonly SymbolCoverage[]): string {
  const width = Math.max(8, ...symbols.map(({ symbol }) => symbol.length));
  const lines = symbols.map(({ symbol, days, totals }) => {
    const counts = Object.entries(CELLS)
      .map(([state, { words }]) => [days.filter((day) => day.state === state).length, words] as const)
      .filter(([count, words]) => count > 0 && words !== CELLS.closed.words)
      .map(([count, words]) => `${formatCount(count)} ${words}`);
    return `${symbol.padEnd(width)} ${formatCount(totals.bars).padStart(10)} bars   ${counts.join(", ")}\n`;
  });
  return lines.join("");
}

function gapsText(result: StatusResult, { again }: StatusView): string {
  if (result.gaps === 0) return "No gaps.\n";
  const gapDays = result.symbols.flatMap(({ symbol, days }) =>
    days.filter((day) => GAP_STATES.has(day.state)).map((day) => ({ symbol, day })),
  );
  const gaps = gapDays.map(({ symbol, day }) => `  ${symbol} ${day.date}: ${gapWords(day)}\n`);
  const dates = gapDays.map(({ day }) => day.date).toSorted();
  const [first, last] = [dates[0], dates.at(-1)];
  const more =
    gaps.length > MAX_GAPS_SHOWN ? `  … and ${gaps.length - MAX_GAPS_SHOWN} more (all with --json)\n` : "";
  return `${plural(result.gaps, "gap")}:\n${gaps.slice(0, MAX_GAPS_SHOWN).join("")}${more}  → ${again("hybrid")} --from=${first} --to=${last} fills what can be filled.\n`;
}

function gapWords(day: CoverageDay): string {
  return day.note === null ? CELLS[day.state].words : `${CELLS[day.state].words}, ${day.note}`;
}

function syncText({ sync }: StatusResult, { again }: StatusView): string {
  if (sync.target === null) return "Postgres: none set; all bars are in the cache.\n";
  if (sync.unsyncedBatches === 0) return `Postgres: all synced to ${sync.target}.\n`;
  return `Postgres: ${plural(sync.unsyncedBatches, "batch")} (${formatCount(sync.unsyncedBars)} bars) not synced to ${sync.target}${sinceText(sync)}\n${failureText(sync)}  → ${again("sync")}\n`;
}

function sinceText({ oldestUnsyncedAt }: StatusResult["sync"]): string {
  return oldestUnsyncedAt === null ? "" : `, the oldest since ${minuteOf(oldestUnsyncedAt)}`;
}

function failureText({ lastError }: StatusResult["sync"]): string {
  return lastError === null ? "" : `  The last sync failed (${minuteOf(lastError.at)}): ${lastError.error}\n`;
}

/** An ISO time to the minute: `2024-11-22 21:00 UTC`. */
function minuteOf(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")} UTC`;
}
