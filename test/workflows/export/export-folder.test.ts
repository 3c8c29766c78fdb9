import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { exportBars } from "../../../src/workflows/export/export.ts";
import { STATE_FILE } from "../../../src/workflows/export/state.ts";
import { duckdbRows } from "../../formats/read-back.ts";
import { bar } from "../../support/bars.ts";
import { keyOf, writeDay } from "../../support/cache-days.ts";
import { tempCache } from "../../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../../support/thrown.ts";
import { collectedProgress, contextOf } from "../run-context.ts";
import { dayBars, optionsOf, putDay, rewritten, traces } from "./exported.ts";

const SPX_2023 = "timeframe=1m/symbol=SPX/year=2023/bars.parquet";
const SPX_2024 = "timeframe=1m/symbol=SPX/year=2024/bars.parquet";
const NDX_2024 = "timeframe=1m/symbol=NDX/year=2024/bars.parquet";

async function threePartitions(cache: Parameters<typeof putDay>[0]): Promise<void> {
  await putDay(cache, "I:SPX", "2023-12-29", [4783.35]);
  await putDay(cache, "I:SPX", "2024-01-02", [4745.2, 4746]);
  await putDay(cache, "I:NDX", "2024-01-02", [16_500.5]);
}

function rowsOf(out: string): Promise<Record<string, unknown>[]> {
  return duckdbRows(
    `SELECT symbol, timeframe, year, epoch_ms(timestamp)::DOUBLE AS ms, close
     FROM read_parquet('${out}/**/*.parquet', hive_partitioning = true) ORDER BY ALL`,
  );
}

