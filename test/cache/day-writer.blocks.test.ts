import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bar } from "../../src/core/bar.ts";
import { mergeBars } from "../../src/core/merge-bars.ts";
import type { Cache } from "../../src/cache/cache.ts";
import { DayWriter } from "../../src/cache/day-writer.ts";
import { openTarget } from "../../src/cache/targets.ts";
import { bar, barsFrom } from "../support/bars.ts";
import { countsOf, heldOf, keyOf, writeDay } from "../support/cache-days.ts";
import { syncAll } from "../support/outbox.ts";
import { tempCache } from "../support/temp-cache.ts";

const DATE = "2024-11-22";
const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);
const TICKERS = ["I:A", "I:B", "I:C", "I:D"];

type Block = readonly [ticker: string, bars: readonly Bar[]];

/** A row of a file: a minute of one ticker. */
interface Row {
  readonly ticker: string;
  readonly minute: number;
  readonly price: number;
}

const drawnRows = fc.array(
  fc.record({
    ticker: fc.constantFrom(...TICKERS),
    minute: fc.nat({ max: 12 }),
    // Few prices, so that two rows of one minute often agree and often do not.
    price: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 40 },
);

/** The blocks of a file as the parser gives them: neighbouring rows of one ticker, in time order. */
function blocksOf(rows: readonly Row[]): Block[] {
  const blocks: { ticker: string; bars: Bar[] }[] = [];
  for (const { ticker, minute, price } of rows) {
    const last = blocks.at(-1);
    const next = bar(OPEN_MS + minute * 60_000, price);
    if (last?.ticker === ticker) last.bars.push(next);
    else blocks.push({ ticker, bars: [next] });
  }
  return blocks.map(({ ticker, bars }) => [ticker, mergeBars(bars).bars]);
}

/** The same file sorted by ticker, its rows otherwise in their order. */
function sortedByTicker(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.ticker.localeCompare(b.ticker));
}

/** A cache that knows the tickers, and a day of which a target was sent everything. */
async function syncedDay(cache: Cache, rows: readonly Row[]): Promise<void> {
  for (const ticker of TICKERS) await keyOf(cache, ticker, DATE);
  await writeDay(cache, { date: DATE, blocks: blocksOf(sortedByTicker(rows)), wanted: TICKERS });
  await syncAll(cache, await openTarget(cache, "a"));
}

/** All that a day leaves in the cache and the outbox. */
function contentOf({ db }: Cache): unknown[][] {
  return [
    `SELECT symbol_id, timeframe_minutes, window_start_ms, epoch_day, open, high, low, close, volume, vwap, transactions
     FROM bars`,
    // The order of changes is that of the rows.
    `SELECT symbol_id, timeframe_minutes, epoch_day, source, flat_file_id, revision, content_hash, bar_count,
       session_bar_count, read_at_ms, changed_at_ms, is_delayed, session_holes FROM batches`,
    "SELECT * FROM deliveries",
    // What is remembered as removed and is there again is deleted nowhere.
    `SELECT * FROM removed_bars r WHERE window_start_ms NOT IN
       (SELECT window_start_ms FROM bars b WHERE b.symbol_id = r.symbol_id)`,
  ].map((query) => db.query<object, []>(query).all());
}

test("a file in any order of its rows comes to what the one sorted by ticker comes to", async () => {
  await fc.assert(
    fc.asyncProperty(drawnRows, drawnRows, async (earlier, rows) => {
      using mixed = tempCache();
      using sorted = tempCache();
      for (const temp of [mixed, sorted]) await syncedDay(temp.cache, earlier);
      const day = { date: DATE, readAtMs: 2000, wanted: TICKERS };
      const inOne = await writeDay(sorted.cache, { ...day, blocks: blocksOf(sortedByTicker(rows)) });
      const { conflicts, ...changes } = await writeDay(mixed.cache, { ...day, blocks: blocksOf(rows) });
      expect({ ...changes, conflicts: 0 }).toEqual(inOne);
      expect(contentOf(mixed.cache)).toEqual(contentOf(sorted.cache));
      expect(conflicts).toBe(conflictsBetweenBlocks(rows));
    }),
    { seed: 20241122, numRuns: 60 },
  );
});

