import { describe, expect, test } from "bun:test";
import { recountDays } from "../../../src/cache/recount-session.ts";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { outboxSummary, unsyncedBatches } from "../../../src/cache/outbox.ts";
import { markSynced, markSent } from "../../../src/cache/deliveries.ts";
import { openTarget } from "../../../src/cache/targets.ts";
import { knownSymbols } from "../../../src/cache/symbols.ts";
import type { KeptTimeframe } from "../../../src/cache/timeframes.ts";
import type { Bar } from "../../../src/core/bar.ts";
import { datesBetween, epochDayOf, zonedTimeMs, NEW_YORK } from "../../../src/core/dates.ts";
import { sessionOf } from "../../../src/core/sessions.ts";
import { aggregate, type AggregateResult } from "../../../src/workflows/aggregate/aggregate.ts";
import { barsFrom } from "../../support/bars.ts";
import { heldOf, keyOf, writeDay } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { contextOf } from "../run-context.ts";

const DATE = "2024-11-22";
const EVERY: readonly KeptTimeframe[] = [5, 15, 30, 60, 1440].map((timeframeMinutes) => ({
  timeframeMinutes,
  session: "regular",
}));

function sessionBars(date: string, price = 100): Bar[] {
  const session = sessionOf("indices", date);
  if (session === null) throw new Error(`${date} has no session`);
  return barsFrom(
    session.openMs,
    Array.from({ length: session.minutes }, (_, minute) => price + minute),
  );
}

function make(temp: TempCache, timeframes = EVERY): Promise<AggregateResult> {
  return aggregate(contextOf(temp), { symbols: knownSymbols(temp.cache), timeframes, range: null });
}

function spx(temp: TempCache, bars: readonly Bar[], date = DATE, fields = {}) {
  return writeDay(temp.cache, { date, blocks: [["I:SPX", bars]], ...fields });
}

async function derived(temp: TempCache, timeframeMinutes: number, date = DATE) {
  return heldOf(temp.cache, { ...(await keyOf(temp.cache, "I:SPX", date)), timeframeMinutes });
}

function flagsOf({ cache }: TempCache, timeframeMinutes: number) {
  return cache.db
    .query(
      `SELECT session, is_provisional AS isProvisional, incomplete_bars AS incomplete
       FROM derivations WHERE timeframe_minutes = ? ORDER BY epoch_day`,
    )
    .all(timeframeMinutes);
}

const NOTHING = { days: 0, minutes: 0, batches: 0, bars: 0, added: 0, changed: 0, removed: 0, incomplete: 0 };

test("each timeframe of a day is a batch of its own, made once", async () => {
  using temp = tempCache();
  await spx(temp, sessionBars(DATE));
  expect(await make(temp)).toEqual({
    timeframes: ["5m", "15m", "30m", "1h", "1d"].map((timeframe) => ({ timeframe, session: "regular" })),
    days: 1,
    minutes: 390,
    batches: 5,
    bars: 78 + 26 + 13 + 7 + 1,
    added: 125,
    changed: 0,
    removed: 0,
    incomplete: 0,
  });
  const hour = await derived(temp, 60);
  expect(hour.batch).toMatchObject({ source: "derived", barCount: 7, sessionBarCount: 7, revision: 1 });
  expect(hour.bars.map(({ open, high, low, close }) => [open, high, low, close])).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((index) => {
      const [first, last] = [100 + 60 * index, Math.min(100 + 60 * index + 59, 489)];
      return [first, last, first, last];
    }),
  );
  expect(await make(temp)).toMatchObject(NOTHING);
});

test("a corrected minute changes exactly its bars, and those alone are sent again", async () => {
  using temp = tempCache();
  const bars = sessionBars(DATE);
  await spx(temp, bars);
  await spx(temp, sessionBars("2024-11-21"), "2024-11-21");
  await make(temp);
  const targetId = await openTarget(temp.cache, "somewhere");
  const all = [...unsyncedBatches(temp.cache, targetId)];
  await markSent(temp.cache, targetId, all);
  await markSynced(
    temp.cache,
    targetId,
    all.map((batch) => ({ batch, deletes: [] })),
    1,
  );
  expect(outboxSummary(temp.cache, targetId).batches).toBe(0);
  const before = await Promise.all(EVERY.map(({ timeframeMinutes }) => derived(temp, timeframeMinutes)));

  // The minute of 10:17, whose high is above that of its whole day.
  await spx(
    temp,
    bars.map((bar, index) => (index === 47 ? { ...bar, high: 1000 } : bar)),
  );
  expect(await make(temp)).toMatchObject({ days: 1, batches: 5, added: 0, changed: 5, removed: 0 });
  for (const [index, { timeframeMinutes }] of EVERY.entries()) {
    const after = await derived(temp, timeframeMinutes);
    const differing = after.bars.filter((bar, at) => !Bun.deepEquals(bar, before[index]?.bars[at]));
    expect(differing.map(({ high }) => high)).toEqual([1000]);
    expect(after.batch?.revision).toBe(2);
  }
  const unsynced = [...unsyncedBatches(temp.cache, targetId)];
  expect(unsynced.map(({ timeframeMinutes, epochDay }) => [timeframeMinutes, epochDay])).toEqual(
    [1, 5, 15, 30, 60, 1440].map((minutes) => [minutes, epochDayOf(DATE)]),
  );
});

