import { describe, expect, test } from "bun:test";
import { planJson, planText } from "../../../src/cli/render/plan.ts";
import type { CostedPlan } from "../../../src/workflows/plan-run.ts";
import { costOf, type Speeds } from "../../../src/workflows/planning/cost.ts";
import { makePlan, type Plan } from "../../../src/workflows/planning/plan.ts";
import { factsOf, file, fromFile } from "../../workflows/planning/plan-facts.ts";

const SPEEDS: Speeds = {
  downloadBytesPerSecond: 10e6,
  readBytesPerSecond: 100e6,
  requestMs: 500,
  spacingMs: 0,
  measured: true,
};

function costed(plan: Plan, resumedBytes = 0, fields: Partial<CostedPlan> = {}): CostedPlan {
  return { plan, cost: costOf(plan, SPEEDS, resumedBytes), isMeasured: true, cheaper: null, ...fields };
}

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
    expect(planText(costed(PLAN))).toBe(
      `Plan (nothing was done):
  I:SPX                 2024-11-14                1 day     keep: up to date
  I:SPX                 2024-11-15 to 2024-11-19  3 days    read file: flat file published
  I:SPX                 2024-11-20                1 day     read file: local file reused
  I:SPX                 2024-11-21 to 2024-11-25  3 days    ask API: not published yet, so API
  I:SPX                 2024-11-26                1 day     none: in the future
  O:SPY251121C00650000  2024-11-14 to 2024-11-25  8 days    ask API: not published yet, so API
  O:SPY251121C00650000  2024-11-26                1 day     none: in the future

  3 files to download (360.0 MB), 1 file to reuse, 2 API requests
  About 38 s, judging by earlier runs.
`,
    );
  });

  test("keeps datasets apart that are taken whole", () => {
    const plan = makePlan(factsOf({ wholeDatasets: ["indices", "stocks"], from: "2024-11-22" }));
    expect(planText(costed(plan))).toBe(
      `Plan (nothing was done):
  indices *  2024-11-22                1 day     wait: not published yet
  stocks *   2024-11-22                1 day     wait: not published yet

  0 files to download (0 B), 0 files to reuse, 0 API requests
  Nothing has to be fetched or read.
`,
    );
  });

  test("tells a plan without anything to do", () => {
    expect(planText(costed({ days: [], files: [], requests: [] }))).toBe(
      "Plan (nothing was done):\n\n  0 files to download (0 B), 0 files to reuse, 0 API requests\n  Nothing has to be fetched or read.\n",
    );
  });

  test("says what the vendor says to days that are not in the plan, each refusal on its own line", () => {
    const plan = makePlan(
      factsOf({
        symbols: ["SPX"],
        from: "2024-11-19",
        to: "2024-11-22",
        files: ["2024-11-19", "2024-11-20", "2024-11-21"].map((date) => file("indices", date)),
        filesRefusedTo: { indices: "2024-11-20" },
        listing: "read",
      }),
    );
    expect(planText(costed(plan)).split("\n").slice(1, 4)).toEqual([
      "  I:SPX     2024-11-19 to 2024-11-20  2 days    denied: not in the plan (the vendor says: forbidden)",
      "  I:SPX     2024-11-21                1 day     read file: flat file published",
      "  I:SPX     2024-11-22                1 day     wait: not published yet",
    ]);
  });

  test("says what its estimate rests on, and which way would be cheaper", () => {
    const none = { files: 0, bytes: 0, resumedBytes: 0, reused: 0, requests: 0, seconds: 0 };
    const cheaper = {
      byFiles: { ...none, files: 62, bytes: 7.9e9, seconds: 790 },
      byApi: { ...none, requests: 3, seconds: 1.5 },
    };
    const lines = planText(costed(PLAN, 0, { isMeasured: false, cheaper })).split("\n");
    expect(lines.slice(-3)).toEqual([
      "  About 38 s, at usual speeds: no earlier run to judge by.",
      "  The API would need 3 requests (about 2 s) instead of 7.9 GB of flat files (about 13 min 10 s): --source=cheapest. Its bars stay provisional.",
      "",
    ]);
    expect(planJson(costed(PLAN, 0, { isMeasured: false, cheaper }))).toMatchObject({
      estimate: { seconds: 38, judgedBy: "usual speeds" },
      cheaper,
    });
  });
});

test("what an earlier run has fetched already is not to be fetched again", () => {
  expect(planText(costed(PLAN, 100_000_000))).toEndWith(
    "  3 files to download (260.0 MB; 100.0 MB are here from an earlier run), 1 file to reuse, 2 API requests\n  About 28 s, judging by earlier runs.\n",
  );
});

test("planJson has every day, closed ones too, and the totals", () => {
  expect(planJson(costed(PLAN, 100_000_000))).toEqual({
    totals: { files: 3, bytes: 260_000_000, resumedBytes: 100_000_000, reused: 1, requests: 2 },
    estimate: { seconds: 28, judgedBy: "earlier runs" },
    cheaper: null,
    days: PLAN.days,
  });
  expect(PLAN.days).toHaveLength(26);
});