/** Bars that contradict an earlier block of their ticker, counted on all blocks of a ticker put together. */
function conflictsBetweenBlocks(rows: readonly Row[]): number {
  const blocks = blocksOf(rows);
  return TICKERS.map((ticker) => blocks.flatMap(([other, bars]) => (other === ticker ? bars : [])))
    .map((bars) => mergeBars(bars).conflicts.length)
    .reduce((sum, count) => sum + count, 0);
}

test("a file sorted by time comes to what the one sorted by ticker comes to", async () => {
  using byTime = tempCache();
  using byTicker = tempCache();
  const tickers = Array.from({ length: 40 }, (_, index) => `I:T${String(index).padStart(2, "0")}`);
  const minutes = Array.from({ length: 60 }, (_, minute) => minute);
  const rows = minutes.flatMap((minute) => tickers.map((ticker) => ({ ticker, minute, price: minute + 1 })));
  const inOne = await writeDay(byTicker.cache, { date: DATE, blocks: blocksOf(sortedByTicker(rows)) });
  expect(inOne).toEqual({ batches: 40, bars: 2400, added: 2400, changed: 0, removed: 0, conflicts: 0 });
  expect(await writeDay(byTime.cache, { date: DATE, blocks: blocksOf(rows) })).toEqual(inOne);
  expect(contentOf(byTime.cache)).toEqual(contentOf(byTicker.cache));
});

/** Writes blocks and says, after each, how many bars the cache has. */
function countedWrites(cache: Cache, blocks: readonly Block[]) {
  return cache.write(() => {
    const origin = { source: "flatfile", flatFileId: null, readAtMs: 1000, session: null } as const;
    const writer = new DayWriter(cache, "indices", DATE, origin);
    const count = cache.db.query<{ bars: number }, []>("SELECT count(*) AS bars FROM bars");
    const counts = blocks.map(([ticker, bars]) => {
      writer.put(ticker, bars);
      return count.get()?.bars;
    });
    return { counts, changes: countsOf(writer) };
  });
}

describe("later blocks", () => {
  test("wait until the day ends", async () => {
    using temp = tempCache();
    const blocks: Block[] = [
      ["I:SPX", barsFrom(OPEN_MS, [1])],
      ["I:VIX", barsFrom(OPEN_MS, [2, 3])],
      ["I:SPX", barsFrom(OPEN_MS + 60_000, [4, 5, 6])],
      ["I:VIX", barsFrom(OPEN_MS + 120_000, [7])],
    ];
    const { counts, changes } = await countedWrites(temp.cache, blocks);
    expect(counts).toEqual([1, 3, 3, 3]);
    expect(changes).toEqual({ batches: 2, bars: 7, added: 7, changed: 0, removed: 0, conflicts: 0 });
  });

  test("are added when more than 300,000 bars of them wait", async () => {
    using temp = tempCache();
    const { cache } = temp;
    const midnightMs = Date.UTC(2024, 10, 22);
    // Days of minutes: a writer does not ask of which date a bar is, and a few tickers do.
    const minutes = 6000;
    const later = barsFrom(
      midnightMs - 2 * 86_400_000 + 60_000,
      Array.from({ length: minutes }, () => 2),
    );
    const first = barsFrom(midnightMs - 2 * 86_400_000, [1]);
    const tickers = Array.from({ length: 51 }, (_, index) => `I:T${index}`);
    const again: Block = [
      "I:T0",
      [bar(later[0]?.windowStartMs ?? 0, 9), ...barsFrom(midnightMs + 216e6, [3])],
    ];
    const { counts, changes } = await countedWrites(cache, [
      ...tickers.map((ticker): Block => [ticker, first]),
      ...tickers.map((ticker): Block => [ticker, later]),
      again,
    ]);
    const waiting = counts.slice(tickers.length);
    // 50 tickers of 6000 are 300,000: the last one is too many.
    expect(waiting).toEqual([...Array<number>(50).fill(51), 51 + 51 * minutes, 51 + 51 * minutes]);
    const bars = 51 + 51 * minutes + 1;
    expect(changes).toEqual({ batches: 51, bars, added: bars, changed: 0, removed: 0, conflicts: 1 });
    const { batch } = heldOf(cache, await keyOf(cache, "I:T0", DATE));
    expect(batch).toMatchObject({ revision: 1, barCount: minutes + 2 });
  });
});
