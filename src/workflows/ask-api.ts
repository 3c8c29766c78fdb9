import type { Bar } from "../core/bar.ts";
import { DayWriter, type DayChanges } from "../cache/day-writer.ts";
import { noteProblems } from "../cache/problems.ts";
import { DATASET_FACTS, type Dataset } from "../core/datasets.ts";
import { addDays, dateInZone } from "../core/dates.ts";
import { DELAY_MS } from "../core/publication.ts";
import { BackfillError } from "../core/errors.ts";
import { sessionOf } from "../core/sessions.ts";
import { dropUnfinished, fetchMinuteBars } from "../massive/aggregates.ts";
import type { RestClient } from "../massive/rest-client.ts";
import type { RunContext } from "./context.ts";
import { findEntitledFrom } from "./entitlement.ts";
import { errorOfDay, failureOf, isEntitlement, type Failure } from "./failures.ts";
import type { PlannedRequest } from "./planning/requests.ts";

/** What asking the API for one request did. */
export interface ApiAnswer {
  readonly dataset: Dataset;
  /** The dates that were answered. */
  readonly dates: readonly string[];
  readonly requests: number;
  readonly changes: readonly DayChanges[];
  /** Bars of the answer that cannot be right and were left out. */
  readonly rejected: number;
  /** The dates that could not be had, each with its reason. */
  readonly failures: readonly Failure[];
}

/**
 * Asks the REST API for the days of one request and writes them to the cache, in one transaction. Minutes that
 * are not over yet are left out. If the plan does not reach back to the first of the dates, those from where it
 * begins are asked for.
 * @throws BackfillError (settings or source) that would meet any other request too: see `isForAll`.
 */
export async function askApi(
  context: RunContext,
  rest: RestClient,
  request: PlannedRequest,
): Promise<ApiAnswer> {
  try {
    return await askFor(context, rest, request);
  } catch (error) {
    if (isForAll(error)) throw error;
    const ofTheDay = errorOfDay(error);
    if (ofTheDay.code === "not-entitled-date" && request.dates.length > 1)
      return askFromEntitledDate(context, rest, request, ofTheDay);
    const failures = await noteApiFailures(context, request, request.dates, ofTheDay);
    return { ...nothing(request), failures };
  }
}

/** Whether an error would meet every other request too: the key is refused, or nobody can be reached. */
export function isForAll(error: unknown): error is BackfillError {
  if (!(error instanceof BackfillError)) return false;
  return (
    (error.kind === "settings" && !isEntitlement(error)) ||
    error.code === "unreachable" ||
    error.code === "tls"
  );
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

async function askFor(context: RunContext, rest: RestClient, request: PlannedRequest): Promise<ApiAnswer> {
  const { symbol, dates } = request;
  const { bars, delayed, requests, rejected } = await fetchMinuteBars(
    rest,
    questionOf(request),
    context.signal,
  );
  // A delayed plan has nothing of the last quarter of an hour.
  const readAtMs = delayed ? context.nowMs - DELAY_MS : context.nowMs;
  const finished = dropUnfinished(bars, context.nowMs);
  const byDate = Map.groupBy(finished, (bar) =>
    dateInZone(bar.windowStartMs, DATASET_FACTS[symbol.dataset].dayTimeZone),
  );
  const changes = await context.cache.write(() =>
    dates.map((date) => writeDay(context, request, date, byDate.get(date) ?? [], readAtMs)),
  );
  return { dataset: symbol.dataset, dates, requests, changes, rejected: rejected.length, failures: [] };
}

async function askFromEntitledDate(
  context: RunContext,
  rest: RestClient,
  request: PlannedRequest,
  refusal: BackfillError,
): Promise<ApiAnswer> {
  const days = request.dates.map((date) => ({ date }));
  const from = await findEntitledFrom(days, async ({ date }) => {
    const probe = await askApi(context, rest, { ...request, from: date, to: date, dates: [date] });
    return probe.failures.every((failure) => !failure.denied);
  });
  const denied = request.dates.filter((date) => from === null || date < from);
  const failures = await noteApiFailures(context, request, denied, refusal);
  if (from === null) return { ...nothing(request), failures };
  const dates = request.dates.filter((date) => date >= from);
  const answer = await askApi(context, rest, { ...request, from, dates });
  return { ...answer, failures: [...failures, ...answer.failures] };
}

function nothing({ symbol }: PlannedRequest): ApiAnswer {
  return { dataset: symbol.dataset, dates: [], requests: 1, changes: [], rejected: 0, failures: [] };
}

/** Dates mean New York days to the API; a UTC day reaches back into the evening before. */
function questionOf({ symbol, from, to }: PlannedRequest) {
  const { dataset, ticker } = symbol;
  const begin = DATASET_FACTS[dataset].dayTimeZone === "UTC" ? addDays(from, -1) : from;
  return { dataset, ticker, from: begin, to };
}

function writeDay(
  context: RunContext,
  { symbol }: PlannedRequest,
  date: string,
  bars: readonly Bar[],
  readAtMs: number,
): DayChanges {
  const writer = new DayWriter(context.cache, symbol.dataset, date, {
    source: "api",
    flatFileId: null,
    readAtMs,
    session: sessionOf(symbol.dataset, date),
  });
  // An answer that lacks what an earlier one had is a failing of the service, not a change of the market.
  writer.putOver(symbol.ticker, bars);
  return writer.finish().changes;
}
