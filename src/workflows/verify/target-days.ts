import type { Batch } from "../../cache/batches.ts";
import type { Bar } from "../../core/bar.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { timeframeName } from "../../core/timeframes.ts";
import { copyText } from "../../postgres/copy-text.ts";
import type { BarRange } from "../../postgres/held-bars.ts";
import type { TargetTable } from "../../postgres/table.ts";

/** Bars that one statement is asked about: enough to keep the server busy, and little to wait for. */
const GROUP_BARS = 50_000;
const GROUP_DAYS = 500;

/** A day of a symbol that the target is known to have. */
export interface SyncedDay {
  readonly symbol: TrackedSymbol;
  readonly batch: Batch;
}

/** A day with its bars, and where they stand in the table; no range for a day without bars. */
export interface ComparedDay extends SyncedDay {
  readonly bars: readonly Bar[];
  readonly range: BarRange | null;
  /** Window starts of bars that the target has forgotten with it. */
  readonly forgotten: readonly number[];
}

/** Puts days together to what one statement is asked about. */
export function* groupsOf(days: readonly SyncedDay[]): Generator<SyncedDay[]> {
  let group: SyncedDay[] = [];
  let bars = 0;
  for (const day of days) {
    if (group.length > 0 && (bars + day.batch.barCount > GROUP_BARS || group.length === GROUP_DAYS)) {
      yield group;
      group = [];
      bars = 0;
    }
    group.push(day);
    bars += day.batch.barCount;
  }
  if (group.length > 0) yield group;
}

/** From the first bar of a day to the last; null for a day without bars. */
export function rangeOf({ symbol, batch }: SyncedDay, bars: readonly Bar[]): BarRange | null {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return null;
  const timeframe = timeframeName(batch.timeframeMinutes);
  return { symbol: symbol.symbol, timeframe, firstMs: first.windowStartMs, lastMs: last.windowStartMs };
}

/** The bars of a day as COPY would be given them, of which both sides make a checksum. */
export function textOf({ bars, range }: ComparedDay, table: TargetTable): string {
  return range === null ? "" : copyText({ symbol: range.symbol, timeframe: range.timeframe, bars }, table);
}
