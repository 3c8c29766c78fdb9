import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { keepTimeframes } from "../../../src/cache/timeframes.ts";
import { aggregate, aggregateKept } from "../../../src/workflows/aggregate/aggregate.ts";
import { exportBars } from "../../../src/workflows/export/export.ts";
import { keyOf, writeDay } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../../support/thrown.ts";
import { contextOf } from "../run-context.ts";
import { optionsOf, putDay, traces } from "./exported.ts";

const HOURS = [{ timeframeMinutes: 60, session: "regular" }] as const;

/** Two days of SPX and one of NDX; the hours of the first day of SPX are made. */
async function partlyMade(store: TempCache): Promise<void> {
  for (const date of ["2024-01-02", "2024-01-03"]) await putDay(store.cache, "I:SPX", date, [1, 4, 2]);
  await putDay(store.cache, "I:NDX", "2024-01-02", [7]);
  await keepTimeframes(store.cache, HOURS, 1);
  const symbols = optionsOf(store.cache, "").symbols.filter(({ symbol }) => symbol === "SPX");
  const range = { from: "2024-01-02", to: "2024-01-02" };
  await aggregate(contextOf(store), { symbols, timeframes: HOURS, range });
}

async function rows(store: TempCache): Promise<string[]> {
  const out = join(store.dataDir, "hours.csv");
  const options = optionsOf(store.cache, out, { format: "csv", isFolder: false, timeframes: [60] });
  await exportBars(contextOf(store), options);
  return readFileSync(out, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").toSpliced(2, 1).slice(0, 6).join(","));
}

describe("an export of coarser bars", () => {
  test("has those of every symbol and day, made or not", async () => {
    using store = tempCache();
    await partlyMade(store);
    const expected = ["NDX,1h,7,7,7,7", "SPX,1h,1,4,1,2", "SPX,1h,1,4,1,2"];
    expect(await rows(store)).toEqual(expected);
    await aggregateKept(contextOf(store));
    expect(await rows(store)).toEqual(expected);
  });

  test("has those of the present minutes, though they are not made again yet", async () => {
    using store = tempCache();
    await partlyMade(store);
    await putDay(store.cache, "I:SPX", "2024-01-02", [1, 9, 2]);
    await writeDay(store.cache, { date: "2024-01-03", wanted: ["I:SPX"] });
    expect(await rows(store)).toEqual(["NDX,1h,7,7,7,7", "SPX,1h,1,9,1,2"]);
  });

  test("is up to date once they are made: no file of a folder is written again for that", async () => {
    using store = tempCache();
    await partlyMade(store);
    const out = join(store.dataDir, "lake");
    const options = optionsOf(store.cache, out, { timeframes: [60], incremental: true });
    const first = await exportBars(contextOf(store), options);
    expect(first).toMatchObject({ files: { written: 2 }, bars: 3 });
    const before = traces(out);
    await aggregateKept(contextOf(store));
    const second = await exportBars(contextOf(store), options);
    expect(second.files).toEqual({ written: 0, unchanged: 2, deleted: 0 });
    expect(traces(out)).toEqual(before);
  });

  test("leaves out a day whose minutes are marked as not read", async () => {
    using store = tempCache();
    await partlyMade(store);
    await aggregateKept(contextOf(store));
    const key = await keyOf(store.cache, "I:SPX", "2024-01-02");
    await store.cache.write(() => markUnread(store.cache, key));
    expect(await rows(store)).toEqual(["NDX,1h,7,7,7,7", "SPX,1h,1,4,1,2"]);
  });

  test("is refused where thousands of days are not made yet", async () => {
    using store = tempCache();
    await partlyMade(store);
    const { symbolId } = await keyOf(store.cache, "I:SPX", "2024-01-02");
    store.cache.db.run(
      `INSERT INTO batches (symbol_id, timeframe_minutes, epoch_day, source, revision, content_hash, bar_count,
         session_bar_count, read_at_ms, changed_at_ms, is_delayed, change_number)
       WITH RECURSIVE day (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM day WHERE n < 5000)
       SELECT ${symbolId}, 1, n, 'flatfile', 1, 'a', 0, 0, 1, 1, 0, n + 1000 FROM day`,
    );
    expect(wordsOf(await rejectionOf(rows(store)))).toEqual({
      kind: "usage",
      operation: "read --timeframe",
      reason: "1h bars of 5,002 days are not made from their minutes yet",
      nextStep: "Make them first: massive-backfill aggregate --timeframes=1h.",
    });
  });
});
