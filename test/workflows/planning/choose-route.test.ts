import { describe, expect, test } from "bun:test";
import { cheaperWay, planBySource } from "../../../src/workflows/planning/choose-route.ts";
import { costOf, type Speeds } from "../../../src/workflows/planning/cost.ts";
import { makePlan, type Plan } from "../../../src/workflows/planning/plan.ts";
import { datesBetween } from "../../../src/core/dates.ts";
import { factsOf, file, fromApi, type Given } from "./plan-facts.ts";

const SPEEDS: Speeds = {
  downloadBytesPerSecond: 10e6,
  readBytesPerSecond: 100e6,
  requestMs: 500,
  spacingMs: 0,
  measured: true,
};

/** Ten sessions whose flat files have 100 MB each. */
const WEEKS: Given = {
  symbols: ["SPX", "NDX"],
  from: "2024-11-11",
  to: "2024-11-22",
  api: true,
  files: datesBetween("2024-11-11", "2024-11-22").map((date) => file("indices", date, { sizeBytes: 100e6 })),
};

function reasonsOf({ days }: Plan): string[] {
  return [...new Set(days.map(({ reason }) => reason))].filter((reason) => reason !== "closed");
}

describe("the cost of a plan", () => {
  test("is what has to be fetched and read, and the time for it", () => {
    const files = [
      file("indices", "2024-11-20", { sizeBytes: 100e6 }),
      file("indices", "2024-11-21", { sizeBytes: 50e6, local: true }),
    ];
    const plan = makePlan(factsOf({ ...WEEKS, from: "2024-11-20", files }));
    expect(costOf(plan, SPEEDS)).toEqual({
      files: 1,
      bytes: 100e6,
      resumedBytes: 0,
      reused: 1,
      requests: 2,
      seconds: 10 + 0.5 + 1,
    });
    expect(costOf(plan, SPEEDS, 30e6)).toMatchObject({ bytes: 70e6, resumedBytes: 30e6, seconds: 8.5 });
  });

  test("with a limit of requests is that of the asset class with most of them: each has its own", () => {
    const plan = makePlan(factsOf({ symbols: ["SPX", "NDX", "VIX", "AAPL"], from: "2024-11-22", api: true }));
    expect(costOf(plan, { ...SPEEDS, spacingMs: 12_000 })).toMatchObject({ requests: 4, seconds: 24 });
    expect(costOf(plan, { ...SPEEDS, spacingMs: 100 })).toMatchObject({ requests: 4, seconds: 2 });
  });

  test("counts every page of a long question", () => {
    const plan = makePlan(
      factsOf({ symbols: ["X:BTC-USD"], from: "2024-01-01", to: "2024-11-22", api: true }),
    );
    expect(costOf(plan, SPEEDS)).toMatchObject({ requests: 10, seconds: 5 });
    expect(plan.requests).toHaveLength(1);
  });
});

describe("the source", () => {
  test.each([
    ["auto", ["flat file published"]],
    ["flatfiles", ["flat file published"]],
    ["api", ["API chosen"]],
    ["cheapest", ["API is cheaper"]],
  ] as const)("%s takes published days by: %p", (source, reasons) => {
    expect(reasonsOf(planBySource(factsOf(WEEKS), source, SPEEDS))).toEqual([...reasons]);
  });

  test("cheapest is chosen for each dataset by time", () => {
    const stocks = datesBetween("2024-11-11", "2024-11-22").map((date) =>
      file("stocks", date, { sizeBytes: 1000 }),
    );
    const world = { ...WEEKS, symbols: ["SPX", "AAPL"], files: [...(WEEKS.files ?? []), ...stocks] };
    const { days } = planBySource(factsOf(world), "cheapest", SPEEDS);
    const of = (ticker: string) =>
      reasonsOf({ days: days.filter((day) => day.ticker === ticker), files: [], requests: [] });
    expect([of("I:SPX"), of("AAPL")]).toEqual([["API is cheaper"], ["flat file published"]]);
    // At five requests a minute a small download is the shorter wait.
    const slow = { ...SPEEDS, requestMs: 600_000 };
    expect(reasonsOf(planBySource(factsOf(world), "cheapest", slow))).toEqual(["flat file published"]);
  });

  test("cheapest keeps what the API has said finally, and reads what is here", () => {
    const files = [
      ...(WEEKS.files ?? []).filter(({ date }) => date !== "2024-11-22"),
      file("indices", "2024-11-22", { local: true }),
    ];
    const batches = { "I:SPX 2024-11-21": fromApi("2024-11-22T12:00:00Z") };
    const plan = planBySource(factsOf({ ...WEEKS, symbols: ["SPX"], files, batches }), "cheapest", SPEEDS);
    expect(reasonsOf(plan)).toEqual(["API is cheaper", "up to date", "local file reused"]);
  });

  test("cheapest takes flat files where the API refuses, and for every ticker", () => {
    const refused = { ...WEEKS, apiRefusedTo: { "I:SPX": "9999-12-31", "I:NDX": "9999-12-31" } };
    expect(reasonsOf(planBySource(factsOf(refused), "cheapest", SPEEDS))).toEqual(["flat file published"]);
    const whole = { ...WEEKS, symbols: [], wholeDatasets: ["indices"] as const };
    expect(reasonsOf(planBySource(factsOf(whole), "cheapest", SPEEDS))).toEqual(["flat file published"]);
  });
});

describe("the word about a cheaper way", () => {
  const wayOf = (given: Partial<Given>, speeds = SPEEDS) => {
    const facts = factsOf({ ...WEEKS, ...given });
    return cheaperWay(facts, makePlan(facts), speeds);
  };

  test("is given where a few requests bring what hundreds of megabytes would", () => {
    const nothing = { files: 0, bytes: 0, resumedBytes: 0, reused: 0, requests: 0, seconds: 0 };
    expect(wayOf({})).toEqual({
      byFiles: { ...nothing, files: 10, bytes: 1e9, seconds: 100 },
      byApi: { ...nothing, requests: 2, seconds: 1 },
    });
  });

  test("is about the datasets for which it is true", () => {
    const stocks = datesBetween("2024-11-11", "2024-11-22").map((date) =>
      file("stocks", date, { sizeBytes: 1000 }),
    );
    const way = wayOf({ symbols: ["SPX", "AAPL"], files: [...(WEEKS.files ?? []), ...stocks] });
    expect(way).toMatchObject({ byFiles: { files: 10, bytes: 1e9 }, byApi: { requests: 1 } });
  });

  test.each<[string, Partial<Given>]>([
    ["without an API key", { api: false }],
    ["if the API refuses the symbols", { apiRefusedTo: { "I:SPX": "9999-12-31", "I:NDX": "9999-12-31" } }],
    ["for a small download", { files: (WEEKS.files ?? []).map((one) => ({ ...one, sizeBytes: 9e6 })) }],
    ["for files that are here", { files: (WEEKS.files ?? []).map((one) => ({ ...one, local: true })) }],
    ["for every ticker of a dataset", { symbols: [], wholeDatasets: ["indices"] }],
    ["if nothing is to be done", { files: [], api: true, symbols: [] }],
  ])("is not given %s", (_, given) => {
    expect(wayOf(given)).toBeNull();
  });

  test("is not given where requests take about as long", () => {
    expect(wayOf({}, { ...SPEEDS, requestMs: 12_000 })).toBeNull();
  });
});
