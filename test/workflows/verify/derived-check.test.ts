import { expect, test } from "bun:test";
import { knownSymbols } from "../../../src/cache/symbols.ts";
import { keepTimeframes } from "../../../src/cache/timeframes.ts";
import { sessionOf } from "../../../src/core/sessions.ts";
import { aggregateKept } from "../../../src/workflows/aggregate/aggregate.ts";
import { checkCache } from "../../../src/workflows/verify/check-cache.ts";
import type { CheckResult } from "../../../src/workflows/verify/findings.ts";
import { barsFrom } from "../../support/bars.ts";
import { heldOf, keyOf, writeDay } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { contextOf } from "../run-context.ts";

const DATE = "2024-11-22";

async function withHours(): Promise<TempCache> {
  const temp = tempCache();
  const openMs = sessionOf("indices", DATE)?.openMs ?? 0;
  const prices = Array.from({ length: 390 }, (_, minute) => 100 + minute / 100);
  await writeDay(temp.cache, { date: DATE, blocks: [["I:SPX", barsFrom(openMs, prices)]] });
  await keepTimeframes(temp.cache, [{ timeframeMinutes: 60, session: "regular" }], 1);
  await aggregateKept(contextOf(temp));
  return temp;
}

function checked(temp: TempCache, repair = false): Promise<CheckResult> {
  const options = { jumpPercent: null, tolerancePercent: 0, repair, requestsPerMinute: null };
  const scope = { symbols: knownSymbols(temp.cache), range: null };
  return checkCache(contextOf(temp), scope, options);
}

async function faultsOf(temp: TempCache, repair = false): Promise<readonly string[]> {
  const { faults } = await checked(temp, repair);
  return faults.map(({ kind, symbol, date, detail }) => `${kind} ${symbol} ${date}: ${detail}`);
}

test("coarser bars that are what their minutes make are no fault", async () => {
  using temp = await withHours();
  expect(await faultsOf(temp)).toEqual([]);
});

test.each([
  [
    "UPDATE bars SET high = high + 1 WHERE timeframe_minutes = 60 AND window_start_ms = (SELECT max(window_start_ms) FROM bars WHERE timeframe_minutes = 60)",
    "1 of 7 1h bars with other values than the minutes make",
  ],
  [
    "DELETE FROM bars WHERE timeframe_minutes = 60 AND window_start_ms = (SELECT min(window_start_ms) FROM bars WHERE timeframe_minutes = 60)",
    "6 1h bars, 7 by the minutes",
  ],
  [
    "UPDATE batches SET content_hash = 'abc' WHERE timeframe_minutes = 60",
    "1h bars are not those that were noted",
  ],
])("after %s they are told, and made again", async (sql, detail) => {
  using temp = await withHours();
  const key = { ...(await keyOf(temp.cache, "I:SPX", DATE)), timeframeMinutes: 60 };
  const before = heldOf(temp.cache, key).bars;
  temp.cache.db.run(sql);
  expect(await faultsOf(temp, true)).toEqual([`derived-differs SPX ${DATE}: ${detail}`]);
  await aggregateKept(contextOf(temp));
  expect(heldOf(temp.cache, key).bars).toEqual(before);
  expect(await faultsOf(temp)).toEqual([]);
});

test("days whose minutes have changed since are no fault, and it is said that they wait", async () => {
  using temp = await withHours();
  const openMs = sessionOf("indices", DATE)?.openMs ?? 0;
  const prices = Array.from({ length: 390 }, () => 100);
  await writeDay(temp.cache, { date: DATE, blocks: [["I:SPX", barsFrom(openMs, prices)]] });
  const { faults, notes } = await checked(temp);
  expect(faults).toEqual([]);
  expect(notes).toEqual([
    "Coarser bars of 1 day wait to be made from its present minutes, and were not compared: run aggregate.",
  ]);
  await aggregateKept(contextOf(temp));
  expect((await checked(temp)).notes).toEqual([]);
});
