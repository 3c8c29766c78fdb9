import { MINUTE_MS, type Bar } from "../core/bar.ts";
import { DATASET_FACTS, type Dataset } from "../core/datasets.ts";
import { addDays } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import { readAggregatesPage, type AggregatesPage, type RejectedBar } from "./aggregates-page.ts";
import { PageTrail } from "./page-trail.ts";
import type { RestClient, RestQuestion } from "./rest-client.ts";

/** Which bars are asked for. */
export interface MinuteBarsQuestion {
  readonly dataset: Dataset;
  /** As in the flat files: `I:SPX`, `AAPL`, `X:BTC-USD`. */
  readonly ticker: string;
  /** First and last date (`YYYY-MM-DD`), both included: days in New York, of crypto days in UTC. */
  readonly from: string;
  readonly to: string;
  /** Told of every request that is sent, those that are tried again included. */
  readonly onSent?: () => void;
}

/** One page of the bars that were asked for. */
export interface MinuteBarsPage {
  /** In time order, one a minute; all later than those of the pages before. */
  readonly bars: readonly Bar[];
  /** No page follows: what has not come is not there. */
  readonly isLast: boolean;
  /** The plan's data is 15 minutes late. */
  readonly delayed: boolean;
  /** What came and is no bar of these days. */
  readonly rejected: readonly RejectedBar[];
}

const PAGE_LIMIT = 50_000;
/** Of a page's bars, the part that may be bad before the whole page is refused. */
const MAX_REJECTED_SHARE = 0.01;

/** The name of a ticker in the REST API: pairs are written without the dash that they have in files. */
export function restTicker(dataset: Dataset, ticker: string): string {
  return dataset === "crypto" || dataset === "forex" ? ticker.replaceAll("-", "") : ticker;
}

/**
 * Asks for the minute bars of one ticker, never adjusted for splits, so that they belong together with those of
 * the flat files. The pages come oldest first and as they are read, so whoever takes them holds one at a time. No
 * data is no error: one page without bars.
 *
 * Of a page with more than one bad bar in a hundred nothing is given, so no answer has more than that either.
 * @throws BackfillError (settings or source), also in place of a later page: what came before it stands; the reason
 * of `signal` if that is aborted.
 */
export async function* minuteBarPages(
  rest: RestClient,
  question: MinuteBarsQuestion,
  signal?: AbortSignal,
): AsyncGenerator<MinuteBarsPage> {
  yield* pagesOf(rest, { ...question, timespan: "minute" }, signal);
}

/** Bars of whole days, and what came and is none. */
export type DayBars = Pick<MinuteBarsPage, "bars" | "rejected">;

/**
 * Asks for the day bars of one ticker, never adjusted for splits, in time order: each stamped with midnight of its date,
 * in the vendor's zone for the dataset. One request for years. Errors as for minutes, but for bad bars, which are given.
 */
export async function dayBars(
  rest: RestClient,
  question: MinuteBarsQuestion,
  signal?: AbortSignal,
): Promise<DayBars> {
  const [bars, rejected]: [Bar[], RejectedBar[]] = [[], []];
  for await (const page of pagesOf(rest, { ...question, timespan: "day" }, signal)) {
    bars.push(...page.bars);
    rejected.push(...page.rejected);
  }
  return { bars, rejected };
}

interface BarsQuestion extends MinuteBarsQuestion {
  readonly timespan: "minute" | "day";
}

async function* pagesOf(
  rest: RestClient,
  question: BarsQuestion,
  signal: AbortSignal | undefined,
): AsyncGenerator<MinuteBarsPage> {
  const trail = new PageTrail();
  let url: string | null = firstUrl(rest, question);
  while (url !== null) {
    const page: AggregatesPage = await fetchPage(rest, question, url, signal);
    if (question.timespan === "minute") refuseManyBad(rest, question, page);
    refuseDescending(question, page);
    const bars = inOrder(page.bars);
    const wrong = trail.follow(url, bars, page.nextUrl === null);
    if (wrong !== null) throw badAnswer(question, wrong);
    yield {
      bars: trail.withoutKnown(bars),
      isLast: page.nextUrl === null,
      delayed: page.delayed,
      rejected: page.rejected,
    };
    url = nextUrl(rest, question, page);
    const astray = url === null ? null : trail.leadsAstray(url);
    if (astray !== null) throw badAnswer(question, astray, PAGES_KEPT);
  }
}

/** The bars whose minute is over at `nowMs` (epoch ms): the last one of a live day is still changing. */
export function dropUnfinished(bars: readonly Bar[], nowMs: number): Bar[] {
  return bars.filter((bar) => bar.windowStartMs + MINUTE_MS <= nowMs);
}

