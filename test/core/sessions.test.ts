import { afterEach, describe, expect, test } from "bun:test";
import type { Dataset } from "../../src/core/datasets.ts";
import { addDays, datesBetween, weekdayOf } from "../../src/core/dates.ts";
import {
  nyseMinutes,
  sessionMinutes,
  sessionOf,
  useAnnouncedDays,
  type Session,
} from "../../src/core/sessions.ts";

interface NyseYear {
  readonly closed: string;
  readonly early: string;
  readonly tradingDays: number;
}

/**
 * Weekdays without trading, 13:00 closes and the number of trading days, as the exchange announced and kept
 * them. Sources: its list of special closings (2003-2010), its yearly holiday releases (2011-2028).
 */
const NYSE_YEARS: Readonly<Record<number, NyseYear>> = {
  2003: {
    closed: "01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25",
    early: "07-03 11-28 12-24 12-26",
    tradingDays: 252,
  },
  2004: {
    closed: "01-01 01-19 02-16 04-09 05-31 06-11 07-05 09-06 11-25 12-24",
    early: "11-26",
    tradingDays: 252,
  },
  2005: { closed: "01-17 02-21 03-25 05-30 07-04 09-05 11-24 12-26", early: "11-25", tradingDays: 252 },
  2006: {
    closed: "01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25",
    early: "07-03 11-24",
    tradingDays: 251,
  },
  2007: {
    closed: "01-01 01-02 01-15 02-19 04-06 05-28 07-04 09-03 11-22 12-25",
    early: "07-03 11-23 12-24",
    tradingDays: 251,
  },
  2008: {
    closed: "01-01 01-21 02-18 03-21 05-26 07-04 09-01 11-27 12-25",
    early: "07-03 11-28 12-24",
    tradingDays: 253,
  },
  2009: {
    closed: "01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25",
    early: "11-27 12-24",
    tradingDays: 252,
  },
  2010: { closed: "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24", early: "11-26", tradingDays: 252 },
  2011: { closed: "01-17 02-21 04-22 05-30 07-04 09-05 11-24 12-26", early: "11-25", tradingDays: 252 },
  2012: {
    closed: "01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25",
    early: "07-03 11-23 12-24",
    tradingDays: 250,
  },
  2013: {
    closed: "01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25",
    early: "07-03 11-29 12-24",
    tradingDays: 252,
  },
  2014: {
    closed: "01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25",
    early: "07-03 11-28 12-24",
    tradingDays: 252,
  },
  2015: {
    closed: "01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25",
    early: "11-27 12-24",
    tradingDays: 252,
  },
  2016: { closed: "01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26", early: "11-25", tradingDays: 252 },
  2017: {
    closed: "01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25",
    early: "07-03 11-24",
    tradingDays: 251,
  },
  2018: {
    closed: "01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25",
    early: "07-03 11-23 12-24",
    tradingDays: 251,
  },
  2019: {
    closed: "01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25",
    early: "07-03 11-29 12-24",
    tradingDays: 252,
  },
  2020: {
    closed: "01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25",
    early: "11-27 12-24",
    tradingDays: 253,
  },
  2021: { closed: "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24", early: "11-26", tradingDays: 252 },
  2022: { closed: "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26", early: "11-25", tradingDays: 251 },
  2023: {
    closed: "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25",
    early: "07-03 11-24",
    tradingDays: 250,
  },
  2024: {
    closed: "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25",
    early: "07-03 11-29 12-24",
    tradingDays: 252,
  },
  2025: {
    closed: "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
    early: "07-03 11-28 12-24",
    tradingDays: 250,
  },
  2026: {
    closed: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
    early: "11-27 12-24",
    tradingDays: 251,
  },
  2027: {
    closed: "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
    early: "11-26",
    tradingDays: 251,
  },
  2028: {
    closed: "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25",
    early: "07-03 11-24",
    tradingDays: 251,
  },
};

function observedYear(year: number): NyseYear {
  const weekdays = datesBetween(`${year}-01-01`, `${year}-12-31`).filter((date) => weekdayOf(date) <= 5);
  const minutesByDate = weekdays.map((date) => ({ date, minutes: sessionOf("stocks", date)?.minutes }));
  const daysOf = (minutes: number | undefined) =>
    minutesByDate.filter((day) => day.minutes === minutes).map((day) => day.date.slice(5));
  return {
    closed: daysOf(undefined).join(" "),
    early: daysOf(210).join(" "),
    tradingDays: daysOf(390).length + daysOf(210).length,
  };
}

