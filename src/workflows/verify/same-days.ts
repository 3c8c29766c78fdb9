import type { Bar } from "../../core/bar.ts";
import { NEW_YORK, zonedTimeMs } from "../../core/dates.ts";
import { packBars, VALUES_PER_BAR } from "../../core/packed-bars.ts";

/** Of fewer bars two days can be the same by chance. */
const FEWEST_BARS = 30;
/** So often a day's close has to change: of an index that hardly moves every day is like the other. */
const FEWEST_CHANGES = 10;

const HALF_DAY_MS = 12 * 3_600_000;

/** The days of one symbol by what their bars say, to find two that are the same. */
export class SameDays {
  readonly #dates = new Map<bigint, string>();

  /** Takes the bars of a date; returns an earlier date of the same bars at the same minutes in New York, or null. */
  add(date: string, bars: readonly Bar[]): string | null {
    if (bars.length < FEWEST_BARS || changesOf(bars) < FEWEST_CHANGES) return null;
    const fingerprint = fingerprintOf(date, bars);
    const earlier = this.#dates.get(fingerprint);
    if (earlier === undefined) this.#dates.set(fingerprint, date);
    return earlier ?? null;
  }
}

function changesOf(bars: readonly Bar[]): number {
  let changes = 0;
  let close = bars[0]?.close;
  for (const bar of bars) {
    if (bar.close !== close) changes++;
    close = bar.close;
  }
  return changes;
}

/** A hash over the values of the bars, their stamps counted from the midnight that New York's noon speaks of. */
function fingerprintOf(date: string, bars: readonly Bar[]): bigint {
  const midnightMs = zonedTimeMs(date, "12:00", NEW_YORK) - HALF_DAY_MS;
  const values = packBars(bars);
  for (let at = 0; at < values.length; at += VALUES_PER_BAR) values[at] = (values[at] ?? 0) - midnightMs;
  return Bun.hash.xxHash64(new Uint8Array(values.buffer));
}
