import { describe, expect, test } from "bun:test";
import type { CoverageDay } from "../../../src/workflows/coverage/symbol-coverage.ts";
import { coverageDay, type OneDay } from "./one-day.ts";
import type { DayProblem } from "../../../src/cache/problems.ts";

/** A Friday; its flat file is due on Saturday at 11:00 in New York. */
const DAY = "2024-11-22";
const DUE_MS = Date.parse("2024-11-23T16:00:00Z");
const DAY_MS = 86_400_000;
const LONG_AFTER_MS = DUE_MS + 30 * DAY_MS;

/** Of an index day that nothing is known of, long after it. */
const UNKNOWN: OneDay = {
  dataset: "indices",
  date: DAY,
  nowMs: LONG_AFTER_MS,
  batch: null,
  allTickersRead: false,
  problem: null,
  synced: false,
};

type CoverageBatch = NonNullable<OneDay["batch"]>;

function batch(fields: Partial<CoverageBatch> = {}): CoverageBatch {
  return {
    source: "flatfile",
    barCount: 390,
    sessionBarCount: 390,
    readAtMs: LONG_AFTER_MS,
    isDelayed: 0,
    ...fields,
  };
}

function apiBatch(readAt: string, fields: Partial<CoverageBatch> = {}): CoverageBatch {
  return batch({ source: "api", readAtMs: Date.parse(readAt), ...fields });
}

function problem(state: DayProblem["state"]): DayProblem {
  return {
    dataset: "indices",
    ticker: "",
    date: DAY,
    state,
    step: "download",
    error: `it is ${state}`,
    hint: "Wait.",
    seenAtMs: 0,
  };
}

function stateOf(facts: Partial<OneDay>): CoverageDay["state"] {
  return coverageDay({ ...UNKNOWN, ...facts }).state;
}

describe("a day from a flat file", () => {
  test("is complete with every minute of the session", () => {
    expect(coverageDay({ ...UNKNOWN, batch: batch(), synced: true })).toEqual({
      date: DAY,
      state: "complete",
      source: "flatfile",
      bars: 390,
      expected: 390,
      synced: true,
      delayed: false,
      usual: null,
      missing: [],
      note: null,
    });
  });

  test("is partial if an index lacks one minute of the session, however many bars lie outside", () => {
    expect(stateOf({ batch: batch({ barCount: 389, sessionBarCount: 389 }) })).toBe("partial");
    expect(stateOf({ batch: batch({ barCount: 500, sessionBarCount: 389 }) })).toBe("partial");
    expect(stateOf({ batch: batch({ barCount: 500, sessionBarCount: 390 }) })).toBe("complete");
  });

  test("needs 210 minutes on an early close", () => {
    const early = { date: "2024-11-29" };
    expect(stateOf({ ...early, batch: batch({ barCount: 210, sessionBarCount: 210 }) })).toBe("complete");
    expect(stateOf({ ...early, batch: batch({ barCount: 209, sessionBarCount: 209 }) })).toBe("partial");
    expect(coverageDay({ ...UNKNOWN, ...early, batch: batch() }).expected).toBe(210);
  });

  test.each(["stocks", "options", "crypto", "forex"] as const)(
    "of %s is complete with a single bar, since bars come with trades",
    (dataset) => {
      const cell = coverageDay({ ...UNKNOWN, dataset, batch: batch({ barCount: 1, sessionBarCount: 0 }) });
      expect(cell).toEqual({
        date: DAY,
        state: "complete",
        source: "flatfile",
        bars: 1,
        expected: null,
        synced: false,
        delayed: false,
        usual: null,
        missing: [],
        note: null,
      });
    },
  );

  test("is absent without bars", () => {
    expect(stateOf({ batch: batch({ barCount: 0, sessionBarCount: 0 }) })).toBe("absent");
  });

  test("stays what it is whatever went wrong later", () => {
    const cell = coverageDay({ ...UNKNOWN, batch: batch(), problem: problem("failed") });
    expect([cell.state, cell.note]).toEqual(["complete", null]);
  });

  test("of a day without a session is complete with bars and closed without", () => {
    const holiday = { date: "2024-11-28" };
    expect(stateOf({ ...holiday, batch: batch({ barCount: 7, sessionBarCount: 0 }) })).toBe("complete");
    expect(stateOf({ ...holiday, batch: batch({ barCount: 0, sessionBarCount: 0 }) })).toBe("closed");
    expect(coverageDay({ ...UNKNOWN, ...holiday }).expected).toBe(null);
  });
});