describe("bars that lack minutes", () => {
  test("of an index are those of whose session a minute is missing", async () => {
    using temp = tempCache();
    // 10:17 and 15:59 are missing.
    await spx(
      temp,
      sessionBars(DATE).filter((_, index) => index !== 47 && index !== 389),
    );
    const at = (time: string) => zonedTimeMs(DATE, time, NEW_YORK);
    expect(await make(temp)).toMatchObject({ incomplete: 9 });
    expect(flagsOf(temp, 5)).toEqual([
      { session: "regular", isProvisional: 0, incomplete: JSON.stringify([at("10:15"), at("15:55")]) },
    ]);
    expect(flagsOf(temp, 1440)).toEqual([
      { session: "regular", isProvisional: 0, incomplete: JSON.stringify([at("09:30")]) },
    ]);
    await spx(temp, sessionBars(DATE));
    expect(await make(temp)).toMatchObject({ batches: 5, incomplete: 0 });
    expect(flagsOf(temp, 5)).toMatchObject([{ incomplete: null }]);
  });

  test("of an answer of the API are those whose window was not over, and all are provisional until the file", async () => {
    using temp = tempCache();
    const at = (time: string) => zonedTimeMs(DATE, time, NEW_YORK);
    const half = sessionBars(DATE).slice(0, 47);
    const api = { source: "api", readAtMs: at("10:17") };
    await spx(temp, half, DATE, api);
    await make(temp);
    expect(flagsOf(temp, 60)).toEqual([
      { session: "regular", isProvisional: 1, incomplete: JSON.stringify([at("09:30")]) },
    ]);
    expect(flagsOf(temp, 5)).toMatchObject([{ isProvisional: 1, incomplete: JSON.stringify([at("10:15")]) }]);

    await spx(temp, sessionBars(DATE), DATE, { source: "api", readAtMs: at("20:30") });
    expect(await make(temp)).toMatchObject({ batches: 5, incomplete: 0 });
    expect(flagsOf(temp, 60)).toMatchObject([{ isProvisional: 1, incomplete: null }]);

    // The flat file says the same: the bars are final, and nothing is sent again.
    const revision = (await derived(temp, 60)).batch?.revision;
    await spx(temp, sessionBars(DATE));
    expect(await make(temp)).toMatchObject({ batches: 5, added: 0, changed: 0, removed: 0 });
    expect(flagsOf(temp, 60)).toMatchObject([{ isProvisional: 0, incomplete: null }]);
    expect((await derived(temp, 60)).batch?.revision).toBe(revision);
  });
});

test("bars that are no longer there leave, and the target is to forget them", async () => {
  using temp = tempCache();
  await spx(temp, sessionBars(DATE));
  await make(temp);
  await spx(temp, sessionBars(DATE).slice(0, 60));
  expect(await make(temp)).toMatchObject({ removed: 66 + 22 + 11 + 6, changed: 1 });
  expect((await derived(temp, 60)).bars).toHaveLength(1);
});

test("another session makes the bars anew", async () => {
  using temp = tempCache();
  const early = barsFrom(zonedTimeMs(DATE, "04:00", NEW_YORK), [50]);
  await spx(temp, [...early, ...sessionBars(DATE)]);
  await make(temp);
  const all = [{ timeframeMinutes: 60, session: "all" }] as const;
  expect(await make(temp, all)).toMatchObject({ batches: 1, added: 1, changed: 0 });
  expect((await derived(temp, 60)).batch).toMatchObject({ barCount: 8, sessionBarCount: 7 });
  expect(await make(temp, all)).toMatchObject(NOTHING);
});

test("a day that is marked as not read waits; one without minutes has no bars", async () => {
  using temp = tempCache();
  await spx(temp, sessionBars(DATE));
  const key = await keyOf(temp.cache, "I:SPX", DATE);
  await temp.cache.write(() => markUnread(temp.cache, key));
  expect(await make(temp)).toMatchObject(NOTHING);
  await spx(temp, []);
  expect(await make(temp)).toMatchObject({ days: 1, batches: 5, bars: 0 });
  expect((await derived(temp, 5)).batch).toMatchObject({ barCount: 0 });
});

test("a day whose session changes is made again", async () => {
  using temp = tempCache();
  await spx(temp, sessionBars(DATE));
  await make(temp);
  await recountDays(temp.cache, [DATE]);
  expect(await make(temp)).toMatchObject({ days: 1, batches: 5, changed: 0 });
});

test("it can be ended between two transactions; what was made stays", async () => {
  using temp = tempCache();
  const dates = datesBetween("2024-06-03", "2024-11-22").filter(
    (date) => sessionOf("indices", date) !== null,
  );
  for (const date of dates) await spx(temp, sessionBars(date), date);
  const stop = new AbortController();
  const context = contextOf(temp, { signal: stop.signal });
  const symbols = knownSymbols(temp.cache);
  const making = aggregate(context, { symbols, timeframes: EVERY, range: null });
  setImmediate(() => stop.abort());
  expect(await making.catch((error: unknown) => error)).toBe(stop.signal.reason);
  const left = await make(temp);
  expect(left.days).toBeGreaterThan(0);
  expect(left.days).toBeLessThan(dates.length);
});

test("days outside of the range are left for later", async () => {
  using temp = tempCache();
  await spx(temp, sessionBars(DATE));
  await spx(temp, sessionBars("2024-11-21"), "2024-11-21");
  const symbols = knownSymbols(temp.cache);
  const range = { from: DATE, to: DATE };
  expect(await aggregate(contextOf(temp), { symbols, timeframes: EVERY, range })).toMatchObject({ days: 1 });
  expect(await make(temp)).toMatchObject({ days: 1 });
});