describe("New York Stock Exchange", () => {
  test("every year's closures and early closes from 2003 to 2028 are the exchange's", () => {
    const years = Object.keys(NYSE_YEARS).map(Number);
    expect(years).toEqual(Array.from({ length: 26 }, (_, index) => 2003 + index));
    expect(Object.fromEntries(years.map((year) => [year, observedYear(year)]))).toEqual(NYSE_YEARS);
  });

  test("no weekend has a session", () => {
    const weekends = datesBetween("2003-01-01", "2028-12-31").filter((date) => weekdayOf(date) > 5);
    expect(weekends.filter((date) => sessionOf("stocks", date) !== null)).toEqual([]);
  });

  test.each([
    ["2024-03-08", "2024-03-08T14:30:00Z", "2024-03-08T21:00:00Z", 390],
    ["2024-03-11", "2024-03-11T13:30:00Z", "2024-03-11T20:00:00Z", 390],
    ["2024-11-01", "2024-11-01T13:30:00Z", "2024-11-01T20:00:00Z", 390],
    ["2024-11-04", "2024-11-04T14:30:00Z", "2024-11-04T21:00:00Z", 390],
    ["2024-07-03", "2024-07-03T13:30:00Z", "2024-07-03T17:00:00Z", 210],
    ["2024-11-29", "2024-11-29T14:30:00Z", "2024-11-29T18:00:00Z", 210],
    // Until 2006 daylight saving began in April and ended in October.
    ["2006-03-31", "2006-03-31T14:30:00Z", "2006-03-31T21:00:00Z", 390],
    ["2006-10-30", "2006-10-30T14:30:00Z", "2006-10-30T21:00:00Z", 390],
    ["2003-09-10", "2003-09-10T13:30:00Z", "2003-09-10T20:00:00Z", 390],
  ])("the session of %s runs from %s to %s", (date, open, close, minutes) => {
    const expected = { date, openMs: Date.parse(open), closeMs: Date.parse(close), minutes };
    const exchangeDatasets: Dataset[] = ["stocks", "options", "indices"];
    expect(exchangeDatasets.map((dataset) => sessionOf(dataset, date))).toEqual([
      expected,
      expected,
      expected,
    ]);
  });
});

describe("crypto", () => {
  test.each(["2024-03-10", "2024-11-03", "2024-12-25", "2024-02-29"])("%s is a whole UTC day", (date) => {
    const openMs = Date.parse(`${date}T00:00:00Z`);
    expect(sessionOf("crypto", date)).toEqual({ date, openMs, closeMs: openMs + 86_400_000, minutes: 1440 });
  });
});

/** A whole New York day of the forex week, in winter time. */
function wholeDay(date: string): Session {
  const openMs = Date.parse(`${date}T05:00:00Z`);
  return { date, openMs, closeMs: openMs + 86_400_000, minutes: 1440 };
}

describe("forex", () => {
  test("a week runs from Sunday 17:00 to Friday 17:00, New York time", () => {
    const week = datesBetween("2024-11-16", "2024-11-23").map((date) => sessionOf("forex", date));
    expect(week).toEqual([
      null,
      { ...wholeDay("2024-11-17"), openMs: Date.parse("2024-11-17T22:00:00Z"), minutes: 420 },
      wholeDay("2024-11-18"),
      wholeDay("2024-11-19"),
      wholeDay("2024-11-20"),
      wholeDay("2024-11-21"),
      { ...wholeDay("2024-11-22"), closeMs: Date.parse("2024-11-22T22:00:00Z"), minutes: 1020 },
      null,
    ]);
  });

  test.each([
    ["2024-03-10", "2024-03-10T21:00:00Z", "2024-03-11T04:00:00Z"],
    ["2024-11-03", "2024-11-03T22:00:00Z", "2024-11-04T05:00:00Z"],
  ])("the clocks change before the Sunday session of %s opens", (date, open, close) => {
    const expected = { date, openMs: Date.parse(open), closeMs: Date.parse(close), minutes: 420 };
    expect(sessionOf("forex", date)).toEqual(expected);
  });

  test("one dataset's days do not answer for another's", () => {
    const date = "2024-12-25";
    expect([
      sessionOf("stocks", date),
      sessionOf("forex", date)?.minutes,
      sessionOf("crypto", date)?.minutes,
    ]).toEqual([null, 1440, 1440]);
  });
});

