import type { Bar } from "../core/bar.ts";

const FIELDS_PER_BAR = 8;

/**
 * A fingerprint of bars in time order: xxHash64 over their eight fields as little-endian doubles (NaN for null),
 * as 16 hex digits. Equal bars have equal fingerprints on every machine.
 */
export function contentHash(bars: readonly Bar[]): string {
  const values = new Float64Array(bars.length * FIELDS_PER_BAR);
  let at = 0;
  // Adding 0 makes -0 the 0 as which SQLite gives it back.
  for (const bar of bars) {
    values[at++] = bar.windowStartMs;
    values[at++] = bar.open + 0;
    values[at++] = bar.high + 0;
    values[at++] = bar.low + 0;
    values[at++] = bar.close + 0;
    values[at++] = (bar.volume ?? Number.NaN) + 0;
    values[at++] = (bar.vwap ?? Number.NaN) + 0;
    values[at++] = (bar.transactions ?? Number.NaN) + 0;
  }
  return Bun.hash.xxHash64(new Uint8Array(values.buffer)).toString(16).padStart(16, "0");
}
