import type { DayChanges } from "../cache/day-writer.ts";
import { noteProblems } from "../cache/problems.ts";
import type { Dataset } from "../core/datasets.ts";
import type { BackfillError } from "../core/errors.ts";
import type { RestClient } from "../massive/rest-client.ts";
import { noteAllowed, noteDatesRefused, noteTickerRefused } from "./api-entitlement.ts";
import type { RunContext } from "./context.ts";
import { failureOf, isEntitlement, isForAll, type Failure } from "./failures.ts";
import { AskedCounts, fetchDays, type Unanswered } from "./fetch-days.ts";
import { findEntitledFrom } from "./plan-edge.ts";
import type { PlannedRequest } from "./planning/requests.ts";

/** What asking the API for one planned request did. */
export interface ApiAnswer {
  readonly dataset: Dataset;
  /** The dates that were answered. */
  readonly dates: readonly string[];
  /** What was sent for it: every page and every try, those included that found where the plan begins. */
  readonly requests: number;
  readonly changes: readonly DayChanges[];
  /** Bars of the answer that cannot be right and were left out. */
  readonly rejected: number;
  /** The dates that could not be had, each with its reason. */
  readonly failures: readonly Failure[];
}

/** An answer, and whether there is any use in asking on. */
export interface AskedAnswer extends ApiAnswer {
  /** An error that would meet any other request too, and ended this one (`isForAll`); null without one. */
  readonly ended: BackfillError | null;
  /** What kept dates from being answered, if it was no refusal; null if nothing did. */
  readonly trouble: BackfillError | null;
}

/** A request, what is counted while it is asked, and who is told of its pages. */
interface Asking {
  readonly request: PlannedRequest;
  readonly counts: AskedCounts;
  readonly onPage: () => void;
}

/**
 * Asks the REST API for the days of one planned request and writes them to the cache. If the plan does not reach
 * back to the first of the dates, those from where it begins are asked for. Why dates could not be had, and what the
 * subscription does not include, is remembered.
 * @param onPage told of each page that has come.
 * @throws what is no matter of these dates: a bug, a full disk, the reason of the context's signal.
 */
export async function askApi(
  context: RunContext,
  rest: RestClient,
  request: PlannedRequest,
  onPage: () => void = () => {},
): Promise<AskedAnswer> {
  const asking = { request, counts: new AskedCounts(), onPage };
  const unanswered = await askFor(context, rest, asking);
  const failures: Failure[] = [];
  for (const { dates, error } of unanswered)
    failures.push(...(await noteApiFailures(context, request, dates, error)));
  const { dates, requests, changes, rejected } = asking.counts;
  const errors = unanswered.map(({ error }) => error);
  return {
    dataset: request.symbol.dataset,
    dates,
    requests,
    changes: [changes],
    rejected,
    failures,
    ended: errors.find(isForAll) ?? null,
    trouble: errors.find((error) => !isEntitlement(error)) ?? null,
  };
}

/** Remembers for dates of a request why they could not be answered. */
export async function noteApiFailures(
  context: RunContext,
  { symbol }: PlannedRequest,
  dates: readonly string[],
  error: BackfillError,
): Promise<readonly Failure[]> {
  const { dataset, ticker } = symbol;
  const failures = dates.map((date) => failureOf(error, dataset, date, "api"));
  const state = isEntitlement(error) ? "denied" : "failed";
  await noteProblems(
    context.cache,
    failures.map((failure) => ({ ...failure, ticker, state, seenAtMs: context.nowMs })),
  );
  return failures;
}

async function askFor(context: RunContext, rest: RestClient, asking: Asking): Promise<Unanswered[]> {
  const { request, counts, onPage } = asking;
  const { symbol } = request;
  const unanswered = await fetchDays(context, rest, request, counts, onPage);
  const [firstAnswered] = counts.dates;
  if (firstAnswered !== undefined) await noteAllowed(context, symbol, firstAnswered);
  if (unanswered === null) return [];
  const { error, dates } = unanswered;
  if (error.code === "not-entitled") await noteTickerRefused(context, symbol, error);
  if (error.code === "not-entitled-date") return askFromEntitledDate(context, rest, asking, unanswered);
  return dates.length === 0 ? [] : [unanswered];
}

/**
 * The first of the dates is refused: looks for the first that is not, and asks for those from there on. What the
 * search was answered is kept. Something else that goes wrong ends it: what is unknown then fails with that.
 */
async function askFromEntitledDate(
  context: RunContext,
  rest: RestClient,
  { request: { symbol }, counts, onPage }: Asking,
  refusal: Unanswered,
): Promise<Unanswered[]> {
  const ask = (dates: readonly string[]) => {
    const request = { symbol, from: dates[0] ?? "", to: dates.at(-1) ?? "", dates };
    return fetchDays(context, rest, request, counts, onPage);
  };
  // The refusal of the whole range was that of its beginning.
  let refusedTo = refusal.dates[0] ?? "";
  let trouble: BackfillError | null = null;
  const isAllowed = async ({ date }: { readonly date: string }) => {
    if (date <= refusedTo) return false;
    if (trouble !== null) return true;
    const unanswered = await ask([date]);
    if (unanswered === null) return true;
    if (isEntitlement(unanswered.error)) refusedTo = date;
    else trouble = unanswered.error;
    return trouble !== null;
  };
  await findEntitledFrom(
    refusal.dates.map((date) => ({ date })),
    isAllowed,
  );
  const allowed = refusal.dates.filter((date) => date > refusedTo);
  const allowedFrom = allowed.find((date) => counts.dates.includes(date)) ?? null;
  await noteDatesRefused(context, symbol, { refusedTo, allowedFrom }, refusal.error);
  const denied = { dates: refusal.dates.filter((date) => date <= refusedTo), error: refusal.error };
  const missing = allowed.filter((date) => !counts.dates.includes(date));
  if (missing.length === 0) return [denied];
  const unanswered = trouble === null ? await ask(missing) : { dates: missing, error: trouble };
  return unanswered === null ? [denied] : [denied, unanswered];
}
