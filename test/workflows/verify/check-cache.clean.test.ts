import { expect, test } from "bun:test";
import { MINUTE_MS } from "../../../src/core/bar.ts";
import { NEW_YORK, zonedTimeMs } from "../../../src/core/dates.ts";
import { sessionOf } from "../../../src/core/sessions.ts";
import type { CheckResult } from "../../../src/workflows/verify/findings.ts";
import { wavingBars, writeBars, checkedCache } from "./verify-support.ts";
import { bar } from "../../support/bars.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { writeDay } from "../../support/cache-days.ts";

function cleanResult(symbols: number, days: number, bars: number): CheckResult {
  return {
    check: "cache",
    lookedAt: { symbols, days, bars },
    faultCount: 0,
    kinds: {},
    faults: [],
    notes: [],
  };
}

function stockDay(date: string, base: number) {
  return wavingBars(new Date(zonedTimeMs(date, "04:00", NEW_YORK)).toISOString(), 960, base, {
    volume: 12.5,
    transactions: 3,
  });
}

/** All minutes of a session. */
function sessionBars(date: string, base: number) {
  const session = sessionOf("indices", date);
  return wavingBars(new Date(session?.openMs ?? 0).toISOString(), session?.minutes ?? 0, base);
}

test("an empty cache has nothing to look at", async () => {
  using temp = tempCache();
  expect(await checkedCache(temp)).toEqual({ ...cleanResult(0, 0, 0), lookedAt: {} });
});

test("full days, an early close, days about the change of clocks and a holiday's index bars are right", async () => {
  using temp = tempCache();
  // 2024-07-03 and 2024-11-29 close at 13:00; clocks change on 2024-03-10 and 2024-11-03.
  const stockDates = ["2024-03-08", "2024-03-11", "2024-07-03", "2024-11-01", "2024-11-04", "2024-11-29"];
  for (const [index, date] of stockDates.entries()) {
    await writeBars(temp, "stocks", "AAPL", date, stockDay(date, 200 + index));
    await writeBars(temp, "indices", "I:SPX", date, sessionBars(date, 5000 + index));
  }
  // Thanksgiving: some indices trade on.
  await writeBars(temp, "indices", "I:SPX", "2024-11-28", wavingBars("2024-11-28T06:00:00Z", 1440, 5100));
  const bars = stockDates.length * 960 + 4 * 390 + 2 * 210 + 1440;
  expect(await checkedCache(temp)).toEqual(cleanResult(2, 13, bars));
});

test("options until 16:15, crypto at any hour and forex in its week are right", async () => {
  using temp = tempCache();
  const forex = (date: string, start: string, count: number) =>
    writeBars(temp, "forex", "C:EUR-USD", date, wavingBars(start, count, 1000 + count / 1000));
  await writeBars(temp, "options", "O:SPY", "2024-11-22", wavingBars("2024-11-22T14:30:00Z", 406, 5));
  // Sunday 17:00 in New York is 22:00 UTC, or 21:00 in summer.
  await forex("2024-11-17", "2024-11-17T22:00:00Z", 420);
  await forex("2024-11-18", "2024-11-18T06:00:00Z", 1320);
  await forex("2024-11-22", "2024-11-22T00:00:00Z", 1320);
  await forex("2024-07-07", "2024-07-07T21:00:00Z", 300);
  await forex("2024-03-10", "2024-03-10T21:00:00Z", 301);
  await writeBars(
    temp,
    "crypto",
    "X:BTC-USD",
    "2024-11-23",
    wavingBars("2024-11-23T00:00:00Z", 1440, 90_000),
  );
  expect(await checkedCache(temp)).toEqual(cleanResult(3, 7, 406 + 420 + 1320 + 1320 + 300 + 301 + 1440));
});

/** Its day is UTC's by the API and reaches into the next by flat file. */
async function twoCryptoDays(temp: TempCache) {
  const evening = wavingBars("2024-11-22T23:00:00Z", 120, 90_000);
  await writeBars(temp, "crypto", "X:BTC-USD", "2024-11-22", evening);
  await writeBars(
    temp,
    "crypto",
    "X:BTC-USD",
    "2024-11-23",
    wavingBars("2024-11-23T00:00:00Z", 300, 90_001),
    {
      source: "api",
    },
  );
}

test("days of the API, absent days, symbols added later, days republished and moved minutes are right", async () => {
  using temp = tempCache();
  const first = sessionBars("2024-11-21", 6000);
  await writeBars(temp, "indices", "I:SPX", "2024-11-21", first.slice(10), { source: "api" });
  await writeBars(temp, "indices", "I:SPX", "2024-11-21", first);
  await writeBars(temp, "indices", "I:SPX", "2024-11-21", first.slice(0, 380));
  await writeBars(temp, "indices", "I:NDX", "2024-11-21", sessionBars("2024-11-21", 20_000));
  await writeDay(temp.cache, { date: "2024-11-22", wanted: ["I:SPX"] });
  await twoCryptoDays(temp);
  expect(await checkedCache(temp)).toEqual(cleanResult(3, 5, 380 + 390 + 300 + 60));
});

test("indices may stand at zero and below, and days that hardly move may be alike", async () => {
  using temp = tempCache();
  for (const date of ["2024-11-20", "2024-11-21", "2024-11-22"]) {
    const flat = wavingBars(`${date}T14:30:00Z`, 390).map((each) => ({
      ...each,
      open: 7,
      high: 7,
      low: 7,
      close: 7,
    }));
    await writeBars(temp, "indices", "I:FLAT", date, flat);
    const breadth = wavingBars(`${date}T14:30:00Z`, 29, -3);
    await writeBars(temp, "indices", "I:TICK", date, breadth);
  }
  expect(await checkedCache(temp)).toEqual(cleanResult(2, 6, 3 * 419));
});

test("bars more than 15 minutes apart may be any step apart, and so may options", async () => {
  using temp = tempCache();
  const startMs = Date.parse("2024-11-22T15:00:00Z");
  const step = (minutes: number) => [bar(startMs, 100), bar(startMs + minutes * MINUTE_MS, 300)];
  await writeBars(temp, "stocks", "GAP", "2024-11-22", step(16));
  await writeBars(temp, "options", "O:SPY", "2024-11-22", step(1));
  expect(await checkedCache(temp)).toEqual(cleanResult(2, 2, 4));
});
