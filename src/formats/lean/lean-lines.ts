import type { Bar } from "../../core/bar.ts";
import { decimalText, deciCents } from "./decimal-text.ts";
import type { LeanLines } from "./lean-place.ts";

/**
 * The lines of one day in Lean's minute format, without a header: milliseconds since the day's midnight (`midnightMs`, epoch
 * ms), open, high, low, close, volume. Lean has only quotes of currencies: bid and ask are both the one price we have, and
 * their sizes, which nobody knows, 0.
 */
export function leanLines(lines: LeanLines, bars: readonly Bar[], midnightMs: number): string {
  const price = lines === "scaled" ? deciCents : decimalText;
  let text = "";
  for (const { windowStartMs, open, high, low, close, volume } of bars) {
    const prices = `${price(open)},${price(high)},${price(low)},${price(close)}`;
    const rest = lines === "quote" ? `0,${prices},0` : decimalText(volume ?? 0);
    text += `${windowStartMs - midnightMs},${prices},${rest}\n`;
  }
  return text;
}
