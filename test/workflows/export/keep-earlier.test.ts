import { describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exportBars } from "../../../src/workflows/export/export.ts";
import type { ExportOptions } from "../../../src/workflows/export/options.ts";
import { STATE_FILE } from "../../../src/workflows/export/state.ts";
import { openCache } from "../../../src/cache/cache.ts";
import { markUnread } from "../../../src/cache/mark-unread.ts";
import { knownSymbols } from "../../../src/cache/symbols.ts";
import { keyOf, writeDay } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../../support/thrown.ts";
import { collectedProgress, contextOf } from "../run-context.ts";
import { dayBars, optionsOf, putDay, traces } from "./exported.ts";

const SPX_2024 = "timeframe=1m/symbol=SPX/year=2024/bars.parquet";
const NARROW = { range: { from: "2024-03-01", to: "2024-03-31" } };

async function twoMonths({ cache }: TempCache): Promise<void> {
  await putDay(cache, "I:SPX", "2024-02-01", [4900, 4901]);
  await putDay(cache, "I:SPX", "2024-03-01", [5100]);
  await putDay(cache, "I:NDX", "2024-02-01", [17_000]);
}

async function refused(store: TempCache, options: ExportOptions): Promise<unknown> {
  const before = traces(options.out);
  const error = await rejectionOf(exportBars(contextOf(store), options));
  expect(traces(options.out)).toEqual(before);
  return wordsOf(error);
}

describe("an export of fewer days than a folder has", () => {
  test("is refused before anything is written, with --incremental too", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    for (const incremental of [false, true])
      expect(await refused(store, { ...options, ...NARROW, incremental })).toEqual({
        kind: "usage",
        operation: `export to ${options.out}`,
        reason: `${SPX_2024} holds 2024-02-01 to 2024-03-01 (3 bars), and would hold 2024-03-01 (1 bar)`,
        nextStep:
          "Ask for a wider range, choose another --out, or add --replace if you want it without the others.",
      });
  });

  test("is done with --replace, and leaves files of which it is not about at all", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    const { files, bars } = await exportBars(contextOf(store), { ...options, ...NARROW, replace: true });
    expect({ files, bars }).toEqual({ files: { written: 1, unchanged: 0, deleted: 0 }, bars: 1 });
    expect(Object.keys(traces(options.out)).length).toBe(3);
    const wider = await exportBars(contextOf(store), { ...options, incremental: true });
    expect(wider.files).toEqual({ written: 1, unchanged: 1, deleted: 0 });
  });

  test("goes on where it was killed, whatever of it was written", async () => {
    using store = tempCache();
    await twoMonths(store);
    await putDay(store.cache, "I:NDX", "2024-03-01", [17_500]);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), NARROW);
    const killed = { ...options, out: join(store.dataDir, "killed") };
    const progress = {
      ...collectedProgress(),
      // The folder as it is when the second file is begun: nobody could save anything after that.
      detail: (line: string) =>
        line.includes(SPX_2024) && cpSync(options.out, killed.out, { recursive: true }),
    };
    await exportBars(contextOf(store, { progress }), options);
    expect(Object.keys(traces(killed.out))).toHaveLength(2);
    const { files } = await exportBars(contextOf(store), killed);
    expect(files).toEqual({ written: 2, unchanged: 0, deleted: 0 });
  });

  test("is refused where the days asked for turned out to have no bars, and deletes the file with --replace", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    await writeDay(store.cache, { date: "2024-03-01", wanted: ["I:SPX"] });
    expect(await refused(store, { ...options, ...NARROW })).toEqual({
      kind: "usage",
      operation: `export to ${options.out}`,
      reason: `${SPX_2024} holds 2024-02-01 to 2024-03-01 (3 bars), and would hold none`,
      nextStep:
        "Ask for a wider range, choose another --out, or add --replace if you want it without the others.",
    });
    const { files } = await exportBars(contextOf(store), { ...options, ...NARROW, replace: true });
    expect(files).toEqual({ written: 0, unchanged: 0, deleted: 1 });
    expect(Object.keys(traces(options.out))).not.toContain(SPX_2024);
  });

  test("is no loss where the file holds no other days, or is gone", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), NARROW);
    await exportBars(contextOf(store), options);
    expect((await exportBars(contextOf(store), options)).files.written).toBe(1);
    await exportBars(contextOf(store), { ...options, range: null });
    rmSync(join(options.out, SPX_2024));
    expect((await exportBars(contextOf(store), options)).files.written).toBe(1);
  });

  test("is refused, as is any other, where nothing is known of a file that stands in its place", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    rmSync(join(options.out, STATE_FILE));
    for (const fields of [NARROW, {}])
      expect(await refused(store, { ...options, ...fields })).toEqual({
        kind: "usage",
        operation: `export to ${options.out}`,
        reason: expect.stringMatching(
          /^timeframe=1m.* is there, and it is not known what it holds: no export into this folder wrote it$/,
        ),
        nextStep: "Choose another --out, or add --replace to write over it.",
      });
    expect((await exportBars(contextOf(store), { ...options, replace: true })).files.written).toBe(2);
  });
});

