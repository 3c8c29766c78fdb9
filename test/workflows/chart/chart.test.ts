import { describe, expect, test } from "bun:test";
import { knownSymbols } from "../../../src/cache/symbols.ts";
import { keepTimeframes } from "../../../src/cache/timeframes.ts";
import type { Bar } from "../../../src/core/bar.ts";
import { NEW_YORK, timeInZone, zonedTimeMs } from "../../../src/core/dates.ts";
import { eveningMs } from "../../../src/core/publication.ts";
import { sessionOf } from "../../../src/core/sessions.ts";
import { parseSymbol } from "../../../src/core/symbols.ts";
import { aggregateKept } from "../../../src/workflows/aggregate/aggregate.ts";
import { chart } from "../../../src/workflows/chart/chart.ts";
import { barsFrom } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { thrownBy } from "../../support/thrown.ts";
import { contextOf } from "../run-context.ts";

const [THURSDAY, FRIDAY] = ["2024-11-21", "2024-11-22"];
const SPX = parseSymbol("SPX");

function sessionBars(date: string): Bar[] {
  const session = sessionOf("indices", date);
  if (session === null) throw new Error(`${date} has no session`);
  return barsFrom(
    session.openMs,
    Array.from({ length: session.minutes }, (_, minute) => 100 + minute),
  );
}

/** A day of trades in fractions of a coin; on the second day a minute lacks its vwap, on the third nobody tells volumes. */
function coinBars(date: string, kind: number): Bar[] {
  return Array.from({ length: 1440 }, (_, minute) => {
    const open = 90_000 + ((minute * 37) % 211) / 100;
    const prices = { open, high: open + 3.25, low: open - 1.75, close: open + 0.5 };
    const traded = {
      volume: ((minute * 7919) % 100_003) / 1e8,
      vwap: open + 0.123,
      transactions: minute % 5,
    };
    const told = kind === 2 ? { volume: null, vwap: null, transactions: null } : traded;
    const unpriced = kind === 1 && minute === 700 ? { vwap: null } : {};
    return { windowStartMs: Date.parse(date) + minute * 60_000, ...prices, ...told, ...unpriced };
  });
}

function shown({ cache }: TempCache, timeframeMinutes: number, from = FRIDAY, to = FRIDAY) {
  return chart(cache, { symbol: SPX, timeframeMinutes, from, to, nowMs: eveningMs("2024-11-25") });
}

function spx(temp: TempCache, date: string, bars: readonly Bar[], fields = {}) {
  return writeDay(temp.cache, { date, blocks: [["I:SPX", bars]], ...fields });
}

test("minutes are shown as they are cached, with what is known of their days", async () => {
  using temp = tempCache();
  await spx(temp, FRIDAY, sessionBars(FRIDAY));
  const { bars, ...rest } = shown(temp, 1, FRIDAY, "2024-11-23");
  expect(bars).toHaveLength(390);
  expect(bars[1]).toEqual({
    timestamp: zonedTimeMs(FRIDAY, "09:31", NEW_YORK),
    open: 101,
    high: 101,
    low: 101,
    close: 101,
    volume: null,
    vwap: null,
    trades: null,
    incomplete: false,
  });
  expect(rest).toEqual({
    dataset: "indices",
    ticker: "I:SPX",
    symbol: "SPX",
    timeframe: "1m",
    from: FRIDAY,
    to: "2024-11-23",
    session: "regular",
    made: "cached",
    days: [
      { date: FRIDAY, state: "complete", source: "flatfile", provisional: false, bars: 390, expected: 390 },
      { date: "2024-11-23", state: "closed", source: null, provisional: false, bars: 0, expected: null },
    ],
    holes: [],
    withoutBars: null,
  });
});

