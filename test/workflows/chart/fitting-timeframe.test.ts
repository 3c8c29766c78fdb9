import { expect, test } from "bun:test";
import { keepTimeframes } from "../../../src/cache/timeframes.ts";
import { NEW_YORK, zonedTimeMs } from "../../../src/core/dates.ts";
import { sessionDates } from "../../../src/core/session-dates.ts";
import { sessionOf } from "../../../src/core/sessions.ts";
import { parseSymbol } from "../../../src/core/symbols.ts";
import { fittingTimeframe } from "../../../src/workflows/chart/fitting-timeframe.ts";
import { barsFrom } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";

const FRIDAY = "2024-11-22";
const SPX = parseSymbol("SPX");
const OPEN_MS = sessionOf("indices", FRIDAY)?.openMs ?? 0;
const COLUMNS = 70;

function prices(count: number): number[] {
  return Array.from({ length: count }, () => 100);
}

function write({ cache }: TempCache, startMs: number, count: number, date = FRIDAY) {
  return writeDay(cache, { date, blocks: [["I:SPX", barsFrom(startMs, prices(count))]] });
}

function fitting({ cache }: TempCache, from = FRIDAY, columns = COLUMNS): number {
  return fittingTimeframe(cache, SPX, { from, to: FRIDAY }, columns);
}

test.each([
  [60, 1],
  [71, 5],
  [350, 5],
  [351, 15],
  [390, 15],
])("%p minutes in 70 columns are shown as bars of %pm", async (minutes, timeframe) => {
  using temp = tempCache();
  await write(temp, OPEN_MS, minutes);
  expect(fitting(temp)).toBe(timeframe);
});

test("minutes outside the session count only where they are shown", async () => {
  using temp = tempCache();
  const nightMs = zonedTimeMs(FRIDAY, "03:00", NEW_YORK);
  await write(temp, nightMs, 390 + 390);
  expect(fitting(temp)).toBe(15);
  await keepTimeframes(temp.cache, [{ timeframeMinutes: 15, session: "all" }], 1);
  expect(fitting(temp, FRIDAY, 40)).toBe(30);
});

test("minutes that are all outside the session are shown as minutes", async () => {
  using temp = tempCache();
  await write(temp, zonedTimeMs(FRIDAY, "02:00", NEW_YORK), 100);
  expect(fitting(temp)).toBe(1);
});

test("a few days are shown by the hour though that does not fit, many days by the day", async () => {
  using temp = tempCache();
  const sessions = sessionDates("indices", "2024-11-08", FRIDAY, FRIDAY);
  for (const [index, date] of sessions.toReversed().entries()) {
    await write(temp, sessionOf("indices", date)?.openMs ?? 0, 390, date);
    expect(fitting(temp, "2024-11-08", 20)).toBe([30, 60, ...Array<number>(7).fill(60)][index] ?? 1440);
  }
  expect(sessions).toHaveLength(11);
});

test("a symbol without bars is shown by the minute", () => {
  using temp = tempCache();
  expect(fitting(temp)).toBe(1);
});
