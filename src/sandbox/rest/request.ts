import { addDays, isDate, NEW_YORK, zonedTimeMs } from "../../core/dates.ts";
import type { Answer, Incoming } from "../http/answer.ts";
import { badRequest, notFound } from "./errors.ts";

type Timespan = "minute" | "day";

/** What `GET /v2/aggs/ticker/.../range/...` asks for. */
export interface AggregatesRequest {
  readonly ticker: string;
  readonly timespan: Timespan;
  /** First and last window start that is wanted, epoch ms, both included. */
  readonly fromMs: number;
  readonly toMs: number;
  /** As they stand in the path. */
  readonly fromText: string;
  readonly toText: string;
  readonly adjusted: boolean;
  readonly sort: "asc" | "desc";
  readonly limit: number;
}

const PATH = /^\/v2\/aggs\/ticker\/([^/]+)\/range\/(\d+)\/([a-z]+)\/([^/]+)\/([^/]+)$/;
const DEFAULT_LIMIT = 5000;
const LARGEST_LIMIT = 50_000;

/** Reads the request, or gives the vendor's error for one that cannot be read. */
export function readAggregatesRequest(request: Incoming): AggregatesRequest | Answer {
  const [, ticker, multiplier, timespan, fromText, toText] = PATH.exec(request.path) ?? [];
  if (ticker === undefined || fromText === undefined || toText === undefined) return notFound();
  if (multiplier !== "1" || (timespan !== "minute" && timespan !== "day"))
    return badRequest("The sandbox serves 1 minute and 1 day aggregates only.");
  const fromMs = instantOf(fromText, 0);
  const toMs = instantOf(toText, 1);
  if (fromMs === undefined) return unreadableTime("from");
  if (toMs === undefined) return unreadableTime("to");
  if (fromMs > toMs) return badRequest("The parameter 'to' cannot be a time that occurs before 'from'");
  const options = readOptions(request.query);
  if ("status" in options) return options;
  return { ticker, timespan, fromMs, toMs, fromText, toText, ...options };
}

function unreadableTime(name: string): Answer {
  return badRequest(`Could not parse the time parameter: '${name}'. Use YYYY-MM-DD or Unix MS Timestamps`);
}

/** Midnight of a date in New York, `daysLater` days on and a millisecond before for the end of a range. */
function instantOf(text: string, daysLater: 0 | 1): number | undefined {
  if (/^\d{11,14}$/.test(text)) return Number(text);
  if (!isDate(text)) return undefined;
  return zonedTimeMs(addDays(text, daysLater), "00:00", NEW_YORK) - daysLater;
}

type Options = Pick<AggregatesRequest, "adjusted" | "sort" | "limit">;

// A cursor carries the options of the first request, as the vendor's does: base64 of `limit=2&sort=asc`.
function readOptions(query: URLSearchParams): Options | Answer {
  const cursor = query.get("cursor");
  const options = cursor === null ? query : new URLSearchParams(Buffer.from(cursor, "base64").toString());
  const sort = options.get("sort") ?? "asc";
  const limit = Number(options.get("limit") ?? DEFAULT_LIMIT);
  if (sort !== "asc" && sort !== "desc") return badRequest("The parameter 'sort' must be 'asc' or 'desc'.");
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT)
    return badRequest(`The parameter 'limit' must be between 1 and ${LARGEST_LIMIT}.`);
  return { adjusted: options.get("adjusted") !== "false", sort, limit };
}

/** The cursor with which the next page of `request` is asked for. */
export function cursorOf(request: AggregatesRequest): string {
  const options = new URLSearchParams({ limit: String(request.limit), sort: request.sort });
  if (!request.adjusted) options.set("adjusted", "false");
  return Buffer.from(options.toString()).toString("base64").replaceAll("=", "");
}
