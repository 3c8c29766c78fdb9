import { expect, test } from "bun:test";
import { notCached, nothingCached } from "../../../../src/cli/render/show/not-cached.ts";
import { wordsOf } from "../../../support/thrown.ts";
import type { DayState } from "../../../../src/workflows/coverage/day-state.ts";

const SPX = { symbol: "SPX", ticker: "I:SPX", dataset: "indices" } as const;
const again = (command: string, flags = "") => `program ${command}${flags}`;

function error(states: readonly DayState[], way: { isSynthetic?: boolean; datasetFlag?: string } = {}) {
  const dates = states.map((_, index) => `2024-11-${index + 18}`);
  const chart = {
    ...SPX,
    from: dates[0] ?? "",
    to: dates.at(-1) ?? "",
    timeframe: "1m",
    session: "regular",
    made: "cached",
    days: states.map((state, index) => ({
      date: dates[index] ?? "",
      state,
      source: null,
      provisional: false,
      bars: 0,
      expected: 390,
    })),
    holes: [],
    withoutBars: "not-cached",
    bars: [],
  } as const;
  const { kind, help, message, nextStep } = notCached(chart, {
    again,
    isSynthetic: false,
    datasetFlag: "",
    ...way,
  });
  return [kind, help, message, nextStep];
}

const FETCH = "Fetch it with: program hybrid --symbols=I:SPX --from=2024-11-18 --to=2024-11-18";
const WHY = "See why with: program status --gaps";

test.each([
  ["missing", ["usage", "gaps", "show SPX 2024-11-18: the day is not in the cache", FETCH]],
  [
    "pending",
    ["usage", "gaps", "show SPX 2024-11-18: the day is not published yet, and not in the cache", FETCH],
  ],
  ["denied", ["settings", "plan", "show SPX 2024-11-18: the day is not in your plan", WHY]],
  ["failed", ["source", "gaps", "show SPX 2024-11-18: the day could not be fetched by the last run", WHY]],
] as const)("a day that is %s is told with what to do", (state, told) => {
  expect(error([state])).toEqual([...told]);
});

test("of several days the worst is told", () => {
  expect(error(["absent", "missing", "denied"])).toEqual([
    "settings",
    "plan",
    "show SPX 2024-11-18 to 2024-11-20: of its days without bars some are not in your plan",
    WHY,
  ]);
});

test("the way there names the dataset where the user did", () => {
  expect(error(["missing"], { datasetFlag: " --dataset=indices" })[3]).toBe(
    "Fetch it with: program hybrid --symbols=I:SPX --dataset=indices --from=2024-11-18 --to=2024-11-18",
  );
});

test("the demo, which cannot fetch, names its own days", () => {
  expect(error(["missing"], { isSynthetic: true })[3]).toBe(
    "The demo has only days of its own; see them with: program status",
  );
});

test("a symbol that is known, and has no bars on any day, is told with where to see why", () => {
  expect(wordsOf(nothingCached(SPX, { again, isSynthetic: false, datasetFlag: "" }))).toEqual({
    kind: "usage",
    operation: "show SPX",
    reason: "the cache has no bars of it, on any day that it was asked for",
    nextStep: "See why with: program status --symbols=I:SPX",
  });
});
