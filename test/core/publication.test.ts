import { describe, expect, test } from "bun:test";
import { DATASETS } from "../../src/core/datasets.ts";
import { newYorkDate } from "../../src/core/dates.ts";
import {
  dayIsOverMs,
  eveningMs,
  expectedBars,
  flatFileDueMs,
  isFinalAnswer,
  isLongOverdue,
} from "../../src/core/publication.ts";

test("a day's flat file is due at 11:00 in New York on the next day, in winter and in summer", () => {
  expect(flatFileDueMs("2024-11-22")).toBe(Date.UTC(2024, 10, 23, 16));
  expect(flatFileDueMs("2024-07-01")).toBe(Date.UTC(2024, 6, 2, 15));
  expect(flatFileDueMs("2024-11-02")).toBe(Date.UTC(2024, 10, 3, 16));
});

test("a day has reached every plan a quarter of an hour after its last minute", () => {
  const eightInTheEveningMs = Date.UTC(2024, 10, 23, 1);
  for (const dataset of ["indices", "stocks", "options"] as const)
    expect([dataset, dayIsOverMs(dataset, "2024-11-22")]).toEqual([dataset, eightInTheEveningMs + 900_000]);
  expect(dayIsOverMs("crypto", "2024-11-22")).toBe(Date.UTC(2024, 10, 23, 0, 15));
  expect(dayIsOverMs("forex", "2024-11-21")).toBe(Date.UTC(2024, 10, 22, 5, 15));
  // On Friday the week ends at 17:00.
  expect(dayIsOverMs("forex", "2024-11-22")).toBe(Date.UTC(2024, 10, 22, 22, 15));
});

test("the evening that --today stands for comes after the end of that day's trading, on that day", () => {
  const evening = eveningMs("2024-11-22");
  expect(newYorkDate(evening)).toBe("2024-11-22");
  expect(evening).toBe(Date.UTC(2024, 10, 23, 2));
  expect(evening).toBeGreaterThan(dayIsOverMs("stocks", "2024-11-22"));
});

describe("an answer of the API is final", () => {
  const DAY = "2024-11-22";
  const TWO_DAYS_MS = 2 * 86_400_000;

  function isFinal(dataset: (typeof DATASETS)[number], afterMs: number, bars: number, ofSession = bars) {
    const readAtMs = dayIsOverMs(dataset, DAY) + afterMs;
    return isFinalAnswer(dataset, DAY, { readAtMs, barCount: bars, sessionBarCount: ofSession });
  }

  test("never before the day was over, however many bars it has", () => {
    for (const dataset of DATASETS) expect([dataset, isFinal(dataset, -1, 390)]).toEqual([dataset, false]);
  });

  test("for an index once every minute of the session is there", () => {
    expect([isFinal("indices", 0, 390), isFinal("indices", 0, 389), isFinal("indices", 0, 0)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(isFinal("indices", 0, 500, 389)).toBe(false);
  });

  test("for the others once there is any bar", () => {
    for (const dataset of ["stocks", "options", "crypto", "forex"] as const)
      expect([dataset, isFinal(dataset, 0, 1, 0), isFinal(dataset, 0, 0)]).toEqual([dataset, true, false]);
  });

  test("whatever it lacks if it was given two days later, but for an index without any bar", () => {
    for (const dataset of DATASETS) {
      const bars = dataset === "indices" ? 1 : 0;
      expect([
        dataset,
        isFinal(dataset, TWO_DAYS_MS - 1, bars, 0),
        isFinal(dataset, TWO_DAYS_MS, bars, 0),
      ]).toEqual([dataset, dataset !== "indices" && bars > 0, true]);
    }
    expect(isFinal("indices", 10 * TWO_DAYS_MS, 0)).toBe(false);
  });

  test("on an early close with its 210 minutes", () => {
    const facts = { readAtMs: dayIsOverMs("indices", "2024-11-29"), barCount: 210 };
    expect(isFinalAnswer("indices", "2024-11-29", { ...facts, sessionBarCount: 210 })).toBe(true);
    expect(isFinalAnswer("indices", "2024-11-29", { ...facts, sessionBarCount: 209 })).toBe(false);
  });
});

test("bars are expected in every minute of an index session, and of nothing else", () => {
  expect(DATASETS.map((dataset) => expectedBars(dataset, "2024-11-22"))).toEqual([
    390,
    null,
    null,
    null,
    null,
  ]);
  expect([expectedBars("indices", "2024-11-29"), expectedBars("indices", "2024-11-28")]).toEqual([210, null]);
});

test("a flat file is long overdue a week after it was due", () => {
  const weekLaterMs = Date.UTC(2024, 10, 30, 16);
  expect(isLongOverdue("2024-11-22", weekLaterMs - 1)).toBe(false);
  expect(isLongOverdue("2024-11-22", weekLaterMs)).toBe(true);
});