async function withLess(store: TempCache): Promise<void> {
  await putDay(store.cache, "I:SPX", "2024-02-02", [4910]);
  await putDay(store.cache, "I:SPX", "2024-03-01", [5100]);
  await writeDay(store.cache, { date: "2023-02-01", wanted: ["I:SPX"] });
}

describe("an export from a cache that has less than the folder", () => {
  test("is refused where a file would lose days, with --incremental too", async () => {
    using store = tempCache();
    using other = tempCache();
    await twoMonths(store);
    await withLess(other);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    for (const incremental of [false, true])
      expect(await refused(other, { ...optionsOf(other.cache, options.out), incremental })).toEqual({
        kind: "usage",
        operation: `export to ${options.out}`,
        reason: `${SPX_2024} holds 2024-02-01 to 2024-03-01 (3 bars), of which 1 day is not in the cache, or marked as not read there, such as 2024-02-01`,
        nextStep:
          "Look whether it is the right --data-dir, have hybrid bring what lacks, choose another --out, or add --replace if you want it without that.",
      });
    const replaced = { ...optionsOf(other.cache, options.out), replace: true };
    expect((await exportBars(contextOf(other), replaced)).files.written).toBe(1);
  });

  test("leaves files alone of whose days it knows nothing", async () => {
    using store = tempCache();
    using other = tempCache();
    await twoMonths(store);
    await putDay(store.cache, "I:SPX", "2023-02-01", [4000]);
    await putDay(store.cache, "I:SPX", "2023-02-02", [4001]);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
    await exportBars(contextOf(store), options);
    const before = traces(options.out);
    // The whole of 2024, and of 2023 a day that the file does not have, without bars.
    await twoMonths(other);
    await writeDay(other.cache, { date: "2023-02-03", wanted: ["I:SPX"] });
    const theirs = { ...options, symbols: knownSymbols(other.cache) };
    const { files } = await exportBars(contextOf(other), theirs);
    expect(files).toEqual({ written: 0, unchanged: 2, deleted: 0 });
    expect(traces(options.out)).toEqual(before);
    // One that the file has: it can be brought up to date only by giving up what this cache does not know.
    await writeDay(other.cache, { date: "2023-02-01", wanted: ["I:SPX"] });
    expect(await refused(other, theirs)).toMatchObject({
      reason: `${SPX_2024.replace("2024", "2023")} holds 2023-02-01 to 2023-02-02 (2 bars), of which 1 day is not in the cache, or marked as not read there, such as 2023-02-02`,
    });
  });

  test("is refused where a day that the file has is marked as not read", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
    await exportBars(contextOf(store), options);
    const key = await keyOf(store.cache, "I:SPX", "2024-02-01");
    await store.cache.write(() => markUnread(store.cache, key));
    expect(await refused(store, options)).toMatchObject({
      reason: expect.stringContaining(
        "of which 1 day is not in the cache, or marked as not read there, such as 2024-02-01",
      ),
    });
  });
});

