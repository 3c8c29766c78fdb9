import type { DayState } from "../../../workflows/coverage/day-state.ts";
import type { SymbolCoverage } from "../../../workflows/coverage/symbol-coverage.ts";

/** How a day can look in the grid: by its state, and by its source where that makes a difference. */
export type CellKind = DayState | "partialApi" | "suspicious";

/**
 * A glyph that tells a day without colour, and an ANSI colour. Blue and orange tones rather than red and green alone, so
 * that most eyes can tell them; the order is that of the legend.
 */
export const CELLS: Readonly<
  Record<CellKind, { readonly glyph: string; readonly ansi: number; readonly words: string }>
> = {
  complete: { glyph: "■", ansi: 32, words: "complete" },
  suspicious: { glyph: "!", ansi: 93, words: "far fewer bars than usual" },
  partial: { glyph: "◧", ansi: 33, words: "partial" },
  partialApi: { glyph: "◨", ansi: 33, words: "partial (API)" },
  provisional: { glyph: "□", ansi: 36, words: "provisional (API)" },
  pending: { glyph: "…", ansi: 34, words: "not published yet" },
  missing: { glyph: "?", ansi: 31, words: "missing" },
  failed: { glyph: "✖", ansi: 31, words: "failed" },
  absent: { glyph: "∅", ansi: 90, words: "no bars at the source" },
  denied: { glyph: "⊘", ansi: 35, words: "not in your plan" },
  closed: { glyph: "·", ansi: 90, words: "closed" },
};

/** Of days that share a cell, the one that wants attention most is shown. */
export const BY_URGENCY: readonly CellKind[] = [
  "failed",
  "missing",
  "partial",
  "partialApi",
  "suspicious",
  "denied",
  "pending",
  "provisional",
  "absent",
  "complete",
  "closed",
];

export const CELL_KINDS: readonly CellKind[] = [
  "complete",
  "suspicious",
  "partial",
  "partialApi",
  "provisional",
  "pending",
  "missing",
  "failed",
  "absent",
  "denied",
  "closed",
];

/** How a day of a symbol looks. */
export function cellKind(coverage: SymbolCoverage, index: number): CellKind {
  if (coverage.usual(index) !== null) return "suspicious";
  const state = coverage.state(index);
  return state === "partial" && coverage.source(index) === "api" ? "partialApi" : state;
}

/** The glyph of a cell, painted where there are colours. */
export function painted(kind: CellKind, colour: boolean): string {
  const { glyph, ansi } = CELLS[kind];
  return colour ? `\u001B[${ansi}m${glyph}\u001B[39m` : glyph;
}
