import { expect, test } from "bun:test";
import type { Chart } from "../../../src/view/page/answers.ts";
import { chartMarks, marksInSight, markText, MOST_MARKS } from "../../../src/view/page/chart-marks.ts";

const at = (time: string) => Date.parse(`${time}:00-05:00`);

/** A chart of SPX with bars that begin at these times of New York. */
function chartOf(
  timeframe: string,
  starts: readonly string[],
  lacking: {
    readonly holes?: readonly (readonly [from: string, to: string])[];
    readonly missing?: readonly string[];
  },
): Chart {
  const prices = { open: 1, high: 1, low: 1, close: 1, volume: null, incomplete: false };
  return {
    symbol: "SPX",
    dataset: "indices",
    timeframe,
    from: "2024-11-20",
    to: "2024-11-22",
    made: "cached",
    days: (lacking.missing ?? []).map((date) => ({
      date,
      state: "missing",
      source: null,
      provisional: false,
      bars: 0,
    })),
    holes: (lacking.holes ?? []).map(([from, to]) => ({
      from: at(from),
      to: at(to),
      minutes: (at(to) - at(from)) / 60_000,
    })),
    withoutBars: null,
    bars: starts.map((start) => ({ timestamp: at(start), ...prices })),
  };
}

function marked(chart: Chart): string[] {
  return chartMarks(chart).map(
    (mark) => `${new Date(mark.timestamp - 5 * 3_600_000).toISOString().slice(0, 16)} ${markText(mark)}`,
  );
}

const HOURS = ["09:30", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30"].map(
  (time) => `2024-11-20T${time}`,
);

test("minutes that lack in an hour are marked at its bar, to the last of them", () => {
  const holes = [
    ["2024-11-20T10:17", "2024-11-20T10:20"],
    ["2024-11-20T10:28", "2024-11-20T10:30"],
    ["2024-11-20T11:29", "2024-11-20T11:30"],
    ["2024-11-20T15:50", "2024-11-20T16:00"],
  ] as const;
  expect(marked(chartOf("1h", HOURS, { holes }))).toEqual([
    "2024-11-20T09:30 −5",
    "2024-11-20T10:30 −1",
    "2024-11-20T15:30 −10",
  ]);
});

test("a hole of a day's bar is marked at that day", () => {
  const days = ["2024-11-20T09:30", "2024-11-21T09:30", "2024-11-22T09:30"];
  const holes = [
    ["2024-11-20T15:50", "2024-11-20T16:00"],
    ["2024-11-22T09:30", "2024-11-22T09:40"],
  ] as const;
  expect(marked(chartOf("1d", days, { holes }))).toEqual(["2024-11-20T09:30 −10", "2024-11-22T09:30 −10"]);
});

test("among minutes the one after a hole is marked, at the close the one before it", () => {
  const minutes = ["2024-11-20T09:35", "2024-11-20T09:40", "2024-11-20T15:58", "2024-11-21T09:32"];
  const holes = [
    ["2024-11-20T09:30", "2024-11-20T09:35"],
    ["2024-11-20T09:36", "2024-11-20T09:40"],
    ["2024-11-20T15:59", "2024-11-20T16:00"],
    ["2024-11-21T09:30", "2024-11-21T09:32"],
  ] as const;
  expect(marked(chartOf("1m", minutes, { holes }))).toEqual([
    "2024-11-20T09:35 −5",
    "2024-11-20T09:40 −4",
    "2024-11-20T15:58 −1",
    "2024-11-21T09:32 −2",
  ]);
});

test("whole days are marked at the bar after them, at the last one if there is none", () => {
  const days = ["2024-11-20T09:30", "2024-11-22T09:30"];
  const missing = ["2024-11-18", "2024-11-19", "2024-11-21", "2024-11-25"];
  expect(marked(chartOf("1d", days, { missing }))).toEqual([
    "2024-11-20T09:30 −2 days",
    "2024-11-22T09:30 −2 days",
  ]);
});

test("every one of many holes has its mark", () => {
  const starts = Array.from({ length: 2000 }, (_, index) =>
    new Date(Date.UTC(2024, 10, 20, 9, 30) + index * 120_000).toISOString().slice(0, 16),
  );
  const holes = starts.map((start) => [minuteAfter(start, 1), minuteAfter(start, 2)] as const);
  const marks = chartMarks(chartOf("1m", starts, { holes }));
  expect(marks.length).toBe(1999);
  expect(marks.reduce((sum, { minutes }) => sum + minutes, 0)).toBe(2000);
});

function minuteAfter(time: string, minutes: number): string {
  return new Date(Date.parse(`${time}:00Z`) + minutes * 60_000).toISOString().slice(0, 16);
}

test("of more marks than can be drawn one of each few in sight is, where most lacks", () => {
  const marks = Array.from({ length: 1000 }, (_, index) => ({
    timestamp: index,
    minutes: index % 2 === 0 ? 1 : 2,
    days: index === 400 ? 1 : 0,
  }));
  const far = marksInSight(marks, 0, 999);
  // One of each three: all have a bar that lacks 2 minutes but for 400, whose day weighs more.
  const odd = marks.filter(
    ({ timestamp }) => timestamp % 3 === (Math.floor(timestamp / 3) % 2 === 0 ? 1 : 0) && timestamp < 999,
  );
  expect(far).toEqual(
    [...odd.map((mark) => (mark.timestamp === 399 ? (marks[400] ?? mark) : mark)), marks[999]].flatMap(
      (mark) => mark ?? [],
    ),
  );
  expect(far.length).toBeLessThanOrEqual(MOST_MARKS);
  expect(marksInSight(marks, 10, 200)).toEqual(marks.slice(10, 201));
});

test("a chart without bars has no marks", () => {
  expect(chartMarks(chartOf("1m", [], { missing: ["2024-11-20"] }))).toEqual([]);
});
