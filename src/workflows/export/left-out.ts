import { plural } from "../../core/format.ts";

const MOST_NAMES = 10;

/** Which symbols an export for Lean leaves out, in words; there is one at least. */
export function leftOutText(symbols: readonly string[]): string {
  return `left out, for Lean has no name for ${symbols.length === 1 ? "it" : "them"}: ${someNames(symbols)}`;
}

/** How many symbols, and the first of their names. */
export function someNames(symbols: readonly string[]): string {
  const more = symbols.length > MOST_NAMES ? " …" : "";
  return `${plural(symbols.length, "symbol")} (${symbols.slice(0, MOST_NAMES).join(", ")}${more})`;
}
