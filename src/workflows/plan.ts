import { DATASET_FACTS, DATASETS, type Dataset } from "../core/datasets.ts";
import { addDays, datesBetween } from "../core/dates.ts";
import type { FlatFile } from "../core/flat-file.ts";
import { isFinalAnswer, isLongOverdue } from "../core/publication.ts";
import { sessionOf } from "../core/sessions.ts";
import { EVERY_TICKER, type SymbolSelection, type TrackedSymbol } from "../core/symbols.ts";

/** A flat file that can be read: one the vendor has published, or one that lies in the data directory. */
export interface AvailableFile extends FlatFile {
  /** Whether exactly this version lies in the data directory. */
  readonly local: boolean;
}

/** What the manifest knows of one symbol on one date. */
export interface KnownBatch {
  readonly source: "flatfile" | "api" | "derived";
  /** ETag of the flat file it was read from; null for other sources. */
  readonly etag: string | null;
  readonly barCount: number;
  readonly sessionBarCount: number;
  readonly readAtMs: number;
}

/** All that a plan depends on. */
export interface PlanFacts {
  readonly selection: SymbolSelection;
  readonly from: string;
  readonly to: string;
  /** The moment the plan is made for, epoch ms, and its date in New York. */
  readonly nowMs: number;
  readonly today: string;
  /** Flat files by dataset and date; a dataset without an entry has no flat files to offer. */
  readonly files: ReadonlyMap<Dataset, ReadonlyMap<string, AvailableFile>>;
  /** Per dataset the first date that the subscription lets us fetch; null if it lets us fetch none. */
  readonly entitledFrom: ReadonlyMap<Dataset, string | null>;
  /** Whether the REST API may be asked. */
  readonly api: boolean;
  /** Whether the S3 listing was read: then a date that `files` lacks is not published. */
  readonly listed: boolean;
  readonly batch: (symbol: TrackedSymbol, date: string) => KnownBatch | null;
  /**
   * Whether every ticker of this version of a day (of any, if the ETag is null) was read, so that one without a
   * batch is absent.
   */
  readonly allTickersRead: (dataset: Dataset, date: string, etag: string | null) => boolean;
}

type PlanReason =
  | "up to date"
  | "known to be absent"
  | "flat file published"
  | "flat file republished"
  | "local file reused"
  | "not published yet, so API"
  | "flat files not in the plan, so API"
  | "no flat files, so API"
  | "not published yet"
  | "never published"
  | "not in the plan"
  | "nothing to read it from"
  | "no session"
  | "before the vendor's history"
  | "in the future";

/** What to do about one symbol on one date, and why. */
export interface PlannedDay {
  readonly dataset: Dataset;
  /** The symbol's ticker; `*` for every ticker of the dataset. */
  readonly ticker: string;
  readonly date: string;
  readonly action: "keep" | "read file" | "ask API" | "wait" | "miss" | "denied" | "none";
  readonly reason: PlanReason;
}

/** One flat file to read, for these tickers. */
export interface PlannedFile {
  readonly file: AvailableFile;
  readonly tickers: readonly string[] | "all";
}

/** One REST question: the bars of a symbol from one date to another, wanted for `dates` among them. */
export interface PlannedRequest {
  readonly symbol: TrackedSymbol;
  readonly from: string;
  readonly to: string;
  readonly dates: readonly string[];
}

export interface Plan {
  readonly days: readonly PlannedDay[];
  readonly files: readonly PlannedFile[];
  readonly requests: readonly PlannedRequest[];
}

/** Decides for every symbol and date what a run has to do. Pure: the same facts give the same plan. */
export function makePlan(facts: PlanFacts): Plan {
  const dates = datesBetween(facts.from, facts.to);
  const days: PlannedDay[] = [];
  for (const dataset of DATASETS) {
    if (facts.selection.wholeDatasets.includes(dataset))
      for (const date of dates) days.push(planWholeDay(facts, dataset, date));
    for (const symbol of facts.selection.symbols)
      if (symbol.dataset === dataset) for (const date of dates) days.push(planDay(facts, symbol, date));
  }
  return { days, files: filesOf(facts, days), requests: requestsOf(facts, days) };
}

/** The files among `files` that are not in the data directory yet, oldest first within their dataset. */
export function filesToDownload(plan: Plan): AvailableFile[] {
  return plan.files.map(({ file }) => file).filter((file) => !file.local);
}

