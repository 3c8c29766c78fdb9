import { formatBytes, formatCount, plural } from "../../../core/format.ts";
import { DAY_STATES } from "../../../workflows/coverage/day-state.ts";
import type { CoverageTotals, SymbolCoverage } from "../../../workflows/coverage/symbol-coverage.ts";
import type { Status } from "../../../workflows/coverage/status.ts";
import { CELL_KINDS, CELLS, cellKind, painted, type CellKind } from "./cells.ts";

const NO_DAYS: Readonly<Record<CellKind, number>> = {
  complete: 0,
  suspicious: 0,
  partial: 0,
  partialApi: 0,
  provisional: 0,
  pending: 0,
  missing: 0,
  failed: 0,
  absent: 0,
  denied: 0,
  closed: 0,
};

/** The rows of the table of symbols that are shown; those with gaps come first if there are more. */
const MAX_SYMBOLS = 20;

type TableTotals = Pick<
  CoverageTotals,
  "bars" | "flatfile" | "api" | "missing" | "partial" | "failed" | "unsynced" | "first" | "last"
>;

interface Column {
  readonly title: string;
  readonly isText?: boolean;
  readonly value: (coverage: { readonly symbol: string; readonly totals: TableTotals }) => string;
}

const gapsOf = ({ missing, partial, failed }: TableTotals) => missing + partial + failed;

const COLUMNS: readonly Column[] = [
  { title: "symbol", isText: true, value: ({ symbol }) => symbol },
  { title: "bars", value: ({ totals }) => formatCount(totals.bars) },
  { title: "first day", value: ({ totals }) => totals.first ?? "–" },
  { title: "last day", value: ({ totals }) => totals.last ?? "–" },
  { title: "files", value: ({ totals }) => formatCount(totals.flatfile) },
  { title: "API", value: ({ totals }) => formatCount(totals.api) },
  { title: "gaps", value: ({ totals }) => formatCount(gapsOf(totals)) },
];

const UNSYNCED: Column = { title: "unsynced", value: ({ totals }) => formatCount(totals.unsynced) };

/** A table of the symbols: bars, first and last day, days by source, gaps, days that the database lacks. */
export function totalsTable({ symbols, sync }: Status): string {
  const columns = sync.target === null ? COLUMNS : [...COLUMNS, UNSYNCED];
  const shown =
    symbols.length <= MAX_SYMBOLS
      ? symbols
      : symbols.toSorted((a, b) => gapsOf(b.totals) - gapsOf(a.totals)).slice(0, MAX_SYMBOLS);
  const rows = shown.map((coverage) => columns.map(({ value }) => value(coverage)));
  if (symbols.length > 1) {
    const all = { symbol: `all ${formatCount(symbols.length)}`, totals: sumOf(symbols) };
    rows.push(columns.map(({ value }) => value(all)));
  }
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.isText === true ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  const lines = [line(columns.map(({ title }) => title)), ...rows.map((row) => line(row))];
  if (shown.length < symbols.length)
    lines.splice(
      -1,
      0,
      `… and ${formatCount(symbols.length - shown.length)} more (all with --json or --csv)`,
    );
  return `${lines.join("\n")}\n`;
}

/** What the table shows of all symbols together. */
function sumOf(symbols: readonly SymbolCoverage[]): TableTotals {
  const sum = { bars: 0, flatfile: 0, api: 0, missing: 0, partial: 0, failed: 0, unsynced: 0 };
  let [first, last]: (string | null)[] = [null, null];
  for (const { totals } of symbols) {
    sum.bars += totals.bars;
    sum.flatfile += totals.flatfile;
    sum.api += totals.api;
    sum.missing += totals.missing;
    sum.partial += totals.partial;
    sum.failed += totals.failed;
    sum.unsynced += totals.unsynced;
    first = earlier(first ?? null, totals.first);
    last = later(last ?? null, totals.last);
  }
  return { ...sum, first: first ?? null, last: last ?? null };
}

function earlier(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b < a) ? b : a;
}

function later(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b > a) ? b : a;
}

/** What the glyphs mean and how many days have each, in lines of at most `columns`. */
export function legend(
  symbols: readonly SymbolCoverage[],
  { columns, colour }: { readonly columns: number; readonly colour: boolean },
): string {
  const counts = countsOf(symbols);
  const lines: string[] = [];
  let width = 0;
  for (const kind of CELL_KINDS) {
    const count = counts[kind];
    if (count === 0) continue;
    const plain = `■ ${formatCount(count)} ${CELLS[kind].words}`;
    const entry = `${painted(kind, colour)}${plain.slice(1)}`;
    if (lines.length === 0 || width + 3 + plain.length > columns) {
      lines.push(entry);
      width = plain.length;
    } else {
      lines.push(`${lines.pop() ?? ""}   ${entry}`);
      width += 3 + plain.length;
    }
  }
  return lines.map((text) => `${text}\n`).join("");
}

/** How many days look in each way; days that are more than their state says are found one by one. */
function countsOf(symbols: readonly SymbolCoverage[]): Record<CellKind, number> {
  const counts: Record<CellKind, number> = { ...NO_DAYS };
  for (const coverage of symbols) {
    const { totals } = coverage;
    for (const state of DAY_STATES) counts[state] += totals[state];
    if (totals.suspicious + totals.partial === 0) continue;
    for (let index = 0; index < coverage.days.length; index++) {
      const kind = cellKind(coverage, index);
      if (kind !== "suspicious" && kind !== "partialApi") continue;
      counts[kind]++;
      counts[coverage.state(index)]--;
    }
  }
  return counts;
}

/** How much of the disk the cache takes. */
export function sizesText({ flatFiles }: Status, cacheBytes: number): string {
  return `Cache ${formatBytes(cacheBytes)}, ${plural(flatFiles.files, "flat file")} ${formatBytes(flatFiles.bytes)}.\n`;
}
