const COUNT = new Intl.NumberFormat("en-US");
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `1,234`. */
export function countText(count: number): string {
  return COUNT.format(count);
}

const AMOUNT = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 12 });
const EXACT_BELOW = 10_000;

/** What was traded, of coins a small part of one: `0.00021`, `1,234.5`; sums are no more exact than these digits. */
export function amountText(amount: number): string {
  return amount < EXACT_BELOW ? AMOUNT.format(amount) : countText(amount);
}

/** `1 day`, `2 days`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Writes prices with so many decimals: `5,969.34`. */
export function priceTexts(decimals: number): (price: number) => string {
  const format = new Intl.NumberFormat("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return (price) => format.format(price);
}

/** `8.1 GB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `2.2 s`, `3 min 05 s`, `1 h 20 min`. */
export function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < HOUR_MS)
    return `${Math.floor(ms / MINUTE_MS)} min ${String(Math.floor((ms % MINUTE_MS) / 1000)).padStart(2, "0")} s`;
  return `${Math.floor(ms / HOUR_MS)} h ${String(Math.floor((ms % HOUR_MS) / MINUTE_MS)).padStart(2, "0")} min`;
}

/** An ISO time on this machine's clock: `2024-11-22 21:00:05`. */
export function clockText(iso: string): string {
  const at = new Date(iso);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join("-");
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":")}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Gaps of a day that are named: more of them are for the chart. */
const MOST_GAPS = 6;

/** `09:31, 11:10 to 11:17 and 3 more gaps`, of gaps by their first and last minute. */
export function gapsText(gaps: readonly { readonly from: string; readonly to: string }[]): string {
  const named = gaps.slice(0, MOST_GAPS).map(({ from, to }) => (from === to ? from : `${from} to ${to}`));
  const more = gaps.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${plural(more, "more gap")}` : "");
}
