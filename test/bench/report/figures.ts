import type { Finding, Unit } from "../support/results.ts";

/** A figure for people: `0.55 s`, `1.67 ×`, `349,000 rows/s`. */
export function figure(value: number, unit: Unit): string {
  return `${value.toLocaleString("en-US", digits(value, unit))} ${unit}`;
}

/** A target for people: `≤ 1.5 ×`. */
export function target({ bound, target: limit, unit }: Finding): string {
  return `${bound} ${limit.toLocaleString("en-US")} ${unit}`;
}

/** Whether it was reached, in one word. */
export function verdict({ reached }: Finding): string {
  if (reached === null) return "not judged";
  return reached ? "reached" : "missed";
}

function digits(value: number, unit: Unit): Intl.NumberFormatOptions {
  const count = unit === "rows/s" || unit === "MB" || unit === "ms" || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return { minimumFractionDigits: count, maximumFractionDigits: count };
}