test("fewer contracts than one of Lean's zips has are refused, unless they are to replace it", async () => {
  using store = tempCache();
  const date = "2024-11-22";
  const [call, put] = ["O:SPY241220C00500000", "O:SPY241220P00192500"];
  const blocks = [call, put].map((ticker) => [ticker, dayBars(date, [1])] as const);
  await writeDay(store.cache, { dataset: "options", date, blocks });
  const options = optionsOf(store.cache, join(store.dataDir, "lean"), { format: "lean" });
  await exportBars(contextOf(store), options);
  const symbols = options.symbols.filter(({ ticker }) => ticker === call);
  expect(await refused(store, { ...options, symbols })).toMatchObject({
    kind: "usage",
    reason:
      "option/usa/minute/spy/20241122_trade_american.zip holds 2 contracts (2 bars), and would hold 1 (1 bar), without 1 of those",
    nextStep:
      "Name the other symbols too, choose another --out, or add --replace if you want it without the others.",
  });
  const { files } = await exportBars(contextOf(store), { ...options, symbols, replace: true });
  expect(files.written).toBe(1);
  // As many, but another one.
  const others = options.symbols.filter(({ ticker }) => ticker === put);
  for (const incremental of [false, true])
    expect(await refused(store, { ...options, symbols: others, incremental })).toMatchObject({
      kind: "usage",
      reason:
        "option/usa/minute/spy/20241122_trade_american.zip holds 1 contract (1 bar), and would hold 1 (1 bar), without 1 of those",
    });
});

test("a stock whose name is another's in Lean's small letters does not take its place", async () => {
  using store = tempCache();
  await putDay(store.cache, "BACPA", "2024-11-22", [1], "stocks");
  await putDay(store.cache, "BACpA", "2024-11-22", [2], "stocks");
  const options = optionsOf(store.cache, join(store.dataDir, "lean"), { format: "lean", incremental: true });
  const of = (ticker: string) => options.symbols.filter((symbol) => symbol.ticker === ticker);
  await exportBars(contextOf(store), { ...options, symbols: of("BACPA") });
  expect(await refused(store, { ...options, symbols: of("BACpA") })).toEqual({
    kind: "usage",
    operation: `export to ${options.out}`,
    reason:
      "equity/usa/minute/bacpa/20241122_trade.zip holds bars of another symbol (1 bar), whose name is the same there",
    nextStep: "Choose another --out, or add --replace to write over it.",
  });
  const again = await exportBars(contextOf(store), { ...options, symbols: of("BACPA") });
  expect(again.files).toEqual({ written: 0, unchanged: 1, deleted: 0 });
});

test("a file that a stopped export with --replace did not come to is as safe as before", async () => {
  using store = tempCache();
  await twoMonths(store);
  await putDay(store.cache, "I:NDX", "2024-03-01", [17_500]);
  const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
  await exportBars(contextOf(store), options);
  const stop = new AbortController();
  const progress = { ...collectedProgress(), detail: () => stop.abort() };
  const context = contextOf(store, { signal: stop.signal, progress });
  const narrow = { ...options, ...NARROW };
  await exportBars(context, { ...narrow, replace: true }).catch((error: unknown) =>
    expect(error).toBe(stop.signal.reason),
  );
  const symbols = options.symbols.filter(({ symbol }) => symbol === "SPX");
  expect(await refused(store, { ...narrow, symbols })).toMatchObject({
    reason: `${SPX_2024} holds 2024-02-01 to 2024-03-01 (3 bars), and would hold 2024-03-01 (1 bar)`,
  });
});

