import type { Dataset } from "../../core/datasets.ts";
import { addDays, datesBetween } from "../../core/dates.ts";
import { canHaveBars } from "../../core/session-dates.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";

/** One REST question: the bars of a symbol from one date to another, wanted for `dates` among them. */
export interface PlannedRequest {
  readonly symbol: TrackedSymbol;
  readonly from: string;
  readonly to: string;
  readonly dates: readonly string[];
}

/** Bars of one page of the REST API, the most it gives: https://massive.com/docs, aggregates, `limit`. */
const PAGE_BARS = 50_000;

/** Bars that a liquid ticker has on a day: every minute of its trading hours. */
const DAY_BARS: Readonly<Record<Dataset, number>> = {
  indices: 390,
  stocks: 960,
  options: 405,
  crypto: 1440,
  forex: 1440,
};

/** The questions for the wanted dates (in order) of one symbol: as few as possible. */
export function requestsFor(symbol: TrackedSymbol, wanted: readonly string[]): PlannedRequest[] {
  return joinDates(symbol.dataset, wanted).map((dates) => ({
    symbol,
    from: dates[0] ?? "",
    to: dates.at(-1) ?? "",
    dates,
  }));
}

/** How many pages a question takes at most, each a request; a ticker that trades seldom takes fewer. */
export function pagesOf({ symbol: { dataset }, from, to }: PlannedRequest): number {
  return pagesFor(dataset, sessionsBetween(dataset, from, to));
}

function pagesFor(dataset: Dataset, sessions: number): number {
  return Math.max(1, Math.ceil((sessions * DAY_BARS[dataset]) / PAGE_BARS));
}

function sessionsBetween(dataset: Dataset, from: string, to: string): number {
  return datesBetween(from, to).filter((date) => canHaveBars(dataset, date)).length;
}

/** Dates that are asked for together: the days between them come too, as long as that spares a request. */
function joinDates(dataset: Dataset, dates: readonly string[]): string[][] {
  const runs: { readonly dates: string[]; sessions: number }[] = [];
  for (const date of dates) {
    const run = runs.at(-1);
    const last = run?.dates.at(-1);
    const missed = last === undefined ? 0 : sessionsBetween(dataset, addDays(last, 1), addDays(date, -1));
    if (run !== undefined && (missed === 0 || sparesRequest(dataset, run.sessions, missed))) {
      run.dates.push(date);
      run.sessions += missed + 1;
    } else runs.push({ dates: [date], sessions: 1 });
  }
  return runs.map((run) => run.dates);
}

/** Whether a question of so many sessions that goes on over `missed` more to another one takes no more pages. */
function sparesRequest(dataset: Dataset, sessions: number, missed: number): boolean {
  return pagesFor(dataset, sessions + missed + 1) === pagesFor(dataset, sessions);
}
