import { MINUTE_MS } from "./bar.ts";
import { DATASET_FACTS, type Dataset } from "./datasets.ts";
import { addDays, NEW_YORK, newYorkDate, zonedTimeMs } from "./dates.ts";
import { nyseMinutes, sessionOf } from "./sessions.ts";

/** REST plans of the vendor are up to 15 minutes behind. */
export const DELAY_MS = 15 * MINUTE_MS;

/**
 * When a day's flat file is due, epoch ms: about 11:00 in New York on the next day, says the vendor. A file may
 * be there earlier or later: whether it is published, only the listing tells.
 */
export function flatFileDueMs(date: string): number {
  return zonedTimeMs(addDays(date, 1), "11:00", NEW_YORK);
}

/** The last date whose flat file is due at `nowMs`. */
export function lastDueDate(nowMs: number): string {
  const yesterday = addDays(newYorkDate(nowMs), -1);
  return nowMs >= flatFileDueMs(yesterday) ? yesterday : addDays(yesterday, -1);
}

/**
 * When the last bar of a day has reached every plan, epoch ms. US sessions end with the stocks' late trading at
 * 20:00 New York; crypto and forex days end with their session.
 */
export function dayIsOverMs(dataset: Dataset, date: string): number {
  const { sessionCalendar, dayTimeZone } = DATASET_FACTS[dataset];
  if (sessionCalendar === "nyse") return zonedTimeMs(date, "20:00", NEW_YORK) + DELAY_MS;
  const endMs = sessionOf(dataset, date)?.closeMs ?? zonedTimeMs(addDays(date, 1), "00:00", dayTimeZone);
  return endMs + DELAY_MS;
}

/** How long after a day an API answer without all its bars is asked for again: an end-of-day plan is late. */
const API_LATE_MS = 2 * 24 * 60 * MINUTE_MS;

/** What is known of an answer of the REST API for one day. */
export interface ApiAnswerFacts {
  /** When it was given, epoch ms. */
  readonly readAtMs: number;
  readonly barCount: number;
  readonly sessionBarCount: number;
}

/**
 * Whether an API answer says all there will be of its day: the day was over, and either its bars are there (every
 * minute of the session, where every minute has one) or it was asked so late that no more will come.
 */
export function isFinalAnswer(
  dataset: Dataset,
  date: string,
  { readAtMs, barCount, sessionBarCount }: ApiAnswerFacts,
): boolean {
  const overMs = knownDayIsOverMs(dataset, date);
  if (readAtMs < overMs) return false;
  const expected = expectedBars(dataset, date);
  // An index has bars in every session: an answer without any is a failing of the service, however late.
  if (expected !== null && barCount === 0) return false;
  const complete = expected === null ? barCount > 0 : sessionBarCount >= expected;
  return complete || readAtMs >= overMs + API_LATE_MS;
}

const overMsByDay = new Map<string, number>();

/** `dayIsOverMs`, worked out once for a day: the coverage of years asks for every symbol. */
function knownDayIsOverMs(dataset: Dataset, date: string): number {
  const { sessionCalendar, dayTimeZone } = DATASET_FACTS[dataset];
  const day = `${sessionCalendar} ${dayTimeZone} ${date}`;
  const known = overMsByDay.get(day);
  if (known !== undefined) return known;
  const overMs = dayIsOverMs(dataset, date);
  overMsByDay.set(day, overMs);
  return overMs;
}

/** Bars of a whole session where every minute has one (indices); null where bars come with trades. */
export function expectedBars(dataset: Dataset, date: string): number | null {
  return DATASET_FACTS[dataset].barsEveryMinute ? nyseMinutes(date) : null;
}

/** A late file is waited for this long after it was due before its day counts as missing. */
const LATE_FILE_MS = 7 * 24 * 60 * MINUTE_MS;

/** Whether a flat file that is not published at `nowMs` is so late that its day is missing. */
export function isLongOverdue(date: string, nowMs: number): boolean {
  return nowMs >= flatFileDueMs(date) + LATE_FILE_MS;
}

/** The evening of `date` in New York, epoch ms: the moment that `--today` stands for. */
export function eveningMs(date: string): number {
  return zonedTimeMs(date, "21:00", NEW_YORK);
}
