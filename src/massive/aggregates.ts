import { MINUTE_MS, type Bar } from "../core/bar.ts";
import type { Dataset } from "../core/datasets.ts";
import { addDays } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import { readAggregatesPage, type AggregatesPage, type RejectedBar } from "./aggregates-page.ts";
import type { RestClient, RestQuestion } from "./rest-client.ts";

/** Which bars are asked for. */
export interface MinuteBarsQuestion {
  readonly dataset: Dataset;
  /** As in the flat files: `I:SPX`, `AAPL`, `X:BTC-USD`. */
  readonly ticker: string;
  /** First and last date (`YYYY-MM-DD`), both included; the API means days in New York. */
  readonly from: string;
  readonly to: string;
}

export interface MinuteBars {
  /** In time order, one a minute. */
  readonly bars: Bar[];
  /** The plan's data is 15 minutes late. */
  readonly delayed: boolean;
  /** Pages that were read. */
  readonly requests: number;
  /** What came and is no bar of these days. */
  readonly rejected: readonly RejectedBar[];
}

const PAGE_LIMIT = 50_000;
/** Ten million minutes, more than the history of any ticker: an answer with more pages never ends. */
const MAX_PAGES = 200;
/** Of an answer's bars, the part that may be bad before the whole answer is refused. */
const MAX_REJECTED_SHARE = 0.01;

/** The name of a ticker in the REST API: pairs are written without the dash that they have in files. */
export function restTicker(dataset: Dataset, ticker: string): string {
  return dataset === "crypto" || dataset === "forex" ? ticker.replaceAll("-", "") : ticker;
}

/**
 * Asks for the minute bars of one ticker, never adjusted for splits, so that they belong together with those of
 * the flat files. No data is no error: an empty list.
 * @throws BackfillError (settings or source); the reason of `signal` if that is aborted.
 */
export async function fetchMinuteBars(
  rest: RestClient,
  question: MinuteBarsQuestion,
  signal?: AbortSignal,
): Promise<MinuteBars> {
  const bars = new Map<number, Bar>();
  const rejected: RejectedBar[] = [];
  let delayed = false;
  let url: string | null = firstUrl(rest, question);
  let requests = 0;
  while (url !== null) {
    if (requests === MAX_PAGES) throw badAnswer(question, `it has more than ${MAX_PAGES} pages`);
    const page: AggregatesPage = await fetchPage(rest, question, url, signal);
    requests += 1;
    // The API may send a minute twice; the later one is the newer.
    for (const bar of page.bars) bars.set(bar.windowStartMs, bar);
    rejected.push(...page.rejected);
    delayed ||= page.delayed;
    url = nextUrl(rest, question, page);
  }
  const received = bars.size + rejected.length;
  if (rejected.length > received * MAX_REJECTED_SHARE)
    throw badAnswer(
      question,
      `${rejected.length} of ${received} bars are bad, first: ${describe(rejected[0])}`,
    );
  const sorted = [...bars.values()].toSorted((a, b) => a.windowStartMs - b.windowStartMs);
  return { bars: sorted, delayed, requests, rejected };
}

/** The bars whose minute is over at `nowMs` (epoch ms): the last one of a live day is still changing. */
export function dropUnfinished(bars: readonly Bar[], nowMs: number): Bar[] {
  return bars.filter((bar) => bar.windowStartMs + MINUTE_MS <= nowMs);
}

function firstUrl(rest: RestClient, { dataset, ticker, from, to }: MinuteBarsQuestion): string {
  const name = encodeURIComponent(restTicker(dataset, ticker));
  const query = new URLSearchParams({ sort: "asc", limit: String(PAGE_LIMIT) });
  // Indices have no splits, and the API does not define the parameter for them.
  if (dataset !== "indices") query.set("adjusted", "false");
  return `${rest.baseUrl}/v2/aggs/ticker/${name}/range/1/minute/${from}/${to}?${query.toString()}`;
}

async function fetchPage(
  rest: RestClient,
  question: MinuteBarsQuestion,
  url: string,
  signal: AbortSignal | undefined,
): Promise<AggregatesPage> {
  const { dataset, ticker, from, to } = question;
  const request: RestQuestion = { url, dataset, operation: operationOf(question) };
  const json = await rest.getJson(request, signal);
  const bounds = {
    fromMs: Date.parse(`${addDays(from, -1)}T00:00:00Z`),
    toMs: Date.parse(`${addDays(to, 2)}T00:00:00Z`),
  };
  const page = readAggregatesPage(json, restTicker(dataset, ticker), bounds);
  if (page === null) throw badAnswer(question, "it is not one of bars of this ticker");
  if (dataset === "stocks" && page.adjusted === true)
    throw badAnswer(question, "its prices are adjusted for splits although we asked for those that traded");
  return page;
}

/** Where the next page is. The key is sent along, so it is fetched from the configured server only. */
function nextUrl(rest: RestClient, question: MinuteBarsQuestion, page: AggregatesPage): string | null {
  if (page.nextUrl === null) return null;
  const next = URL.parse(page.nextUrl);
  if (next !== null && next.origin === new URL(rest.baseUrl).origin) return next.href;
  throw new BackfillError({
    kind: "source",
    code: "foreign-next-url",
    operation: operationOf(question),
    reason: `the next page is said to be at ${next?.origin ?? "no address at all"}, which is not the API we were told to ask`,
    nextStep: "If that is the vendor's own server, set MASSIVE_API_URL to it.",
  });
}

function operationOf({ dataset, ticker, from, to }: MinuteBarsQuestion): string {
  return `ask the API for ${restTicker(dataset, ticker)} ${from === to ? from : `${from} to ${to}`}`;
}

function describe(bar: RejectedBar | undefined): string {
  return bar === undefined ? "" : `${bar.reason}: ${bar.text.slice(0, 120)}`;
}

function badAnswer(question: MinuteBarsQuestion, reason: string): BackfillError {
  return new BackfillError({
    kind: "source",
    code: "bad-answer",
    operation: operationOf(question),
    reason: `the answer cannot be used: ${reason}`,
    nextStep:
      "Nothing of it was kept. Run again later; the day's flat file replaces it once it is published.",
  });
}
