import type { DayFacts } from "../../../workflows/coverage/day-facts.ts";
import type { SymbolCoverage } from "../../../workflows/coverage/symbol-coverage.ts";
import { BY_URGENCY, cellKind, painted, type CellKind } from "./cells.ts";

/** How wide a picture may be, and whether it has colours. */
export interface GridView {
  readonly columns: number;
  readonly colour: boolean;
}

/** One row of a picture: a month, and what each of its days is; undefined for days out of the range. */
interface MonthRow {
  readonly label: string;
  readonly cells: readonly (CellKind | undefined)[];
}

const MONTH_DAYS = 31;
const CELL_WIDTH = 2;
const MONTH_WIDTH = "2024-11".length;
const BETWEEN = 4;
const LEAST_NAME_WIDTH = 6;

/** A calendar for each symbol: a row a month, a cell a day, under the days of the others; months side by side if they fit. */
export function symbolGrids(symbols: readonly SymbolCoverage[], view: GridView): string {
  const room = view.columns - MONTH_WIDTH - MONTH_DAYS * CELL_WIDTH - 2;
  const names = symbols.map(({ symbol }) => symbol.length).filter((length) => length <= room);
  const nameWidth = Math.max(LEAST_NAME_WIDTH, ...names);
  return symbols.map((coverage) => symbolGrid(coverage, nameWidth, view)).join("\n");
}

function symbolGrid(coverage: SymbolCoverage, nameWidth: number, view: GridView): string {
  const rows = monthRows(coverage.days, (index) => cellKind(coverage, index));
  const { symbol } = coverage;
  // A long name stands above its rows.
  if (symbol.length > nameWidth) return `${symbol}\n${picture(rows, view)}`;
  return picture(
    rows.map(({ label, cells }) => ({ label: `${symbol.padEnd(nameWidth)}  ${label}`, cells })),
    view,
  );
}

/** One calendar for many symbols: each day looks like that of the symbol that wants attention most. */
export function overviewGrid(symbols: readonly SymbolCoverage[], view: GridView): string {
  const [longest] = symbols.toSorted((a, b) => b.days.length - a.days.length);
  if (longest === undefined) return "";
  const worst = longest.days.map(() => BY_URGENCY.length - 1);
  const urgency = new Map(BY_URGENCY.map((kind, rank) => [kind, rank]));
  for (const coverage of symbols)
    for (let index = 0; index < worst.length; index++) {
      const rank = urgency.get(cellKind(coverage, index)) ?? 0;
      if (rank < (worst[index] ?? 0)) worst[index] = rank;
    }
  const rows = monthRows(longest.days, (index) => BY_URGENCY[worst[index] ?? 0] ?? "closed");
  const name = "ALL".padEnd(LEAST_NAME_WIDTH + 2);
  return picture(
    rows.map(({ label, cells }) => ({ label: `${name}${label}`, cells })),
    view,
  );
}

/** How many rows the calendars of these symbols have. */
export function gridRows(symbols: readonly SymbolCoverage[]): number {
  return symbols.reduce((sum, { days }) => {
    const [first, last] = [days[0]?.date ?? "", days.at(-1)?.date ?? ""];
    return sum + (monthNumber(last) - monthNumber(first) + 1);
  }, 0);
}

function monthNumber(date: string): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
}

function monthRows(days: readonly DayFacts[], kindOf: (index: number) => CellKind): MonthRow[] {
  const rows = new Map<string, (CellKind | undefined)[]>();
  for (const [index, { date }] of days.entries()) {
    const month = date.slice(0, MONTH_WIDTH);
    let cells = rows.get(month);
    if (cells === undefined) {
      cells = Array.from<CellKind | undefined>({ length: MONTH_DAYS });
      rows.set(month, cells);
    }
    cells[Number(date.slice(MONTH_WIDTH + 1)) - 1] = kindOf(index);
  }
  return [...rows].map(([label, cells]) => ({ label, cells }));
}

/** Rows below each other in as many stacks as the width has room for, under the numbers of the days. */
function picture(rows: readonly MonthRow[], { columns, colour }: GridView): string {
  const labelWidth = Math.max(0, ...rows.map(({ label }) => label.length));
  const width = labelWidth + MONTH_DAYS * CELL_WIDTH;
  const most = Math.max(1, Math.floor((columns + BETWEEN) / (width + BETWEEN)));
  const height = Math.ceil(rows.length / Math.min(most, rows.length));
  const stacks = Math.ceil(rows.length / height);
  const gap = " ".repeat(BETWEEN);
  const header = Array.from({ length: stacks }, () => `${" ".repeat(labelWidth)}${DAY_NUMBERS}`).join(gap);
  const lines = Array.from({ length: height }, (_, line) =>
    Array.from({ length: stacks }, (_unused, stack) => rows[stack * height + line])
      .flatMap((row) => (row === undefined ? [] : [rowText(row, colour)]))
      .join(gap)
      .trimEnd(),
  );
  return `${header.trimEnd()}\n${lines.join("\n")}\n`;
}

/** `5`, `10` and so on, each over its day. */
const DAY_NUMBERS = Array.from({ length: MONTH_DAYS }, (_, index) =>
  ((index + 1) % 5 === 0 ? String(index + 1) : "").padStart(CELL_WIDTH),
).join("");

function rowText({ label, cells }: MonthRow, colour: boolean): string {
  const texts = cells.map((kind) => ` ${kind === undefined ? " " : painted(kind, colour)}`);
  return `${label}${texts.join("")}`;
}