/**
 * Hours that New York is behind UTC at noon of a date, by the law: until 2006 daylight saving time ran from the first
 * Sunday of April to the last of October, since then from the second of March to the first of November.
 */
function hoursBehindUtc(date: string): 4 | 5 {
  const year = date.slice(0, 4);
  const isOld = Number(year) < 2007;
  const begins = isOld ? sundayFrom(`${year}-04-01`) : addDays(sundayFrom(`${year}-03-01`), 7);
  const ends = isOld ? sundayFrom(`${year}-10-25`) : sundayFrom(`${year}-11-01`);
  return date >= begins && date < ends ? 4 : 5;
}

function sundayFrom(date: string): string {
  return weekdayOf(date) === 7 ? date : sundayFrom(addDays(date, 1));
}

/** The instant at which a date begins in New York. */
function midnightMs(date: string): number {
  return Date.parse(`${date}T00:00Z`) + hoursBehindUtc(addDays(date, -1)) * 3_600_000;
}

describe("every day from 2003-09-10 to the end of 2028", () => {
  const dates = datesBetween("2003-09-10", "2028-12-31");

  test("opens at 09:30 and closes at 16:00 or 13:00 by the clocks of the day", () => {
    const wrong = dates.filter((date) => {
      const session = sessionOf("stocks", date);
      if (session === null) return false;
      const hours = hoursBehindUtc(date);
      const closeHour = session.minutes === 210 ? 13 : 16;
      const at = (hour: number, minute: number) =>
        Date.parse(`${date}T00:00Z`) + (hour * 60 + minute) * 60_000;
      return session.openMs !== at(9 + hours, 30) || session.closeMs !== at(closeHour + hours, 0);
    });
    expect(wrong).toEqual([]);
  });

  test("has a forex session by the clocks of the day", () => {
    const wrong = dates.filter((date) => {
      const weekday = weekdayOf(date);
      const session = sessionOf("forex", date);
      if (weekday === 6 || session === null) return weekday !== 6 || session !== null;
      const edgeMs = Date.parse(`${date}T17:00Z`) + hoursBehindUtc(date) * 3_600_000;
      const openMs = weekday === 7 ? edgeMs : midnightMs(date);
      const closeMs = weekday === 5 ? edgeMs : midnightMs(addDays(date, 1));
      return session.openMs !== openMs || session.closeMs !== closeMs;
    });
    expect(wrong).toEqual([]);
  });

  test.each(["stocks", "crypto", "forex"] as const)(
    "has %s minutes without looking at the clock",
    (dataset) => {
      const wrong = dates.filter(
        (date) => sessionMinutes(dataset, date) !== (sessionOf(dataset, date)?.minutes ?? 0),
      );
      expect(wrong).toEqual([]);
    },
  );
});

describe("days that were announced since", () => {
  afterEach(() => useAnnouncedDays([]));
  const MOURNING = { date: "2027-03-10", name: "National Day of Mourning", close: null };

  test("are closed, or end early, for every dataset of the exchange and no other", () => {
    expect(sessionOf("stocks", MOURNING.date)?.minutes).toBe(390);
    useAnnouncedDays([MOURNING, { date: "2027-03-11", name: "Storm", close: "14:00" }]);
    for (const dataset of ["stocks", "options", "indices"] as const)
      expect([sessionOf(dataset, MOURNING.date), sessionOf(dataset, "2027-03-11")?.minutes]).toEqual([
        null,
        270,
      ]);
    expect([sessionOf("crypto", MOURNING.date)?.minutes, sessionOf("forex", MOURNING.date)?.minutes]).toEqual(
      [1440, 1440],
    );
    expect([nyseMinutes(MOURNING.date), sessionMinutes("stocks", "2027-03-11")]).toEqual([null, 270]);
  });

  test("are forgotten when others take their place", () => {
    useAnnouncedDays([MOURNING]);
    expect(sessionOf("stocks", MOURNING.date)).toBeNull();
    useAnnouncedDays([]);
    expect(sessionOf("stocks", MOURNING.date)?.minutes).toBe(390);
  });

  test("may open a day that the rules close, yet no weekend", () => {
    useAnnouncedDays([
      { date: "2027-12-24", name: "Christmas Eve", close: "13:00" },
      { date: "2027-12-25", name: "nonsense", close: "13:00" },
    ]);
    expect([sessionOf("stocks", "2027-12-24")?.minutes, sessionOf("stocks", "2027-12-25")]).toEqual([
      210,
      null,
    ]);
  });
});
