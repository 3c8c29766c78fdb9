import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { checkSource } from "../../../src/workflows/verify/check-source.ts";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { rejectionOf } from "../../support/thrown.ts";
import { cleanResult, SYMBOLS, vendorWorld, WEEK, type VendorWorld } from "./vendor-world.ts";

setDefaultTimeout(60_000);

/** Days with bars in that week: four sessions of the exchange, seven days of coins, six of pairs. */
const DAYS = 3 * 4 + 7 + 6;
const FRIDAY = "2024-11-29";
const SPX = { dataset: "indices", symbol: "SPX", date: FRIDAY } as const;

function barsIn({ temp }: VendorWorld): number {
  return temp.cache.db.query<{ n: number }, []>("SELECT count(*) AS n FROM bars").get()?.n ?? 0;
}

describe("days that agree with the vendor's day bars", () => {
  test("are read from its files, one a dataset and date", async () => {
    await using world = await vendorWorld();
    const files = 3 * 4 + 7 + 6;
    expect(await world.check(checkSource)).toEqual(
      cleanResult("source", { files, days: DAYS, bars: barsIn(world) }),
    );
    expect(new Set(world.sandbox.requests.map(({ path }) => path.split("/")[3]))).toEqual(
      new Set(["day_aggs_v1"]),
    );
  });

  test("are asked of the API without S3 keys, and where the plan has no files: a question a symbol", async () => {
    await using world = await vendorWorld();
    const byApi = cleanResult("source", { requests: SYMBOLS.length, days: DAYS, bars: barsIn(world) });
    expect(await world.check(checkSource, { settings: { s3: null } })).toEqual(byApi);
    const nothing = { indices: null, stocks: null, options: null, crypto: null, forex: null };
    world.sandbox.changePlan({ planFrom: nothing });
    expect(await world.check(checkSource)).toEqual(byApi);
  });

  test("are those of a day that early closes, clock changes and holidays are about", async () => {
    await using world = await vendorWorld({ from: "2024-11-01", to: "2024-11-05" }, [
      "SPX",
      "AAPL",
      "C:EUR-USD",
    ]);
    expect((await world.check(checkSource)).faultCount).toBe(0);
  });
});

describe("a day that disagrees", () => {
  test("is told with both numbers of each field", async () => {
    await using world = await vendorWorld();
    world.sandbox.falsify("indices", "I:SPX", FRIDAY, { low: 5000.5, high: 6100 });
    const truth = world.sandbox.truth("indices", "I:SPX", FRIDAY);
    const [high, low] = [Math.max(...truth.map((bar) => bar.high)), Math.min(...truth.map((bar) => bar.low))];
    const detail = `high 6100 by the day bar, ${high} by the minutes; low 5000.5 by the day bar, ${low} by the minutes`;
    const result = await world.check(checkSource);
    expect([result.kinds, result.faults]).toEqual([
      { "day-differs": 1 },
      [{ kind: "day-differs", ...SPX, detail }],
    ]);
    expect((await world.check(checkSource, { settings: { s3: null } })).faults).toEqual(result.faults);
  });

  test("is one whose day bar cannot be one, while the others are compared", async () => {
    await using world = await vendorWorld(WEEK, ["SPX", "NDX"]);
    world.sandbox.falsify("indices", "I:SPX", FRIDAY, { high: 1 });
    for (const s3 of [world.context.settings.s3, null]) {
      const { faults, lookedAt } = await world.check(checkSource, { settings: { s3 } });
      expect([lookedAt["days"], faults]).toEqual([
        8,
        [
          {
            kind: "day-differs",
            ...SPX,
            detail: expect.stringMatching(
              /^the day bar cannot be one, high or low not around open and close: .*1/,
            ),
          },
        ],
      ]);
    }
  });

  test("is found when its closing minute was lost, or an hour of a stock's volume", async () => {
    await using world = await vendorWorld();
    const { db } = world.temp.cache;
    const spx = "symbol_id = (SELECT id FROM symbols WHERE symbol = 'SPX')";
    const aapl = "symbol_id = (SELECT id FROM symbols WHERE symbol = 'AAPL')";
    const day = `epoch_day = ${Date.parse(FRIDAY) / 86_400_000}`;
    db.run(
      `DELETE FROM bars WHERE ${spx} AND ${day} AND window_start_ms = ${Date.parse(`${FRIDAY}T17:59Z`)}`,
    );
    db.run(`UPDATE bars SET volume = volume / 10 WHERE ${aapl} AND ${day}`);
    const { kinds, faults } = await world.check(checkSource);
    expect(kinds).toEqual({ "day-differs": 2 });
    const detailOf = (name: string) => faults.find(({ symbol }) => symbol === name)?.detail;
    expect(detailOf("AAPL")).toMatch(/^volume [\d.]+ by the day bar, [\d.]+ by the minutes$/);
    expect(detailOf("SPX")).toMatch(/close [\d.]+ by the day bar, [\d.]+ by the minutes$/);
  });

  test("is one whose minutes or whose day bar are not there at all", async () => {
    await using world = await vendorWorld(WEEK, ["SPX", "I:NOSUCH"]);
    const { db } = world.temp.cache;
    const day = `epoch_day = ${Date.parse(FRIDAY) / 86_400_000}`;
    db.run(`DELETE FROM bars WHERE ${day} AND symbol_id = (SELECT id FROM symbols WHERE symbol = 'SPX')`);
    db.run(`INSERT INTO bars (symbol_id, timeframe_minutes, window_start_ms, epoch_day, open, high, low, close)
      SELECT id, 1, ${Date.parse(`${FRIDAY}T15:00Z`)}, ${Date.parse(FRIDAY) / 86_400_000}, 1, 1, 1, 1 FROM symbols WHERE symbol = 'NOSUCH'`);
    const close = world.sandbox.truth("indices", "I:SPX", FRIDAY).at(-1)?.close;
    const { faults } = await world.check(checkSource);
    expect(faults.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: "day-unknown", ...SPX, symbol: "NOSUCH", detail: "1 bar, and no day bar" },
      { kind: "minutes-lacking", ...SPX, detail: `no bars, and a day bar that closes at ${close}` },
    ]);
  });
});

