import { expect, test } from "bun:test";
import type { Dataset } from "../../../src/core/datasets.ts";
import type { DayState } from "../../../src/workflows/coverage/day-state.ts";
import { withoutBars, type WithoutBars } from "../../../src/workflows/chart/without-bars.ts";

function why(dataset: Dataset, days: readonly (readonly [date: string, state: DayState, bars?: number])[]) {
  return withoutBars(
    dataset,
    days.map(([date, state, bars = 0]) => ({ date, state, bars })),
  );
}

test.each<[WithoutBars, Dataset, readonly (readonly [string, DayState, number?])[]]>([
  ["weekend", "stocks", [["2024-11-23", "closed"]]],
  ["holiday", "stocks", [["2024-11-28", "closed"]]],
  ["weekend", "forex", [["2024-11-23", "closed"]]],
  [
    "closed",
    "stocks",
    [
      ["2024-05-26", "closed"],
      ["2024-05-27", "closed"],
    ],
  ],
  ["before-history", "crypto", [["2013-01-02", "closed"]]],
  ["no-bars", "stocks", [["2024-11-22", "absent"]]],
  [
    "no-bars",
    "stocks",
    [
      ["2024-11-22", "absent"],
      ["2024-11-23", "closed"],
    ],
  ],
  [
    "not-cached",
    "stocks",
    [
      ["2024-11-21", "missing"],
      ["2024-11-22", "absent"],
    ],
  ],
  ["not-cached", "stocks", [["2024-11-22", "pending"]]],
  ["not-cached", "stocks", [["2024-11-22", "denied"]]],
  ["not-cached", "stocks", [["2024-11-22", "failed"]]],
  ["outside-session", "stocks", [["2024-11-22", "complete", 12]]],
])("the reason is %p for %s days %j", (reason, dataset, days) => {
  expect(why(dataset, days)).toBe(reason);
});
