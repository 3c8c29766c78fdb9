import { describe, expect, test } from "bun:test";
import { planJson, planText } from "../../../src/cli/render/plan.ts";
import { makePlan } from "../../../src/workflows/plan.ts";
import { factsOf, file, fromFile } from "../../workflows/plan-facts.ts";

/** Two weeks with a bit of everything, seen on the Monday after them. */
const PLAN = makePlan(
  factsOf({
    symbols: ["SPX", "O:SPY251121C00650000"],
    from: "2024-11-14",
    to: "2024-11-26",
    api: true,
    files: [
      file("indices", "2024-11-14"),
      ...["2024-11-15", "2024-11-18", "2024-11-19"].map((date) =>
        file("indices", date, { sizeBytes: 120_000_000 }),
      ),
      file("indices", "2024-11-20", { local: true }),
    ],
    batches: { "I:SPX 2024-11-14": fromFile("2024-11-14") },
  }),
);

describe("planText", () => {
  test("has one line for each run of days that are treated alike", () => {
    expect(planText(PLAN)).toBe(
      `Plan (nothing was done):
  I:SPX                 2024-11-14                1 day     keep: up to date
  I:SPX                 2024-11-15 to 2024-11-19  3 days    read file: flat file published
  I:SPX                 2024-11-20                1 day     read file: local file reused
  I:SPX                 2024-11-21 to 2024-11-25  3 days    ask API: not published yet, so API
  I:SPX                 2024-11-26                1 day     none: in the future
  O:SPY251121C00650000  2024-11-14 to 2024-11-25  8 days    ask API: not published yet, so API
  O:SPY251121C00650000  2024-11-26                1 day     none: in the future

  3 files to download (360.0 MB), 1 file to reuse, 2 API requests at least
`,
    );
  });

  test("keeps datasets apart that are taken whole", () => {
    const plan = makePlan(factsOf({ wholeDatasets: ["indices", "stocks"], from: "2024-11-22" }));
    expect(planText(plan)).toBe(
      `Plan (nothing was done):
  indices *  2024-11-22                1 day     wait: not published yet
  stocks *   2024-11-22                1 day     wait: not published yet

  0 files to download (0 B), 0 files to reuse, 0 API requests at least
`,
    );
  });

  test("tells a plan without anything to do", () => {
    expect(planText({ days: [], files: [], requests: [] })).toEndWith(
      "  0 files to download (0 B), 0 files to reuse, 0 API requests at least\n",
    );
  });
});

test("what an earlier run has fetched already is not to be fetched again", () => {
  expect(planText(PLAN, 100_000_000)).toEndWith(
    "  3 files to download (260.0 MB; 100.0 MB are here from an earlier run), 1 file to reuse, 2 API requests at least\n",
  );
  expect(planJson(PLAN, 100_000_000)).toEqual({
    totals: { files: 3, bytes: 260_000_000, resumedBytes: 100_000_000, reused: 1, requests: 2 },
    days: PLAN.days,
  });
});

test("planJson has every day, closed ones too, and the totals", () => {
  expect(planJson(PLAN)).toEqual({
    totals: { files: 3, bytes: 360_000_000, resumedBytes: 0, reused: 1, requests: 2 },
    days: PLAN.days,
  });
  expect(PLAN.days).toHaveLength(26);
});