describe("an export into a folder", () => {
  test("has a file for each timeframe, symbol and year, which DuckDB reads as one table", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const out = join(store.dataDir, "lake");
    const result = await exportBars(contextOf(store), optionsOf(store.cache, out));
    const names = [NDX_2024, SPX_2023, SPX_2024, STATE_FILE].toSorted();
    expect(Object.keys(traces(out))).toEqual(names);
    const bytes = [NDX_2024, SPX_2023, SPX_2024].map((name) => readFileSync(join(out, name)).length);
    expect(result).toEqual({
      format: "parquet",
      out,
      timeframes: ["1m"],
      from: "2023-12-29",
      to: "2024-01-02",
      symbols: ["NDX", "SPX"],
      leftOut: [],
      files: { written: 3, unchanged: 0, deleted: 0 },
      bars: 4,
      bytes: bytes.reduce((sum, size) => sum + size, 0),
    });
    const ms = Date.parse("2024-01-02T14:30:00Z");
    expect(await rowsOf(out)).toEqual([
      { symbol: "NDX", timeframe: "1m", year: 2024n, ms, close: 16_500.5 },
      { symbol: "SPX", timeframe: "1m", year: 2023n, ms: Date.parse("2023-12-29T14:30:00Z"), close: 4783.35 },
      { symbol: "SPX", timeframe: "1m", year: 2024n, ms, close: 4745.2 },
      { symbol: "SPX", timeframe: "1m", year: 2024n, ms: ms + 60_000, close: 4746 },
    ]);
  });

  test("is touched nowhere by a second incremental export", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
    await exportBars(contextOf(store), options);
    const before = traces(options.out);
    const result = await exportBars(contextOf(store), options);
    expect(result.files).toEqual({ written: 0, unchanged: 3, deleted: 0 });
    expect([result.from, result.to]).toEqual(["2023-12-29", "2024-01-02"]);
    expect(traces(options.out)).toEqual(before);
  });

  test("is written as a whole without --incremental", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    const result = await exportBars(contextOf(store), options);
    expect(result.files).toEqual({ written: 3, unchanged: 0, deleted: 0 });
  });

  test("has only the file of a minute that changed written again, and one that is gone or altered", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
    await exportBars(contextOf(store), options);
    await putDay(store.cache, "I:SPX", "2024-01-02", [4745.2, 4747]);
    let before = traces(options.out);
    const { from, to } = await exportBars(contextOf(store), options);
    expect([from, to]).toEqual(["2024-01-02", "2024-01-02"]);
    expect(rewritten(before, traces(options.out))).toEqual([STATE_FILE, SPX_2024]);
    const [changed] = (await rowsOf(options.out)).slice(-1);
    expect(changed).toMatchObject({ symbol: "SPX", close: 4747 });
    rmSync(join(options.out, SPX_2023));
    writeFileSync(join(options.out, NDX_2024), "cut");
    before = traces(options.out);
    await exportBars(contextOf(store), options);
    expect(rewritten(before, traces(options.out))).toEqual([STATE_FILE, NDX_2024, SPX_2023]);
  });

  test("loses the file that has no bars any more, with its folders; nobody else's", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
    await exportBars(contextOf(store), options);
    const foreign = join(options.out, "timeframe=1m/symbol=NDX/year=2019.parquet");
    writeFileSync(foreign, "mine");
    await writeDay(store.cache, { date: "2023-12-29", wanted: ["I:SPX"] });
    await writeDay(store.cache, { date: "2024-01-02", wanted: ["I:NDX"] });
    const result = await exportBars(contextOf(store), options);
    expect(result.files).toEqual({ written: 0, unchanged: 1, deleted: 2 });
    expect(existsSync(join(options.out, "timeframe=1m/symbol=SPX/year=2023"))).toBe(false);
    expect(existsSync(join(options.out, "timeframe=1m/symbol=NDX/year=2024"))).toBe(false);
    expect(readFileSync(foreign, "utf8")).toBe("mine");
    expect(Object.keys(traces(options.out))).toEqual(
      [STATE_FILE, "timeframe=1m/symbol=NDX/year=2019.parquet", SPX_2024].toSorted(),
    );
  });

  test("keeps what a narrower export is not about", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
    await exportBars(contextOf(store), options);
    await writeDay(store.cache, { date: "2023-12-29", wanted: ["I:SPX"] });
    const before = traces(options.out);
    const range = { from: "2024-01-01", to: "2024-12-31" };
    const narrow = await exportBars(contextOf(store), { ...options, range });
    expect(narrow.files).toEqual({ written: 0, unchanged: 2, deleted: 0 });
    const symbols = options.symbols.filter(({ symbol }) => symbol === "NDX");
    await exportBars(contextOf(store), { ...options, symbols });
    expect(traces(options.out)).toEqual(before);
  });

  test("leaves out a day that is marked as not read, and says so", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const key = await keyOf(store.cache, "I:SPX", "2023-12-29");
    await store.cache.write(() => markUnread(store.cache, key));
    const progress = collectedProgress();
    const out = join(store.dataDir, "lake");
    const result = await exportBars(contextOf(store, { progress }), optionsOf(store.cache, out));
    expect(result.files.written).toBe(2);
    expect(progress.lines.filter((line) => line.startsWith("warn"))).toEqual([
      "warn left out: 1 day whose bars are not to be trusted until hybrid has read them again",
    ]);
  });

  test("writes everything over an account of other options, or with --replace one that is damaged, and says so", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
    await exportBars(contextOf(store), options);
    const progress = collectedProgress();
    const snappy = { ...options, compression: "snappy" as const };
    const second = await exportBars(contextOf(store, { progress }), snappy);
    writeFileSync(join(options.out, STATE_FILE), "{");
    const refused = await rejectionOf(exportBars(contextOf(store), snappy));
    expect(wordsOf(refused)).toMatchObject({
      reason: expect.stringContaining(`it is not known what it holds: ${STATE_FILE} is damaged`),
    });
    const third = await exportBars(contextOf(store, { progress }), { ...snappy, replace: true });
    expect([second.files.written, third.files.written]).toEqual([3, 3]);
    expect(progress.lines.filter((line) => line.startsWith("warn"))).toEqual([
      "warn everything is written: the files there are parquet (zstd), now parquet (snappy) is asked for",
      `warn everything is written: ${STATE_FILE} is damaged`,
    ]);
  });

  test("that is stopped leaves whole files, and the next one writes only the rest", async () => {
    using store = tempCache();
    await threePartitions(store.cache);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
    const stop = new AbortController();
    const progress = collectedProgress();
    const context = contextOf(store, {
      signal: stop.signal,
      // Stopped when the second file is begun.
      progress: { ...progress, detail: (line) => line.includes(SPX_2023) && stop.abort() },
    });
    const stopped = await exportBars(context, options).catch((error: unknown) => error);
    expect(stopped).toBe(stop.signal.reason);
    const before = traces(options.out);
    expect(Object.keys(before)).toEqual([NDX_2024, SPX_2023, STATE_FILE].toSorted());
    const rest = await exportBars(contextOf(store), options);
    expect(rest.files).toEqual({ written: 1, unchanged: 2, deleted: 0 });
    expect(rewritten(before, traces(options.out))).toEqual([STATE_FILE, SPX_2024]);
  });

  test("has days in the order of time where their bars lie side by side at a midnight", async () => {
    using store = tempCache();
    // A day that is cut at the midnight of Chicago, and one that is cut at that of UTC.
    const late = Date.parse("2024-01-03T04:00:00Z");
    const [first, second] = [dayBars("2024-01-02", [1]), dayBars("2024-01-03", [3])];
    await writeDay(store.cache, {
      date: "2024-01-02",
      blocks: [["I:SPX", [...first, bar(late, 2)]]],
    });
    await writeDay(store.cache, {
      date: "2024-01-03",
      blocks: [["I:SPX", [bar(late - 60_000, 9), ...second]]],
    });
    const out = join(store.dataDir, "bars.csv");
    await exportBars(contextOf(store), optionsOf(store.cache, out, { format: "csv", isFolder: false }));
    const stamps = readFileSync(out, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => Number(line.split(",")[2]));
    expect(stamps).toEqual(stamps.toSorted((one, other) => one - other));
    expect(stamps.length).toBe(4);
  });
});
