import type { DayFiles } from "./day-files.ts";
import type { CaseResult, Finding, Series, Unit } from "./results.ts";

/** How large everything is. */
export interface Scale {
  /** Of a day's file. */
  readonly tickers: number;
  readonly minutes: number;
  /** Minutes of the day that shows that memory does not grow with the file. */
  readonly longMinutes: number;
  /** Days of the cases with several. */
  readonly days: number;
  /** Days that are fetched over 16 slow connections. */
  readonly slowDays: number;
  /** What the slow server gives to a connection. */
  readonly bytesPerSecond: number;
  /** Sessions in the cache that `status` looks at. */
  readonly statusDays: number;
  /** Symbols of the cache that has so many days of many. */
  readonly statusSymbols: number;
  /** Days of the caches that are synced: 3,125 bars each. */
  readonly syncDays: number;
  /** Days of the cache that shows that the memory of a sync does not grow with it. */
  readonly manySyncDays: number;
}

/** What a case works with. */
export interface Bench {
  readonly scale: Scale;
  readonly runs: number;
  /** Whether figures are held against their targets. */
  readonly judged: boolean;
  /** Empty at first, on the disk of the data, removed at the end. */
  readonly workFolder: string;
  /** What outlives a run, since it takes long to make. */
  readonly cacheFolder: string;
  readonly days: DayFiles;
  /** The compiled program, and the compiled peers. */
  readonly binary: string;
  readonly gunzip: string;
  readonly hello: string;
  /** Says what is under way. */
  say(text: string): void;
}

export type Measured = Omit<CaseResult, "name" | "title">;

export interface BenchCase {
  readonly name: string;
  readonly title: string;
  run(bench: Bench): Promise<Measured>;
}

export interface Promised {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** Why a missed target is missed, if that is known. */
  readonly whyMissed?: string;
}

type Judge = Pick<Bench, "judged">;

/** A figure that is to be at most `target`. */
export function atMost(bench: Judge, target: number, promised: Promised): Finding {
  return finding(bench, "≤", target, promised, promised.value <= target);
}

/** A figure that is to be at least `target`. */
export function atLeast(bench: Judge, target: number, promised: Promised): Finding {
  return finding(bench, "≥", target, promised, promised.value >= target);
}

function finding(
  { judged }: Judge,
  bound: Finding["bound"],
  target: number,
  { what, value, unit, whyMissed }: Promised,
  isReached: boolean,
): Finding {
  const reached = judged ? isReached : null;
  return { what, value, unit, bound, target, reached, note: reached === false ? (whyMissed ?? null) : null };
}

/** The result of a case that has figures. */
export function measured(
  series: readonly Series[],
  findings: readonly Finding[],
  remarks: readonly string[] = [],
): Measured {
  return { series, findings, remarks, notRun: null };
}

/** The result of a case that cannot be run here. */
export function notRun(reason: string): Measured {
  return { series: [], findings: [], remarks: [], notRun: reason };
}
