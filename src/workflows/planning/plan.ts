import { DATASETS, type Dataset } from "../../core/datasets.ts";
import { addDays, datesBetween } from "../../core/dates.ts";
import { EVERY_TICKER } from "../../core/symbols.ts";
import { decideDay, decideWholeDay, type Decision } from "./decide-day.ts";
import type { AvailableFile, PlanFacts } from "./facts.ts";
import { requestsFor, type PlannedRequest } from "./requests.ts";

/** What to do about one symbol on one date, and why. */
export interface PlannedDay extends Decision {
  readonly dataset: Dataset;
  /** The symbol's ticker; `*` for every ticker of the dataset. */
  readonly ticker: string;
  readonly date: string;
}

/** One flat file to read, for these tickers. */
export interface PlannedFile {
  readonly file: AvailableFile;
  readonly tickers: readonly string[] | "all";
}

export interface Plan {
  readonly days: readonly PlannedDay[];
  readonly files: readonly PlannedFile[];
  readonly requests: readonly PlannedRequest[];
}

/** Decides for every symbol and date what a run has to do. Pure: the same facts give the same plan. */
export function makePlan(facts: PlanFacts): Plan {
  const dates = datesBetween(facts.from, facts.to);
  const revisited = datesBetween(facts.revisitFrom, addDays(facts.from, -1));
  const planDates = (isHere: (date: string) => boolean, plan: (date: string) => PlannedDay) => [
    ...revisited.filter(isHere).map(plan).filter(isRead),
    ...dates.map(plan),
  ];
  const days: PlannedDay[] = [];
  for (const dataset of DATASETS) {
    if (facts.selection.wholeDatasets.includes(dataset))
      days.push(
        ...planDates(
          (date) => facts.allTickersRead(dataset, date, null),
          (date) => ({ dataset, ticker: EVERY_TICKER, date, ...decideWholeDay(facts, dataset, date) }),
        ),
      );
    for (const symbol of facts.selection.symbols)
      if (symbol.dataset === dataset)
        days.push(
          ...planDates(
            (date) => facts.batch(symbol, date) !== null,
            (date) => ({ dataset, ticker: symbol.ticker, date, ...decideDay(facts, symbol, date) }),
          ),
        );
  }
  return { days, files: filesOf(facts, days), requests: requestsOf(facts, days) };
}

/** The files among `files` that are not in the data directory yet, oldest first within their dataset. */
export function filesToDownload(plan: Plan): AvailableFile[] {
  return plan.files.map(({ file }) => file).filter((file) => !file.local);
}

function isRead(day: PlannedDay): boolean {
  return day.action === "read file";
}

function filesOf(facts: PlanFacts, days: readonly PlannedDay[]): PlannedFile[] {
  const wanted = new Map<AvailableFile, string[]>();
  for (const { action, dataset, date, ticker } of days) {
    const file = action === "read file" ? facts.files.get(dataset)?.get(date) : undefined;
    if (file !== undefined) addTo(wanted, file, ticker);
  }
  return [...wanted]
    .map(([file, tickers]): PlannedFile => ({
      file,
      tickers: tickers.includes(EVERY_TICKER) ? "all" : tickers,
    }))
    .toSorted((a, b) => compare(a.file.date, b.file.date) || compare(a.file.dataset, b.file.dataset));
}

function requestsOf(facts: PlanFacts, days: readonly PlannedDay[]): PlannedRequest[] {
  const datesByTicker = new Map<string, string[]>();
  for (const { action, dataset, ticker, date } of days)
    if (action === "ask API") addTo(datesByTicker, `${dataset} ${ticker}`, date);
  return facts.selection.symbols.flatMap((symbol) =>
    requestsFor(symbol, datesByTicker.get(`${symbol.dataset} ${symbol.ticker}`) ?? []),
  );
}

function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
