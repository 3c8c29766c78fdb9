import { addDays, datesBetween, NEW_YORK, weekdayOf, zonedTimeMs } from "../../core/dates.ts";
import { sessionOf } from "../../core/sessions.ts";
import type { Answer } from "../http/answer.ts";
import { jsonAnswer } from "../http/answer.ts";

/** A day that the exchanges announce beyond their rules. */
export interface AnnouncedClosure {
  readonly date: string;
  readonly name: string;
  /** When trading ends, a clock time in New York; without it the exchanges do not open. */
  readonly close?: string;
}

const EXCHANGES = ["NYSE", "NASDAQ"];
const FULL_SESSION_MINUTES = 390;
const DAYS_AHEAD = 365;
const SATURDAY = 6;

/** Answers `/v1/marketstatus/upcoming`: the closures and early closes of the year after `today`, nothing of the past. */
export function upcomingAnswer(today: string, announced: readonly AnnouncedClosure[]): Answer {
  const last = addDays(today, DAYS_AHEAD);
  const named = announced.filter(({ date }) => date >= today && date <= last);
  const ruled = datesBetween(today, last)
    .filter((date) => weekdayOf(date) < SATURDAY && !named.some((day) => day.date === date))
    .flatMap(ruledClosure);
  const days = [...ruled, ...named].toSorted((a, b) => (a.date < b.date ? -1 : 1));
  return jsonAnswer(
    200,
    days.flatMap((day) => EXCHANGES.map((exchange) => entryOf(exchange, day))),
  );
}

function ruledClosure(date: string): AnnouncedClosure[] {
  const session = sessionOf("stocks", date);
  if (session === null) return [{ date, name: "Holiday" }];
  return session.minutes < FULL_SESSION_MINUTES ? [{ date, name: "Holiday", close: "13:00" }] : [];
}

function entryOf(exchange: string, { date, name, close }: AnnouncedClosure): object {
  if (close === undefined) return { date, exchange, name, status: "closed" };
  const instant = (time: string) => new Date(zonedTimeMs(date, time, NEW_YORK)).toISOString();
  return { date, exchange, name, status: "early-close", open: instant("09:30"), close: instant(close) };
}
