import { MINUTE_MS } from "../../core/bar.ts";
import { newYorkDate } from "../../core/dates.ts";
import type { Dataset } from "../../core/datasets.ts";
import { DATASET_FACTS, DATASETS } from "../../core/datasets.ts";
import type { Answer, Incoming } from "../http/answer.ts";
import { jsonAnswer } from "../http/answer.ts";
import type { Market } from "../market/market.ts";
import { aggregate } from "./aggregates.ts";
import type { ResultPage } from "./aggregates.ts";
import * as errors from "./errors.ts";
import { upcomingAnswer, type AnnouncedClosure } from "./market-status.ts";
import { RateLimit } from "./rate-limit.ts";
import { cursorOf, readAggregatesRequest } from "./request.ts";
import type { AggregatesRequest } from "./request.ts";

/** What the REST key may do. */
export interface RestPlan {
  /** Tickers it is entitled to, as the REST API writes them (`X:BTCUSD`); undefined: all. */
  readonly tickers?: readonly string[];
  /** First date it may ask for; before it the answer is the 403 about the timeframe. */
  readonly from?: string;
  /** For each asset class of its own; undefined: no limit. Runs by the real clock. */
  readonly requestsPerMinute?: number;
  /** Status `DELAYED`, and nothing of the last 15 minutes. */
  readonly delayed?: boolean;
}

interface RestSettings {
  readonly apiKey: string;
  readonly plan: () => RestPlan;
  readonly nowMs: () => number;
  /** What the exchanges announce beyond their rules. */
  readonly announced: () => readonly AnnouncedClosure[];
  /** Where the look-alike is reached, for `next_url`. */
  readonly url: () => string;
}

const UPCOMING_PATH = "/v1/marketstatus/upcoming";
const DELAY_MS = 15 * MINUTE_MS;

/** The REST side of the look-alike: aggregates (bars), and the days on which the exchanges close. */
export class RestService {
  readonly #market: Market;
  readonly #settings: RestSettings;
  readonly #rateLimit: RateLimit | undefined;

  constructor(market: Market, settings: RestSettings) {
    this.#market = market;
    this.#settings = settings;
    const { requestsPerMinute } = settings.plan();
    this.#rateLimit = requestsPerMinute === undefined ? undefined : new RateLimit(requestsPerMinute);
  }

  answer(incoming: Incoming): Answer {
    const key = keyOf(incoming);
    if (key === undefined) return errors.noKey();
    if (key !== this.#settings.apiKey) return errors.unknownKey();
    if (incoming.path === UPCOMING_PATH)
      return upcomingAnswer(newYorkDate(this.#settings.nowMs()), this.#settings.announced());
    const request = readAggregatesRequest(incoming);
    if (!("ticker" in request)) return request;
    return this.#refusal(request) ?? this.#aggregates(request);
  }

  #refusal(request: AggregatesRequest): Answer | undefined {
    const { tickers, from } = this.#settings.plan();
    const waitMs = this.#rateLimit?.takeMs(datasetOfTicker(request.ticker), performance.now()) ?? 0;
    if (waitMs > 0) return errors.tooManyRequests(Math.ceil(waitMs / 1000));
    if (tickers !== undefined && !tickers.includes(request.ticker)) return errors.notEntitled();
    if (from !== undefined && newYorkDate(request.fromMs) < from) return errors.timeframeNotIncluded();
    return undefined;
  }

  #aggregates(request: AggregatesRequest): Answer {
    const delayed = this.#settings.plan().delayed === true;
    const nowMs = this.#settings.nowMs() - (delayed ? DELAY_MS : 0);
    const listed = this.#market.findRestTicker(request.ticker);
    const page: ResultPage =
      listed === undefined ? { results: [], more: false } : aggregate(this.#market, listed, request, nowMs);
    const count = page.results.length;
    // As in the vendor's examples: index answers have neither `adjusted` nor `resultsCount`.
    const isIndex = request.ticker.startsWith(DATASET_FACTS.indices.tickerPrefix);
    return jsonAnswer(200, {
      ticker: request.ticker,
      queryCount: count,
      ...(isIndex ? {} : { resultsCount: count, adjusted: request.adjusted }),
      ...(count > 0 ? { results: page.results } : {}),
      status: delayed ? "DELAYED" : "OK",
      request_id: errors.requestId(),
      count,
      ...(page.more ? { next_url: this.#nextUrl(request, page) } : {}),
    });
  }

  #nextUrl(request: AggregatesRequest, page: ResultPage): string {
    const lastMs = page.results.at(-1)?.t ?? request.fromMs;
    const stepMs = MINUTE_MS;
    const [from, to] =
      request.sort === "asc" ? [lastMs + stepMs, request.toText] : [request.fromText, lastMs - stepMs];
    const path = `/v2/aggs/ticker/${request.ticker}/range/1/${request.timespan}/${from}/${to}`;
    return `${this.#settings.url()}${path}?cursor=${cursorOf(request)}`;
  }
}

function keyOf(incoming: Incoming): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(incoming.headers.get("authorization") ?? "")?.[1];
  return bearer ?? incoming.query.get("apiKey") ?? undefined;
}

function datasetOfTicker(ticker: string): Dataset {
  const prefixed = DATASETS.find((dataset) => {
    const { tickerPrefix } = DATASET_FACTS[dataset];
    return tickerPrefix !== "" && ticker.startsWith(tickerPrefix);
  });
  return prefixed ?? "stocks";
}