describe("an export into a folder of another format", () => {
  const SPX_CSV = SPX_2024.replace("parquet", "csv");
  const NDX_CSV = SPX_CSV.replace("SPX", "NDX");

  test("is refused before anything is written", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    for (const format of ["csv", "jsonl"] as const)
      expect(await refused(store, { ...options, format })).toEqual({
        kind: "usage",
        operation: `export to ${options.out}`,
        reason: `there are 2 parquet files of an earlier export, such as ${SPX_2024.replace("SPX", "NDX")}: beside them, ${format} would double the bars`,
        nextStep: `Choose another --out or --format=parquet, or add --replace: that removes them, and writes ${format} in their place.`,
      });
  });

  test("is refused with --replace too where files of the other format would stay", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    const symbols = options.symbols.filter(({ symbol }) => symbol === "SPX");
    for (const replace of [false, true]) {
      expect(await refused(store, { ...options, symbols, format: "csv", replace })).toEqual({
        kind: "usage",
        operation: `export to ${options.out}`,
        reason: `there are 1 parquet file of an earlier export that this one would not replace, such as ${SPX_2024.replace("SPX", "NDX")}: a folder has one format`,
        nextStep: "Choose another --out or --format=parquet.",
      });
      expect(await refused(store, { ...options, format: "lean", replace })).toMatchObject({
        reason: expect.stringContaining(
          "2 parquet files of an earlier export that this one would not replace",
        ),
      });
    }
  });

  test("has only its own files with --replace, and those of others", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    const theirs = ["mine.parquet", SPX_2024.replace("2024", "2019")];
    mkdirSync(dirname(join(options.out, theirs[1] ?? "")), { recursive: true });
    for (const name of theirs) writeFileSync(join(options.out, name), "mine");
    const progress = collectedProgress();
    const csv = { ...options, format: "csv", replace: true, incremental: true } as const;
    const { files } = await exportBars(contextOf(store, { progress }), csv);
    expect(files).toEqual({ written: 2, unchanged: 0, deleted: 2 });
    const names = [STATE_FILE, SPX_CSV, NDX_CSV, ...theirs].toSorted();
    expect(Object.keys(traces(options.out))).toEqual(names);
    expect(progress.lines.filter((line) => line.startsWith("warn"))).toEqual([]);
    const again = await exportBars(contextOf(store), { ...csv, replace: false });
    expect(again.files).toEqual({ written: 0, unchanged: 2, deleted: 0 });
  });

  test("leaves a file that somebody changed, and says so", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    writeFileSync(join(options.out, SPX_2024), "mine");
    const progress = collectedProgress();
    const csv = { ...options, format: "csv", replace: true } as const;
    const { files } = await exportBars(contextOf(store, { progress }), csv);
    expect(files.deleted).toBe(1);
    expect(progress.lines).toContain(`warn left as it is, for somebody changed it: ${SPX_2024}`);
    expect(Object.keys(traces(options.out))).toContain(SPX_2024);
  });

  test("loses nothing when it is stopped, and is finished by the same command", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    const csv = { ...options, format: "csv", replace: true, incremental: true } as const;
    const stop = new AbortController();
    const progress = {
      ...collectedProgress(),
      detail: (line: string) => line.includes(NDX_CSV) && stop.abort(),
    };
    const context = contextOf(store, { signal: stop.signal, progress });
    await exportBars(context, csv).catch((error: unknown) => expect(error).toBe(stop.signal.reason));
    expect(Object.keys(traces(options.out)).length).toBe(4);
    expect(await refused(store, { ...csv, replace: false })).toMatchObject({ kind: "usage" });
    const { files } = await exportBars(contextOf(store), csv);
    expect(files).toEqual({ written: 1, unchanged: 1, deleted: 2 });
    expect(Object.keys(traces(options.out))).toEqual([STATE_FILE, SPX_CSV, NDX_CSV].toSorted());
  });

  test("is none where the other files are gone", async () => {
    using store = tempCache();
    await twoMonths(store);
    const options = optionsOf(store.cache, join(store.dataDir, "lake"));
    await exportBars(contextOf(store), options);
    rmSync(join(options.out, "timeframe=1m"), { recursive: true });
    const { files } = await exportBars(contextOf(store), { ...options, format: "csv" });
    expect(files).toEqual({ written: 2, unchanged: 0, deleted: 0 });
  });
});

test("another compression has files that are not asked for written again later", async () => {
  using store = tempCache();
  await twoMonths(store);
  const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
  await exportBars(contextOf(store), options);
  const snappy = { ...options, compression: "snappy" } as const;
  const symbols = options.symbols.filter(({ symbol }) => symbol === "NDX");
  await exportBars(contextOf(store), { ...snappy, symbols });
  const { files } = await exportBars(contextOf(store), snappy);
  expect(files).toEqual({ written: 1, unchanged: 1, deleted: 0 });
});

test("two exports into a folder at the same time leave account of what both wrote", async () => {
  using store = tempCache();
  await twoMonths(store);
  await putDay(store.cache, "I:SPX", "2023-02-01", [4000]);
  const options = optionsOf(store.cache, join(store.dataDir, "lake"), { incremental: true });
  const of = (name: string) => ({
    ...options,
    symbols: options.symbols.filter(({ symbol }) => symbol === name),
  });
  const cache = openCache(store.dataDir);
  const others: Promise<unknown>[] = [];
  const progress = {
    ...collectedProgress(),
    // The other one begins and ends while this one is at its first file.
    detail: () => {
      if (others.length === 0) others.push(exportBars(contextOf({ ...store, cache }), of("NDX")));
    },
  };
  await exportBars(contextOf(store, { progress }), of("SPX"));
  await Promise.all(others);
  cache.close();
  const both = await exportBars(contextOf(store), options);
  expect(both.files).toEqual({ written: 0, unchanged: 3, deleted: 0 });
});