describe("a day from the API", () => {
  const OVER = "2024-11-23T01:15:00Z";
  const JUST_BEFORE = "2024-11-23T01:14:59.999Z";

  test("is provisional", () => {
    expect(coverageDay({ ...UNKNOWN, batch: apiBatch(OVER) })).toEqual({
      date: DAY,
      state: "provisional",
      source: "api",
      bars: 390,
      expected: 390,
      synced: false,
      delayed: false,
      usual: null,
      missing: [],
      note: null,
    });
    expect(stateOf({ dataset: "stocks", batch: apiBatch(OVER, { barCount: 1, sessionBarCount: 1 }) })).toBe(
      "provisional",
    );
  });

  test("that lacks minutes is provisional until its flat file is due, and partial from then on", () => {
    const half = { barCount: 200, sessionBarCount: 200 };
    for (const readAt of [JUST_BEFORE, OVER]) {
      expect(stateOf({ nowMs: Date.parse(OVER), batch: apiBatch(readAt, half) })).toBe("provisional");
      expect(stateOf({ nowMs: DUE_MS - 1, batch: apiBatch(readAt, half) })).toBe("provisional");
      expect(stateOf({ nowMs: DUE_MS, batch: apiBatch(readAt, half) })).toBe("partial");
    }
  });

  test("that lacks minutes of the session is partial however many bars lie outside", () => {
    const bars = { barCount: 500, sessionBarCount: 389 };
    expect(stateOf({ batch: apiBatch("2024-11-25T12:00:00Z", bars) })).toBe("partial");
  });

  test("of an index without bars is never absent: pending until its file is due, then missing", () => {
    const none = { barCount: 0, sessionBarCount: 0 };
    for (const readAt of [JUST_BEFORE, OVER]) {
      expect(stateOf({ nowMs: Date.parse(OVER), batch: apiBatch(readAt, none) })).toBe("pending");
      expect(stateOf({ nowMs: DUE_MS - 1, batch: apiBatch(readAt, none) })).toBe("pending");
      expect(stateOf({ nowMs: DUE_MS, batch: apiBatch(readAt, none) })).toBe("missing");
    }
    expect(stateOf({ batch: apiBatch("2024-12-20T12:00:00Z", none) })).toBe("missing");
  });

  test("that was read at noon and never again is a gap a month later", () => {
    const half = apiBatch("2024-11-22T12:00:00-05:00", { barCount: 150, sessionBarCount: 150 });
    expect(stateOf({ nowMs: LONG_AFTER_MS, batch: half })).toBe("partial");
  });

  test("that was read before it opened and never again is missing a month later", () => {
    const none = apiBatch("2024-11-22T08:00:00-05:00", { barCount: 0, sessionBarCount: 0 });
    expect(stateOf({ nowMs: LONG_AFTER_MS, batch: none })).toBe("missing");
  });

  test.each([
    ["crypto", DAY, "2024-11-25T00:15:00Z"],
    ["forex", "2024-11-21", "2024-11-24T05:15:00Z"],
    ["stocks", DAY, "2024-11-25T01:15:00Z"],
  ] as const)("of %s (%s) without bars is absent if it was read at %s", (dataset, date, finalAt) => {
    const none = { barCount: 0, sessionBarCount: 0 };
    const nowMs = Date.parse(finalAt);
    const justBefore = new Date(nowMs - 1).toISOString();
    expect(stateOf({ dataset, date, nowMs, batch: apiBatch(justBefore, none) })).toBe("missing");
    expect(stateOf({ dataset, date, nowMs, batch: apiBatch(finalAt, none) })).toBe("absent");
  });

  test("of a plan that is late says so while it lacks the end of the day, and no more once it has it", () => {
    const half = { barCount: 200, sessionBarCount: 200, isDelayed: 1 };
    const cell = (readAt: string, fields: Partial<CoverageBatch>) =>
      coverageDay({ ...UNKNOWN, nowMs: Date.parse(OVER), batch: apiBatch(readAt, fields) });
    expect(cell(JUST_BEFORE, half)).toMatchObject({
      state: "provisional",
      delayed: true,
      note: "200 of 390 minutes; your plan's data is 15 minutes late",
    });
    expect(cell(JUST_BEFORE, { isDelayed: 1 })).toMatchObject({
      delayed: true,
      note: "your plan's data is 15 minutes late",
    });
    expect(cell(OVER, { isDelayed: 1 })).toMatchObject({ delayed: true, note: null });
    expect(cell(JUST_BEFORE, { ...half, isDelayed: 0 })).toMatchObject({
      delayed: false,
      note: "200 of 390 minutes",
    });
  });

  test("of a stock without bars is pending while it may still get some", () => {
    const none = apiBatch(OVER, { barCount: 0, sessionBarCount: 0 });
    expect(stateOf({ dataset: "stocks", nowMs: Date.parse(OVER), batch: none })).toBe("pending");
  });
});

