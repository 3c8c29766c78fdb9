import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { checkApi } from "../../../src/workflows/verify/check-api.ts";
import { rangesOf, sampleOf } from "../../../src/workflows/verify/sample.ts";
import { datesBetween } from "../../../src/core/dates.ts";
import { rejectionOf } from "../../support/thrown.ts";
import { cleanResult, SYMBOLS, vendorWorld, WEEK } from "./vendor-world.ts";

setDefaultTimeout(60_000);

const FRIDAY = "2024-11-29";
const ON_FRIDAY = `epoch_day = ${Date.parse(FRIDAY) / 86_400_000}`;
const SPX_ID = "symbol_id = (SELECT id FROM symbols WHERE symbol = 'SPX')";
const SPX = { dataset: "indices", symbol: "SPX", date: FRIDAY } as const;

describe("days that are the API's too", () => {
  test("are all of a range, asked for a question a symbol", async () => {
    await using world = await vendorWorld();
    const { n: bars } = world.temp.cache.db
      .query<{ n: number }, []>("SELECT count(*) AS n FROM bars")
      .get() ?? { n: 0 };
    expect(await world.check(checkApi, { scope: { range: WEEK } })).toEqual(
      cleanResult("api", { requests: SYMBOLS.length, days: 3 * 4 + 7 + 6, bars }),
    );
  });

  test("are a sample of five days a symbol without a range", async () => {
    await using world = await vendorWorld({ from: "2024-10-21", to: "2024-11-29" }, ["SPX", "NDX"]);
    const result = await world.check(checkApi);
    expect(result).toMatchObject({
      faultCount: 0,
      lookedAt: { days: 10 },
      notes: ["A sample of 58 days; all of a range with --days=N, or --from and --to."],
    });
  });
});

test("minutes about midnight that the file of the day before has are no fault, though that was never read", async () => {
  // An index that trades around the clock: its file begins at Chicago's midnight, the API's day at New York's.
  const tickers = { indices: ["I:AAVE100"] };
  await using world = await vendorWorld({ from: FRIDAY, to: FRIDAY }, ["I:AAVE100"], { tickers });
  const range = { from: FRIDAY, to: FRIDAY };
  const { lookedAt, faults } = await world.check(checkApi, { scope: { range } });
  expect([lookedAt["days"], (lookedAt["bars"] ?? 0) > 1000, faults]).toEqual([1, true, []]);
});

/** What somebody does to the cache, and what is found. */
const INJECTED = [
  [
    "minutes that the cache lacks",
    `DELETE FROM bars WHERE ${SPX_ID} AND ${ON_FRIDAY} AND window_start_ms >= ${Date.parse(`${FRIDAY}T17:58Z`)}`,
    "api-more",
    /^2 bars by the API that the cache lacks \(it has 208\), the first at 12:58 New York \(close [\d.]+\)$/,
  ],
  [
    "a minute that the API lacks",
    `INSERT INTO bars (symbol_id, timeframe_minutes, window_start_ms, epoch_day, open, high, low, close)
     SELECT id, 1, ${Date.parse(`${FRIDAY}T18:01Z`)}, ${Date.parse(FRIDAY) / 86_400_000}, 7, 7, 7, 7 FROM symbols WHERE symbol = 'SPX'`,
    "api-fewer",
    /^1 of 211 bars the API does not have, the first at 13:01 New York \(close 7\)$/,
  ],
  [
    "another price",
    `UPDATE bars SET low = low - 1 WHERE ${SPX_ID} AND ${ON_FRIDAY} AND window_start_ms = ${Date.parse(`${FRIDAY}T15:00Z`)}`,
    "api-differs",
    /^1 of 210 bars differ, the first at 10:00 New York: low [\d.]+ by the API, [\d.]+ in the cache$/,
  ],
] as const;

