import type { Bar } from "../../core/bar.ts";
import { dateInZone, NEW_YORK, timeInZone } from "../../core/dates.ts";

/** No calendar reaches further (ECMAScript's time range). */
const LAST_INSTANT_MS = 8.64e15 - 86_400_000;

/** When a bar begins, as a trader reads it: `09:31 New York`, with the date if that is not `date`. */
export function minuteText(windowStartMs: number, date: string): string {
  if (Math.abs(windowStartMs) > LAST_INSTANT_MS) return `stamp ${windowStartMs}`;
  // An instant is a whole number of milliseconds; a damaged stamp may be any.
  const instantMs = Math.trunc(windowStartMs);
  const barDate = dateInZone(instantMs, NEW_YORK);
  return `${barDate === date ? "" : `${barDate} `}${timeInZone(instantMs, NEW_YORK)} New York`;
}

/** The four prices of a bar in words. */
export function pricesText({ open, high, low, close }: Bar): string {
  return `open ${open}, high ${high}, low ${low}, close ${close}`;
}
