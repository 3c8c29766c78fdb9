import { MINUTE_MS, type Bar } from "../../core/bar.ts";
import { barFault, type BarFault } from "../../core/bar-fault.ts";
import { plural } from "../../core/format.ts";
import { minuteText, pricesText } from "./bar-text.ts";
import type { DayRules } from "./day-rules.ts";

/** What can be wrong with bars whatever the manifest says of them. */
type BarFaultKind =
  | "no-number"
  | "negative-volume"
  | "high-low"
  | "part-minute"
  | "price-not-positive"
  | "wrong-date"
  | "outside-hours"
  | "closed-day"
  | "jump";

/** How many bars of a day have a fault, and the first of them, in words. */
export interface BarsAtFault {
  readonly kind: BarFaultKind;
  readonly detail: string;
}

/** What is asked of the bars of one symbol on one date. */
export interface BarRules extends DayRules {
  /** Whether every price has to be above 0: spreads, breadth and rates among the indices need not. */
  readonly positivePrices: boolean;
  /** Largest step in percent; 0 for any. */
  readonly jumpPercent: number;
}

const KINDS: Readonly<Record<BarFault, BarFaultKind>> = {
  "not a number": "no-number",
  "negative volume": "negative-volume",
  "high or low not around open and close": "high-low",
  "not a whole minute": "part-minute",
};

/** Bars further apart say nothing of a step. */
const MAX_STEP_MS = 15 * MINUTE_MS;

/** What is wrong with the bars (in time order) of one symbol on one date, by kind. */
export function judgeBars(bars: readonly Bar[], rules: BarRules): BarsAtFault[] {
  const faults = new FirstOfEach();
  if (rules.isClosed && bars[0] !== undefined) {
    const first = minuteText(bars[0].windowStartMs, rules.date);
    faults.add("closed-day", bars.length, () => `${plural(bars.length, "bar")}, the first at ${first}`);
  }
  const jumpPercent = arePrices(bars) ? rules.jumpPercent : 0;
  let before: Bar | null = null;
  for (const bar of bars) {
    const kind = kindOf(bar, rules);
    if (kind !== null) faults.add(kind, 1, (count) => barDetail(kind, bar, count, rules));
    const step = before === null ? null : stepOf(before, bar, jumpPercent);
    if (step !== null) faults.add("jump", 1, (count) => jumpDetail(bar, step, count, rules));
    before = bar;
  }
  return faults.all();
}

/** Spreads and breadth swing about zero, where percents mean nothing; a few zeros among prices are wrong prints. */
const MAX_SHARE_AT_ZERO = 0.1;

function arePrices(bars: readonly Bar[]): boolean {
  let atZero = 0;
  for (const bar of bars) if (bar.low <= 0) atZero++;
  return atZero <= bars.length * MAX_SHARE_AT_ZERO;
}

function kindOf(bar: Bar, { bounds, hours, isClosed, positivePrices }: BarRules): BarFaultKind | null {
  const fault = barFault(bar);
  if (fault !== null) return KINDS[fault];
  const { windowStartMs } = bar;
  if (windowStartMs < bounds.fromMs || windowStartMs >= bounds.toMs) return "wrong-date";
  if (!isClosed && (windowStartMs < hours.fromMs || windowStartMs >= hours.toMs)) return "outside-hours";
  // Its low is the lowest of the four.
  return positivePrices && bar.low <= 0 ? "price-not-positive" : null;
}

interface Step {
  readonly from: number;
  readonly to: number;
  readonly percent: number;
}

/** The widest step from the close before to a price of the bar, if it is beyond the limit. */
function stepOf(before: Bar, bar: Bar, limitPercent: number): Step | null {
  const from = before.close;
  // From 0 any step is without measure, and across it percents mean nothing.
  if (limitPercent === 0 || from <= 0 || bar.windowStartMs - before.windowStartMs > MAX_STEP_MS) return null;
  const limit = (from * limitPercent) / 100;
  // Of a bar whose high and low are wrong, any of the four may be the furthest.
  const highest = Math.max(bar.high, bar.open, bar.close, bar.low);
  const lowest = Math.min(bar.low, bar.open, bar.close, bar.high);
  const to = highest - from >= from - lowest ? highest : lowest;
  if (!(Math.abs(to - from) > limit)) return null;
  return { from, to, percent: ((to - from) / from) * 100 };
}

function barDetail(kind: BarFaultKind, bar: Bar, count: number, { date, hoursText }: BarRules): string {
  const place = `${plural(count, "bar")}, the first at ${minuteText(bar.windowStartMs, date)}`;
  const volume = `volume ${bar.volume ?? "none"}, trades ${bar.transactions ?? "none"}`;
  if (kind === "wrong-date") return place;
  if (kind === "outside-hours") return `${place}, hours are ${hoursText}`;
  if (kind === "part-minute") return `${place} and ${secondsOf(bar)} s`;
  if (kind === "negative-volume") return `${place}: ${volume}`;
  if (kind === "no-number") return `${place}: ${pricesText(bar)}, ${volume}`;
  return `${place}: ${pricesText(bar)}`;
}

/** Seconds into its minute at which a bar begins. */
function secondsOf({ windowStartMs }: Bar): number {
  return (((windowStartMs % MINUTE_MS) + MINUTE_MS) % MINUTE_MS) / 1000;
}

function jumpDetail(bar: Bar, { from, to, percent }: Step, count: number, rules: BarRules): string {
  const sign = percent > 0 ? "+" : "";
  return (
    `${plural(count, "step")} of more than ${rules.jumpPercent} %, the first at ` +
    `${minuteText(bar.windowStartMs, rules.date)}: from ${from} to ${to} (${sign}${percent.toFixed(1)} %)`
  );
}

/** Counts faults by kind and keeps the first of each. */
class FirstOfEach {
  readonly #found = new Map<BarFaultKind, { count: number; readonly detail: (count: number) => string }>();

  add(kind: BarFaultKind, count: number, detail: (count: number) => string): void {
    const known = this.#found.get(kind);
    if (known === undefined) this.#found.set(kind, { count, detail });
    else known.count += count;
  }

  all(): BarsAtFault[] {
    return [...this.#found].map(([kind, { count, detail }]) => ({ kind, detail: detail(count) }));
  }
}
