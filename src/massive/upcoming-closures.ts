import { isDate, NEW_YORK, dateInZone, timeInZone } from "../core/dates.ts";
import { BackfillError } from "../core/errors.ts";
import type { AnnouncedDay } from "../core/nyse-calendar.ts";
import type { RestClient } from "./rest-client.ts";
import { memberOf } from "./unknown-json.ts";

const EXCHANGE = "NYSE";
const OPERATION = "ask the API for upcoming closures";

/**
 * The days on which the New York Stock Exchange will not open, or will close early, by date: about the next year's.
 * Source: `/v1/marketstatus/upcoming` of the vendor's REST API, which every plan has:
 * `[{date, exchange, name, status: "closed" | "early-close", open?, close?}]`, times in ISO 8601.
 * @throws BackfillError (settings or source), also for an answer of any other form; the reason of `signal`.
 */
export async function upcomingClosures(rest: RestClient, signal?: AbortSignal): Promise<AnnouncedDay[]> {
  const url = `${rest.baseUrl}/v1/marketstatus/upcoming`;
  // The calendar has no asset class of its own; it is asked for once, so any will do.
  const json = await rest.getJson({ url, dataset: "stocks", operation: OPERATION }, signal);
  if (!Array.isArray(json)) throw badAnswer("it is no list of days");
  const days = new Map<string, AnnouncedDay>();
  for (const entry of json) {
    if (memberOf(entry, "exchange") !== EXCHANGE) continue;
    const day = readDay(entry);
    if (day === null) throw badAnswer(`it holds ${rest.masked(JSON.stringify(entry)).slice(0, 200)}`);
    days.set(day.date, day);
  }
  // There is no year without a holiday.
  if (days.size === 0) throw badAnswer(`it names no day of ${EXCHANGE}`);
  return [...days.values()].toSorted((a, b) => (a.date < b.date ? -1 : 1));
}

function readDay(entry: unknown): AnnouncedDay | null {
  const [date, name, status] = ["date", "name", "status"].map((member) => memberOf(entry, member));
  if (typeof date !== "string" || !isDate(date) || typeof name !== "string") return null;
  if (status === "closed") return { date, name, close: null };
  const close = status === "early-close" ? closeTime(memberOf(entry, "close"), date) : null;
  return close === null ? null : { date, name, close };
}

/** A close as a clock time in New York; null if it is not a time of that date after the open. */
function closeTime(close: unknown, date: string): string | null {
  const closeMs = typeof close === "string" ? Date.parse(close) : Number.NaN;
  if (Number.isNaN(closeMs) || dateInZone(closeMs, NEW_YORK) !== date) return null;
  const time = timeInZone(closeMs, NEW_YORK);
  return time > "09:30" && time <= "16:00" ? time : null;
}

function badAnswer(reason: string): BackfillError {
  return new BackfillError({
    kind: "source",
    code: "bad-answer",
    operation: OPERATION,
    reason: `the answer cannot be used: ${reason}`,
    nextStep: "The calendar stays as it is. Run again later, or leave --refresh-calendar out.",
  });
}