describe("a day that differs", () => {
  test.each(INJECTED)("by %s is told with both numbers", async (_, sql, kind, detail) => {
    await using world = await vendorWorld(WEEK, ["SPX"]);
    world.temp.cache.db.run(sql);
    const { kinds, faults } = await world.check(checkApi, { scope: { range: WEEK } });
    expect([kinds, faults]).toEqual([
      { [kind]: 1 },
      [{ kind, ...SPX, detail: expect.stringMatching(detail) }],
    ]);
  });

  test("since the vendor has corrected it by the API is told", async () => {
    await using world = await vendorWorld(WEEK, ["AAPL"]);
    world.sandbox.republish("stocks", "2024-11-26", ["AAPL"]);
    const { kinds, faults } = await world.check(checkApi, { scope: { range: WEEK } });
    expect(Object.keys(kinds).toSorted()).toContain("api-differs");
    expect(new Set(faults.map(({ date }) => date))).toEqual(new Set(["2024-11-26"]));
  });
});

describe("what is not compared", () => {
  test("is a ticker that the plan does not include, asked for once", async () => {
    await using world = await vendorWorld({ from: "2024-09-01", to: "2024-11-29" }, ["SPX", "NDX"]);
    world.sandbox.changePlan({ rest: { tickers: ["I:NDX"] } });
    const range = { from: "2024-09-01", to: "2024-11-29" };
    const { faultCount, notes, lookedAt } = await world.check(checkApi, { scope: { range } });
    expect([faultCount, lookedAt["days"]]).toEqual([0, 63]);
    expect(notes).toEqual([expect.stringMatching(/^I:SPX not compared on 63 days: .*not entitled/)]);
  });

  test("is what lies before the plan's first day, in whole questions", async () => {
    await using world = await vendorWorld({ from: "2024-09-01", to: "2024-11-29" }, ["SPX"]);
    // A question is about 30 days: the first, up to October 2, is refused as a whole.
    world.sandbox.changePlan({ rest: { from: "2024-10-01" } });
    const range = { from: "2024-09-01", to: "2024-11-29" };
    const { faultCount, notes, lookedAt } = await world.check(checkApi, { scope: { range } });
    expect([faultCount, lookedAt]).toEqual([0, { requests: 3, days: 41, bars: 40 * 390 + 210 }]);
    expect(notes).toEqual([expect.stringMatching(/^I:SPX not compared on 22 days: .*timeframe/)]);
  });

  test("is a day whose bars are the API's own", async () => {
    await using world = await vendorWorld({ from: "2024-11-29", to: "2024-12-02" }, ["SPX"]);
    const left = "1 day from the API left out whose bars are its own.";
    expect(await world.check(checkApi, { scope: { range: { from: FRIDAY, to: "2024-12-02" } } })).toEqual(
      cleanResult("api", { requests: 1, days: 1, bars: 210 }, [left]),
    );
  });

  test("is everything without an API key, an error", async () => {
    await using world = await vendorWorld(WEEK, ["SPX"]);
    const error = await rejectionOf(world.check(checkApi, { settings: { rest: null } }));
    expect(error).toMatchObject({ kind: "settings", reason: "MASSIVE_API_KEY is not set" });
  });
});

describe("a sample", () => {
  const dates = datesBetween("2024-01-01", "2024-12-31");

  test("has so many dates, in order, and all if there are no more", () => {
    const sample = sampleOf(dates, 5, "seed");
    expect(sample).toHaveLength(5);
    expect(sample.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(sample);
    expect(sampleOf(dates.slice(0, 5), 5, "seed")).toEqual(dates.slice(0, 5));
    expect(sampleOf([], 5, "seed")).toEqual([]);
  });

  test("is the same for a seed, and reaches every date with enough of them", () => {
    expect(sampleOf(dates, 5, "seed")).toEqual(sampleOf(dates, 5, "seed"));
    const reached = new Set(
      Array.from({ length: 1500 }, (_, index) => sampleOf(dates, 5, `2024-11-22 ${index}`)).flat(),
    );
    expect(reached.size).toBe(dates.length);
  });
});

test("dates are asked for together while they are near and a month has room for them", () => {
  expect(rangesOf([])).toEqual([]);
  expect(rangesOf(["2024-11-01", "2024-11-04", "2024-11-09", "2024-11-15"])).toEqual([
    ["2024-11-01", "2024-11-04", "2024-11-09"],
    ["2024-11-15"],
  ]);
  expect(rangesOf(datesBetween("2024-11-01", "2024-12-31")).map((range) => range.length)).toEqual([
    30, 30, 1,
  ]);
});