describe("what is not compared", () => {
  test("is a day of the API until its flat file is due, and one that was asked for before it was over", async () => {
    await using world = await vendorWorld({ from: "2024-11-26", to: "2024-12-02" }, ["SPX"], {
      planFrom: { indices: null },
    });
    const { db } = world.temp.cache;
    db.run(
      `UPDATE batches SET read_at_ms = ${Date.parse("2024-11-27T20:00Z")} WHERE epoch_day = ${Date.parse("2024-11-27") / 86_400_000}`,
    );
    const left = "2 days from the API left out that may still change.";
    expect(await world.check(checkSource)).toEqual(
      cleanResult("source", { requests: 1, days: 2, bars: 390 + 210 }, [left]),
    );
  });

  test("is a day that is marked as not read", async () => {
    await using world = await vendorWorld(WEEK, ["SPX"]);
    const { cache } = world.temp;
    const key = { symbolId: 1, timeframeMinutes: 1, epochDay: Date.parse(FRIDAY) / 86_400_000 };
    await cache.write(() => markUnread(cache, key));
    const { lookedAt, faultCount, notes } = await world.check(checkSource);
    expect([lookedAt["days"], faultCount, notes]).toEqual([3, 0, ["1 day left out, marked as not read."]]);
  });

  test("is what lies before the plan's first day at the API", async () => {
    await using world = await vendorWorld({ from: "2024-10-01", to: "2024-11-29" }, ["SPX", "X:BTC-USD"]);
    world.sandbox.changePlan({ rest: { from: "2024-11-20" } });
    world.sandbox.falsify("indices", "I:SPX", FRIDAY, { high: 6100 });
    world.sandbox.falsify("indices", "I:SPX", "2024-11-19", { high: 6100 });
    const { lookedAt, kinds, notes } = await world.check(checkSource, { settings: { s3: null } });
    // Sessions of the exchange, and days of coins, of which the first begins the evening before in New York.
    expect([lookedAt["days"], kinds]).toEqual([7 + 9, { "day-differs": 1 }]);
    expect(notes).toEqual([
      expect.stringMatching(/^I:SPX not compared on 36 days: .*timeframe/),
      expect.stringMatching(/^X:BTC-USD not compared on 51 days: .*timeframe/),
    ]);
  });

  test("is everything without keys, an error", async () => {
    await using world = await vendorWorld(WEEK, ["SPX"]);
    const error = await rejectionOf(world.check(checkSource, { settings: { s3: null, rest: null } }));
    expect(error).toMatchObject({ kind: "settings", reason: "neither S3 keys nor an API key are set" });
  });

  test("is what neither way gives", async () => {
    await using world = await vendorWorld(WEEK, ["SPX"]);
    world.sandbox.changePlan({ planFrom: { indices: null }, rest: { tickers: [] } });
    const [noKey, refused] = [
      await world.check(checkSource, { settings: { rest: null } }),
      await world.check(checkSource),
    ];
    expect(noKey).toEqual(
      cleanResult("source", {}, [
        "4 days not compared: your plan has no files of their day bars, and MASSIVE_API_KEY is not set.",
      ]),
    );
    expect(refused.notes[0]).toStartWith("I:SPX not compared on 4 days: ");
    expect(refused.faultCount).toBe(0);
  });
});
