import type { Bar } from "../core/bar.ts";
import { DayWriter, type DayChanges } from "../cache/day-writer.ts";
import { noteProblems } from "../cache/problems.ts";
import { DATASET_FACTS, type Dataset } from "../core/datasets.ts";
import { addDays, dateInZone } from "../core/dates.ts";
import { DELAY_MS } from "../core/publication.ts";
import type { BackfillError } from "../core/errors.ts";
import { sessionOf } from "../core/sessions.ts";
import { dropUnfinished, fetchMinuteBars } from "../massive/aggregates.ts";
import type { RestClient } from "../massive/rest-client.ts";
import type { RunContext } from "./context.ts";
import { errorOfDay, failureOf, isEntitlement, type Failure } from "./failures.ts";
import type { PlannedRequest } from "./plan.ts";

/** What asking the API for one request did. */
export interface ApiAnswer {
  readonly dataset: Dataset;
  readonly dates: readonly string[];
  readonly requests: number;
  readonly changes: readonly DayChanges[];
  /** Bars of the answer that cannot be right and were left out. */
  readonly rejected: number;
}

/**
 * Asks the REST API for the days of one request and writes them to the cache, in one transaction. Minutes that
 * are not over yet are left out. A day that cannot be asked for is a failure of each of its dates.
 */
export async function askApi(
  context: RunContext,
  rest: RestClient,
  request: PlannedRequest,
): Promise<ApiAnswer | readonly Failure[]> {
  const { symbol, dates } = request;
  try {
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
    return { dataset: symbol.dataset, dates, requests, changes, rejected: rejected.length };
  } catch (error) {
    return noteApiFailures(context, request, errorOfDay(error));
  }
}

/** Remembers for each date of a request why it could not be answered. */
export async function noteApiFailures(
  context: RunContext,
  { symbol, dates }: PlannedRequest,
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
  writer.put(symbol.ticker, bars);
  return writer.finish();
}