describe("coarser bars", () => {
  test("that the cache does not keep are made for the look, as they would be kept", async () => {
    using temp = tempCache();
    await spx(
      temp,
      FRIDAY,
      sessionBars(FRIDAY).filter((_, index) => index !== 47),
    );
    const now = shown(temp, 60);
    expect(now).toMatchObject({ timeframe: "1h", made: "now" });
    expect(now.bars.map(({ incomplete }) => incomplete)).toEqual([
      true,
      ...Array.from({ length: 6 }, () => false),
    ]);
    await keepTimeframes(temp.cache, [{ timeframeMinutes: 60, session: "regular" }], 1);
    await aggregateKept(contextOf(temp));
    expect(shown(temp, 60)).toEqual({ ...now, made: "cached" });
  });

  test("that are not made from the present minutes are made for the look too", async () => {
    using temp = tempCache();
    await spx(temp, FRIDAY, sessionBars(FRIDAY));
    await keepTimeframes(temp.cache, [{ timeframeMinutes: 1440, session: "regular" }], 1);
    await aggregateKept(contextOf(temp));
    await spx(temp, FRIDAY, sessionBars(FRIDAY).slice(0, 60));
    expect(shown(temp, 1440)).toMatchObject({
      made: "now",
      bars: [{ open: 100, close: 159, incomplete: true }],
    });
  });

  test("of whole days that were looked at before are those of the present minutes and session", async () => {
    using temp = tempCache();
    const closes = () => shown(temp, 1440).bars.map(({ close, timestamp }) => [timestamp, close]);
    const openMs = zonedTimeMs(FRIDAY, "09:30", NEW_YORK);
    await spx(temp, FRIDAY, sessionBars(FRIDAY));
    expect([closes(), closes()]).toEqual([[[openMs, 489]], [[openMs, 489]]]);
    await spx(temp, FRIDAY, sessionBars(FRIDAY).slice(0, 60));
    expect(closes()).toEqual([[openMs, 159]]);
    await keepTimeframes(temp.cache, [{ timeframeMinutes: 1440, session: "all" }], 1);
    expect(closes()).toEqual([[zonedTimeMs(FRIDAY, "00:00", NEW_YORK), 159]]);
    // What is not to be trusted is not remembered by what it should have been.
    await temp.cache.write(() => temp.cache.db.run("UPDATE batches SET content_hash = ''"));
    for (const close of [7, 8]) {
      await temp.cache.write(() => temp.cache.db.run(`UPDATE bars SET close = ${close}`));
      expect(closes().map(([, last]) => last)).toEqual([close]);
    }
  });

  test("of whole days, summed by the database, are those that would be kept", async () => {
    using temp = tempCache();
    const coin = parseSymbol("X:BTC-USD");
    const [first, last] = ["2024-11-08", "2024-11-10"];
    for (const [index, date] of [first, "2024-11-09", last].entries())
      await writeDay(temp.cache, { dataset: "crypto", date, blocks: [[coin.ticker, coinBars(date, index)]] });
    const look = () =>
      chart(temp.cache, {
        symbol: coin,
        timeframeMinutes: 1440,
        from: first,
        to: last,
        nowMs: eveningMs("2024-11-25"),
      });
    const now = look();
    expect(now.bars.map(({ volume, vwap }) => [volume !== null, vwap !== null])).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
    await keepTimeframes(temp.cache, [{ timeframeMinutes: 1440, session: "regular" }], 1);
    await aggregateKept(contextOf(temp));
    expect(look()).toEqual({ ...now, made: "cached" });
  });

  test("of a session that is kept otherwise follow it", async () => {
    using temp = tempCache();
    const early = barsFrom(zonedTimeMs(FRIDAY, "08:00", NEW_YORK), [50]);
    await spx(temp, FRIDAY, [...early, ...sessionBars(FRIDAY)]);
    await keepTimeframes(temp.cache, [{ timeframeMinutes: 60, session: "all" }], 1);
    expect(shown(temp, 60)).toMatchObject({ session: "all", made: "now" });
    expect(shown(temp, 60).bars).toHaveLength(8);
  });
});

describe("minutes without a bar", () => {
  test("are holes of the session", async () => {
    using temp = tempCache();
    const missing = new Set([47, 200, 201, 202, 389]);
    await spx(
      temp,
      FRIDAY,
      sessionBars(FRIDAY).filter((_, index) => !missing.has(index)),
    );
    const holes = shown(temp, 5).holes.map(({ from, to, minutes }) => {
      return [timeInZone(from, NEW_YORK), timeInZone(to, NEW_YORK), minutes];
    });
    expect(holes).toEqual([
      ["10:17", "10:18", 1],
      ["12:50", "12:53", 3],
      ["15:59", "16:00", 1],
    ]);
  });

  test("are none if they were still to come when the API was asked", async () => {
    using temp = tempCache();
    const readAtMs = zonedTimeMs(FRIDAY, "10:30", NEW_YORK) + 20_000;
    await spx(
      temp,
      FRIDAY,
      sessionBars(FRIDAY)
        .slice(0, 60)
        .filter((_, index) => index !== 3),
      { source: "api", readAtMs },
    );
    expect(shown(temp, 1)).toMatchObject({ days: [{ provisional: true }], holes: [{ minutes: 1 }] });
  });
});

test("a range is shown in the order of time", async () => {
  using temp = tempCache();
  await spx(temp, FRIDAY, sessionBars(FRIDAY));
  await spx(temp, THURSDAY, sessionBars(THURSDAY));
  const { bars } = shown(temp, 1440, THURSDAY, FRIDAY);
  expect(bars.map(({ timestamp }) => timestamp)).toEqual([
    zonedTimeMs(THURSDAY, "09:30", NEW_YORK),
    zonedTimeMs(FRIDAY, "09:30", NEW_YORK),
  ]);
});

test("a chart without bars tells why", async () => {
  using temp = tempCache();
  await spx(temp, FRIDAY, sessionBars(FRIDAY));
  expect(shown(temp, 5, "2024-11-23", "2024-11-23")).toMatchObject({ bars: [], withoutBars: "weekend" });
  expect(shown(temp, 5, THURSDAY, THURSDAY)).toMatchObject({ bars: [], withoutBars: "not-cached" });
});

test("a symbol of which nothing is cached is an error", () => {
  using temp = tempCache();
  expect(knownSymbols(temp.cache)).toEqual([]);
  expect(thrownBy(() => shown(temp, 1))).toMatchObject({
    kind: "usage",
    message: "show SPX: the cache has nothing of it (indices)",
  });
});

test("more bars than a chart can show are an error that says what to do", async () => {
  using temp = tempCache();
  await spx(temp, FRIDAY, sessionBars(FRIDAY));
  temp.cache.db.run("UPDATE batches SET bar_count = 600001");
  expect(thrownBy(() => shown(temp, 1)).nextStep).toBe("Ask for fewer days, or for coarser bars.");
  expect(thrownBy(() => shown(temp, 60)).nextStep).toBe(
    "Ask for fewer days, or keep such bars in the cache: massive-backfill aggregate --timeframes=1h",
  );
  expect(shown(temp, 1440).bars).toHaveLength(1);
});
