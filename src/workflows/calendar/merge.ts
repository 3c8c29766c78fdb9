import { ruledHours, type AnnouncedDay } from "../../core/nyse-calendar.ts";
import { datesBetween, weekdayOf } from "../../core/dates.ts";

/** What an announcement of the vendor changes in the calendar. */
export interface CalendarChanges {
  /** Announced days that the rules do not give: the calendar follows them from now on. */
  readonly news: readonly AnnouncedDay[];
  /** Days that the rules close, or close early, and that the announcement does not name although it goes further. */
  readonly unconfirmed: readonly string[];
}

/** Compares what is announced from `today` on with the rules of the exchange. */
export function compareWithRules(announced: readonly AnnouncedDay[], today: string): CalendarChanges {
  const upcoming = announced.filter(({ date }) => date >= today);
  const named = new Set(upcoming.map(({ date }) => date));
  const last = upcoming.reduce((latest, { date }) => (date > latest ? date : latest), today);
  return {
    news: upcoming.filter(({ date, close }) => {
      const hours = ruledHours(date);
      return (hours?.close ?? null) !== close;
    }),
    unconfirmed: datesBetween(today, last).filter((date) => isSpecial(date) && !named.has(date)),
  };
}

const SATURDAY = 6;

/** Whether the rules close a weekday, or let it end early. */
function isSpecial(date: string): boolean {
  return weekdayOf(date) < SATURDAY && ruledHours(date)?.close !== "16:00";
}