function firstUrl(rest: RestClient, question: BarsQuestion): string {
  const { dataset, ticker } = question;
  const name = encodeURIComponent(restTicker(dataset, ticker));
  const query = new URLSearchParams({ sort: "asc", limit: String(PAGE_LIMIT) });
  // Indices have no splits, and the API does not define the parameter for them.
  if (dataset !== "indices") query.set("adjusted", "false");
  const [from, to] = rangeOf(question);
  return `${rest.baseUrl}/v2/aggs/ticker/${name}/range/1/${question.timespan}/${from}/${to}?${query.toString()}`;
}

/** Dates mean days in New York to the API; days in UTC are asked for by their first and last millisecond. */
function rangeOf({ dataset, from, to }: MinuteBarsQuestion): [from: string, to: string] {
  if (DATASET_FACTS[dataset].dayTimeZone !== "UTC") return [from, to];
  return [String(utcMidnightMs(from)), String(utcMidnightMs(addDays(to, 1)) - 1)];
}

function utcMidnightMs(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

async function fetchPage(
  rest: RestClient,
  question: MinuteBarsQuestion,
  url: string,
  signal: AbortSignal | undefined,
): Promise<AggregatesPage> {
  const { dataset, ticker, from, to, onSent } = question;
  const request: RestQuestion = { url, dataset, operation: operationOf(question), onSent };
  const json = await rest.getJson(request, signal);
  const bounds = { fromMs: utcMidnightMs(addDays(from, -1)), toMs: utcMidnightMs(addDays(to, 2)) };
  const page = readAggregatesPage(json, restTicker(dataset, ticker), bounds);
  if (page === null) throw badAnswer(question, "it is not one of bars of this ticker");
  if (dataset === "stocks" && page.adjusted === true)
    throw badAnswer(question, "its prices are adjusted for splits although we asked for those that traded");
  return page;
}

function refuseManyBad(rest: RestClient, question: MinuteBarsQuestion, page: AggregatesPage): void {
  const [first] = page.rejected;
  const received = page.bars.length + page.rejected.length;
  if (first === undefined || page.rejected.length <= received * MAX_REJECTED_SHARE) return;
  const example = `${first.reason}: ${rest.masked(first.text).slice(0, 120)}`;
  throw badAnswer(question, `${page.rejected.length} of ${received} bars are bad, first: ${example}`);
}

/** Of the days that a page of the other order has not come to yet, one could not tell that they are not empty. */
function refuseDescending(question: MinuteBarsQuestion, { bars, nextUrl: next }: AggregatesPage): void {
  const [first, last] = [bars[0], bars.at(-1)];
  if (next === null || first === undefined || last === undefined) return;
  if (first.windowStartMs > last.windowStartMs)
    throw badAnswer(question, "its bars go back in time, though we asked for them in order");
}

/** The bars in time order. The API may send a minute twice; the later one is the newer. */
function inOrder(bars: readonly Bar[]): Bar[] {
  const byMinute = new Map(bars.map((bar) => [bar.windowStartMs, bar]));
  return [...byMinute.values()].toSorted((a, b) => a.windowStartMs - b.windowStartMs);
}

/** Where the next page is. The key is sent along, so it is fetched from the configured server only. */
function nextUrl(rest: RestClient, question: MinuteBarsQuestion, page: AggregatesPage): string | null {
  if (page.nextUrl === null) return null;
  const next = URL.parse(page.nextUrl);
  if (next !== null && next.origin === new URL(rest.baseUrl).origin) return next.href;
  const place = next === null ? "no address at all" : rest.masked(next.origin);
  throw new BackfillError({
    kind: "source",
    code: "foreign-next-url",
    operation: operationOf(question),
    reason: `the next page is said to be at ${place}, which is not the API we were told to ask`,
    nextStep: "If that is the vendor's own server, set MASSIVE_API_URL to it.",
  });
}

function operationOf({ dataset, ticker, from, to }: MinuteBarsQuestion): string {
  return `ask the API for ${restTicker(dataset, ticker)} ${from === to ? from : `${from} to ${to}`}`;
}

const PAGE_LOST =
  "No bar of this page was kept. Run again later; the day's flat file brings them once it is published.";
const PAGES_KEPT = "What came before it is kept. Run again later.";

function badAnswer(question: MinuteBarsQuestion, reason: string, nextStep = PAGE_LOST): BackfillError {
  return new BackfillError({
    kind: "source",
    code: "bad-answer",
    operation: operationOf(question),
    reason: `the answer cannot be used: ${reason}`,
    nextStep,
  });
}
