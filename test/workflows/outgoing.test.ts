import { describe, expect, test } from "bun:test";
import type { UnsyncedBatch } from "../../src/cache/outbox.ts";
import { openTarget } from "../../src/cache/targets.ts";
import { outgoing, transactionsOf } from "../../src/workflows/outgoing.ts";
import { barsFrom } from "../support/bars.ts";
import { writeDay } from "../support/cache-days.ts";
import { syncAll, unsynced } from "../support/outbox.ts";
import { tempCache } from "../support/temp-cache.ts";

function batch(barCount: number): UnsyncedBatch {
  const key = { symbolId: 1, timeframeMinutes: 1, epochDay: 20_049 };
  return { ...key, symbol: "SPX", revision: 1, syncedRevision: null, barCount };
}

function sizesOf(bars: readonly number[], rows: number): number[][] {
  return Array.from(transactionsOf(bars.map(batch), rows), (group) => group.map(({ barCount }) => barCount));
}

describe("transactionsOf", () => {
  test.each([
    ["nothing", [], 100, []],
    ["what fits together", [40, 60, 50, 50, 1], 100, [[40, 60], [50, 50], [1]]],
    ["a batch that is larger than a transaction", [10, 500, 10], 100, [[10], [500], [10]]],
    ["batches without bars", [0, 0, 100, 0], 100, [[0, 0, 100, 0]]],
    ["one bar each", [1, 1, 1], 1, [[1], [1], [1]]],
  ])("puts %s into transactions", (_, bars, rows, groups) => {
    expect(sizesOf(bars, rows)).toEqual(groups);
  });

  test("puts no more than 2,000 batches into one, whatever they hold", () => {
    const groups = sizesOf(
      Array.from({ length: 4500 }, () => 0),
      50_000,
    );
    expect(groups.map(({ length }) => length)).toEqual([2000, 2000, 500]);
  });

  test("begins with a smaller one, so that the database has something to do at once", () => {
    expect(
      sizesOf(
        Array.from({ length: 12 }, () => 9000),
        50_000,
      ).map(({ length }) => length),
    ).toEqual([1, 5, 5, 1]);
  });
});

test("a batch goes out with its range, its rows and what the target has to forget", async () => {
  using temp = tempCache();
  const { cache } = temp;
  const target = await openTarget(cache, "a");
  const openMs = Date.UTC(2024, 10, 22, 14, 30);
  const write = (date: string, ticker: string, prices: number[]) =>
    writeDay(cache, { date, blocks: [[ticker, barsFrom(openMs, prices)]] });
  await write("2024-11-22", "I:SPX", [1, 2, 3]);
  await syncAll(cache, target);
  await write("2024-11-22", "I:SPX", [1, 5]);
  await writeDay(cache, { date: "2024-11-22", wanted: ["I:NDX"] });

  const table = {
    target: { host: "h", port: 1, database: "d", schema: "public", table: "bars" },
    created: false,
    isPartitioned: false,
    hasFloats: false,
    volumeIsInteger: false,
    tradesIsInteger: false,
    roundedColumns: [],
    rowTriggers: [],
  };
  const groups = await Array.fromAsync(
    outgoing(cache, target, table, transactionsOf(unsynced(cache, target), 1), new AbortController().signal),
  );
  const names = { symbol: "SPX", timeframe: "1m" };
  expect(
    groups.map((group) =>
      group.map(({ batch: { symbol }, text, ...rest }) => ({ symbol, text: String(text), ...rest })),
    ),
  ).toEqual([
    [{ symbol: "NDX", range: null, text: "", deletes: [] }],
    [
      {
        symbol: "SPX",
        range: { ...names, firstMs: openMs, lastMs: openMs + 60_000 },
        text: `SPX\t1m\t${openMs}\t1\t1\t1\t1\t\\N\t\\N\t\\N\nSPX\t1m\t${openMs + 60_000}\t5\t5\t5\t5\t\\N\t\\N\t\\N\n`,
        deletes: [{ ...names, windowStartMs: openMs + 120_000 }],
      },
    ],
  ]);
});