describe("a day that nothing was read of", () => {
  test("is pending until its flat file is due and missing from then on", () => {
    expect(stateOf({ nowMs: DUE_MS - 1 })).toBe("pending");
    expect(coverageDay({ ...UNKNOWN, nowMs: DUE_MS })).toEqual({
      date: DAY,
      state: "missing",
      source: null,
      bars: 0,
      expected: 390,
      synced: false,
      delayed: false,
      usual: null,
      missing: [],
      note: null,
    });
  });

  test("is waited for a week longer if the last run saw that it is not published", () => {
    const late = { problem: problem("pending") };
    expect(stateOf({ ...late, nowMs: DUE_MS })).toBe("pending");
    expect(stateOf({ ...late, nowMs: DUE_MS + 7 * DAY_MS - 1 })).toBe("pending");
    expect(stateOf({ ...late, nowMs: DUE_MS + 7 * DAY_MS })).toBe("missing");
  });

  test("is denied or failed if the last run says so, and tells why", () => {
    for (const state of ["denied", "failed"] as const)
      for (const nowMs of [DUE_MS - 1, LONG_AFTER_MS])
        expect(coverageDay({ ...UNKNOWN, nowMs, problem: problem(state) })).toEqual({
          date: DAY,
          state,
          source: null,
          bars: 0,
          expected: 390,
          synced: false,
          delayed: false,
          usual: null,
          missing: [],
          note: `it is ${state}`,
        });
  });

  test("is absent if its file was read whole, whatever the last run says", () => {
    expect(stateOf({ allTickersRead: true })).toBe("absent");
    expect(stateOf({ allTickersRead: true, problem: problem("failed"), nowMs: 0 })).toBe("absent");
  });

  test("is closed without a session and before the vendor's history", () => {
    expect(stateOf({ date: "2024-11-28" })).toBe("closed");
    expect(stateOf({ date: "2024-11-23" })).toBe("closed");
    expect(stateOf({ date: "2023-02-13" })).toBe("closed");
    expect(stateOf({ date: "2023-02-14" })).toBe("missing");
    expect(stateOf({ dataset: "crypto", date: "2024-11-23" })).toBe("missing");
    expect(stateOf({ dataset: "forex", date: "2024-11-23" })).toBe("closed");
    expect(stateOf({ date: "2024-11-28", allTickersRead: true })).toBe("closed");
  });

  test("is pending in the future", () => {
    expect(stateOf({ nowMs: Date.parse("2024-11-20T12:00:00Z") })).toBe("pending");
  });
});

test("bars that were made from others have no source of their own", () => {
  expect(coverageDay({ ...UNKNOWN, batch: batch({ source: "derived" }) })).toEqual({
    date: DAY,
    state: "complete",
    source: null,
    bars: 390,
    expected: 390,
    synced: false,
    delayed: false,
    usual: null,
    missing: [],
    note: null,
  });
});

test("a partial day names the minutes it lacks, in New York's clock times", () => {
  const cell = coverageDay({
    ...UNKNOWN,
    batch: batch({ barCount: 374, sessionBarCount: 374 }),
    holes: [
      [15, 29],
      [389, 389],
    ],
  });
  expect(cell).toMatchObject({
    state: "partial",
    missing: [
      { from: "09:45", to: "09:59" },
      { from: "15:59", to: "15:59" },
    ],
    note: "374 of 390 minutes",
  });
});
