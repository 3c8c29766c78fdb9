import type { Bar } from "./bar.ts";

export interface MergedBars {
  /** In time order, one bar a minute. */
  readonly bars: Bar[];
  /** Bars left out because an equal one was there already. */
  readonly duplicates: number;
  /** Bars left out because an earlier one of the same minute says something else. */
  readonly conflicts: readonly Bar[];
}

/** Puts bars of one symbol in time order and keeps the first of each minute. */
export function mergeBars(bars: readonly Bar[]): MergedBars {
  if (isAscending(bars)) return { bars: [...bars], duplicates: 0, conflicts: [] };
  const merged: Bar[] = [];
  const conflicts: Bar[] = [];
  let duplicates = 0;
  // toSorted is stable, so of two bars of one minute the one that came first stays first.
  for (const bar of bars.toSorted((a, b) => a.windowStartMs - b.windowStartMs)) {
    const last = merged.at(-1);
    if (last === undefined || last.windowStartMs !== bar.windowStartMs) merged.push(bar);
    else if (sameBar(last, bar)) duplicates++;
    else conflicts.push(bar);
  }
  return { bars: merged, duplicates, conflicts };
}

function isAscending(bars: readonly Bar[]): boolean {
  let previousMs = Number.NEGATIVE_INFINITY;
  for (const { windowStartMs } of bars) {
    if (windowStartMs <= previousMs) return false;
    previousMs = windowStartMs;
  }
  return true;
}

/** Whether two bars say the same. */
export function sameBar(a: Bar, b: Bar): boolean {
  return (
    a.windowStartMs === b.windowStartMs &&
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume &&
    a.vwap === b.vwap &&
    a.transactions === b.transactions
  );
}

/** What later blocks of rows of a ticker say of minutes that an earlier one has. */
export interface BlockOverlap {
  /** Bars left out because an equal one was there already. */
  readonly duplicates: number;
  /** Bars left out because an earlier one of the same minute says something else. */
  readonly conflicts: readonly { readonly ticker: string; readonly bar: Bar }[];
}
