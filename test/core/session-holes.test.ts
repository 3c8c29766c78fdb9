import { describe, expect, test } from "bun:test";
import { MINUTE_MS } from "../../src/core/bar.ts";
import { holeTimes, sessionHoles } from "../../src/core/session-holes.ts";
import { sessionOf } from "../../src/core/sessions.ts";

function sessionOn(date: string) {
  const session = sessionOf("indices", date);
  if (session === null) throw new Error(`no session on ${date}`);
  return session;
}

/** Window starts of the minutes `from` to `to` of the session. */
function minutes(openMs: number, from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => openMs + (from + index) * MINUTE_MS);
}

describe("the holes of a session", () => {
  const session = sessionOn("2024-11-22");
  const { openMs } = session;

  test.each([
    ["no bar", [], [[0, 389]]],
    ["every bar", minutes(openMs, 0, 389), []],
    ["no first minute", minutes(openMs, 1, 389), [[0, 0]]],
    ["no closing minute", minutes(openMs, 0, 388), [[389, 389]]],
    [
      "two runs missing",
      [...minutes(openMs, 0, 14), ...minutes(openMs, 30, 99), ...minutes(openMs, 101, 389)],
      [
        [15, 29],
        [100, 100],
      ],
    ],
    ["bars outside the session only", minutes(openMs, -60, -1), [[0, 389]]],
    ["bars before, in and after it", minutes(openMs, -60, 400), []],
  ] as const)("with %s", (_, starts, holes) => {
    expect(sessionHoles(starts, session)).toEqual(holes.map(([first, last]) => [first, last]));
  });

  test("are those of 210 minutes on an early close", () => {
    const early = sessionOn("2024-11-29");
    expect(sessionHoles(minutes(early.openMs, 0, 199), early)).toEqual([[200, 209]]);
  });
});

test("a hole is told in New York's clock times, whatever the season", () => {
  expect(
    [
      [0, 0],
      [15, 29],
      [389, 389],
    ].map(([first = 0, last = 0]) => holeTimes([first, last])),
  ).toEqual([
    { from: "09:30", to: "09:30" },
    { from: "09:45", to: "09:59" },
    { from: "15:59", to: "15:59" },
  ]);
});