function planDay(facts: PlanFacts, symbol: TrackedSymbol, date: string): PlannedDay {
  const { dataset, ticker } = symbol;
  const day = (action: PlannedDay["action"], reason: PlanReason): PlannedDay => ({
    dataset,
    ticker,
    date,
    action,
    reason,
  });
  const impossible = noBarsPossible(facts, dataset, date);
  if (impossible !== null) return day("none", impossible);
  const batch = facts.batch(symbol, date);
  const file = facts.files.get(dataset)?.get(date);
  if (batch === null && facts.allTickersRead(dataset, date, file?.etag ?? null))
    return day("keep", "known to be absent");
  if (file !== undefined) {
    if (batch?.source === "flatfile" && batch.etag === file.etag)
      return day("keep", batch.barCount === 0 ? "known to be absent" : "up to date");
    if (file.local) return day("read file", "local file reused");
    if (mayDownload(facts, dataset, date))
      return day("read file", batch?.source === "flatfile" ? "flat file republished" : "flat file published");
  }
  if (batch?.source === "flatfile")
    return day("keep", batch.barCount === 0 ? "known to be absent" : "up to date");
  const inPlan = file === undefined;
  if (batch?.source === "api" && isFinalAnswer(dataset, date, batch)) return day("keep", "up to date");
  if (facts.api)
    return day(
      "ask API",
      facts.listed
        ? inPlan
          ? "not published yet, so API"
          : "flat files not in the plan, so API"
        : "no flat files, so API",
    );
  if (!inPlan) return day("denied", "not in the plan");
  // Bars are there, if not all: better than nothing, and `status` tells.
  if (batch !== null && batch.barCount > 0) return day("wait", "not published yet");
  return day(...notPublished(facts, date));
}

/** The REST API has no question for every ticker of a dataset, so a whole day comes from its flat file or waits. */
function planWholeDay(facts: PlanFacts, dataset: Dataset, date: string): PlannedDay {
  const day = (action: PlannedDay["action"], reason: PlanReason): PlannedDay => ({
    dataset,
    ticker: EVERY_TICKER,
    date,
    action,
    reason,
  });
  const impossible = noBarsPossible(facts, dataset, date);
  if (impossible !== null) return day("none", impossible);
  const file = facts.files.get(dataset)?.get(date);
  if (file === undefined) return day(...notPublished(facts, date));
  if (facts.allTickersRead(dataset, date, file.etag)) return day("keep", "up to date");
  if (file.local) return day("read file", "local file reused");
  return mayDownload(facts, dataset, date)
    ? day("read file", "flat file published")
    : day("denied", "not in the plan");
}

function noBarsPossible(facts: PlanFacts, dataset: Dataset, date: string): PlanReason | null {
  if (date < DATASET_FACTS[dataset].historyStart) return "before the vendor's history";
  if (sessionOf(dataset, date) === null) return "no session";
  return date > facts.today ? "in the future" : null;
}

function notPublished(facts: PlanFacts, date: string): [PlannedDay["action"], PlanReason] {
  if (!facts.listed) return ["wait", "nothing to read it from"];
  return isLongOverdue(date, facts.nowMs) ? ["miss", "never published"] : ["wait", "not published yet"];
}

function mayDownload(facts: PlanFacts, dataset: Dataset, date: string): boolean {
  const entitledFrom = facts.entitledFrom.get(dataset);
  return entitledFrom === undefined || (entitledFrom !== null && date >= entitledFrom);
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

function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * How many days of a gap between two wanted days one request bridges: a page holds 50,000 minutes, so asking for
 * a weekend too costs nothing, and a month costs less than another request.
 */
const MAX_BRIDGED_DAYS = 30;

function requestsOf(facts: PlanFacts, days: readonly PlannedDay[]): PlannedRequest[] {
  const datesByTicker = new Map<string, string[]>();
  for (const { action, dataset, ticker, date } of days)
    if (action === "ask API") addTo(datesByTicker, `${dataset} ${ticker}`, date);
  const requests: PlannedRequest[] = [];
  for (const symbol of facts.selection.symbols) {
    const { dataset, ticker } = symbol;
    const wanted = datesByTicker.get(`${dataset} ${ticker}`) ?? [];
    for (const dates of joinNearDates(wanted, SESSIONS_PER_PAGE[dataset]))
      requests.push({ symbol, from: dates[0] ?? "", to: dates.at(-1) ?? "", dates });
  }
  return requests;
}

/** Sessions whose bars fit into one page of 50,000 minutes: a longer run of days is asked for in several requests. */
const SESSIONS_PER_PAGE: Readonly<Record<Dataset, number>> = {
  indices: 120,
  stocks: 50,
  options: 120,
  crypto: 34,
  forex: 34,
};

function joinNearDates(dates: readonly string[], mostDates: number): string[][] {
  const runs: string[][] = [];
  for (const date of dates) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const isNear = last !== undefined && date <= addDays(last, MAX_BRIDGED_DAYS);
    if (run !== undefined && isNear && run.length < mostDates) run.push(date);
    else runs.push([date]);
  }
  return runs;
}
