import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { exportBars } from "../../../src/workflows/export/export.ts";
import { STATE_FILE } from "../../../src/workflows/export/state.ts";
import { bar } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";
import { tempCache, type TempCache } from "../../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../../support/thrown.ts";
import { collectedProgress, contextOf } from "../run-context.ts";
import { optionsOf, putDay, rewritten, traces } from "./exported.ts";

/** What stands in the zips below a folder, by path and name. */
function zipsIn(folder: string): Record<string, Record<string, string>> {
  const decoder = new TextDecoder();
  const names = Object.keys(traces(folder)).filter((name) => name.endsWith(".zip"));
  return Object.fromEntries(
    names.map((name) => [
      name,
      Object.fromEntries(
        Object.entries(unzipSync(readFileSync(join(folder, name)))).map(([entry, bytes]) => [
          entry,
          decoder.decode(bytes),
        ]),
      ),
    ]),
  );
}

const lean = (store: TempCache, fields = {}) =>
  optionsOf(store.cache, join(store.dataDir, "lean"), { format: "lean", incremental: true, ...fields });

describe("an export for Lean", () => {
  test("leaves files of others alone on days that have no bars after all", async () => {
    using store = tempCache();
    await putDay(store.cache, "C:EUR-USD", "2024-11-22", [1.05], "forex");
    const folder = join(store.dataDir, "lean/forex/oanda/minute/eurusd");
    mkdirSync(folder, { recursive: true });
    const others = ["20241121_quote.zip", "20241123_quote.zip"].map((name) => join(folder, name));
    for (const other of others) writeFileSync(other, "of somebody else");
    for (const incremental of [false, true]) {
      const { files } = await exportBars(contextOf(store), lean(store, { incremental }));
      expect(files.deleted).toBe(0);
      expect(others.map((other) => readFileSync(other, "utf8"))).toEqual(
        others.map(() => "of somebody else"),
      );
    }
  });

  test("has a zip for each day of each symbol, an underlying's contracts in one", async () => {
    using store = tempCache();
    const openMs = Date.parse("2024-11-22T14:30:00Z");
    const stock = bar(openMs, 229.87, {
      high: 230,
      low: 229.5,
      close: 229.9,
      volume: 1250.5,
      transactions: 7,
    });
    await writeDay(store.cache, { dataset: "stocks", date: "2024-11-22", blocks: [["AAPL", [stock]]] });
    await putDay(store.cache, "I:SPX", "2024-11-22", [5944.9]);
    await putDay(store.cache, "I:NDX", "2024-11-22", [20_700]);
    await putDay(store.cache, "X:BTC-USD", "2024-11-22", [98_000.01], "crypto");
    const [call, put] = ["O:SPY241220C00500000", "O:SPY241220P00192500"];
    await writeDay(store.cache, {
      dataset: "options",
      date: "2024-11-22",
      blocks: [
        [call, [bar(openMs, 95.5, { volume: 3 })]],
        [put, [bar(openMs, 0.01, { volume: 1 }), bar(openMs + 60_000, 0.02, { volume: 2 })]],
      ],
    });
    const options = lean(store);
    const { files, bars } = await exportBars(contextOf(store), options);
    expect({ files, bars }).toEqual({ files: { written: 5, unchanged: 0, deleted: 0 }, bars: 7 });
    expect(zipsIn(options.out)).toEqual({
      "equity/usa/minute/aapl/20241122_trade.zip": {
        "20241122_aapl_minute_trade.csv": "34200000,2298700,2300000,2295000,2299000,1250.5\n",
      },
      "index/usa/minute/spx/20241122_trade.zip": {
        "20241122_spx_minute_trade.csv": "30600000,5944.9,5944.9,5944.9,5944.9,0\n",
      },
      "index/usa/minute/ndx/20241122_trade.zip": {
        "20241122_ndx_minute_trade.csv": "34200000,20700,20700,20700,20700,0\n",
      },
      "crypto/coinbase/minute/btcusd/20241122_trade.zip": {
        "20241122_btcusd_minute_trade.csv": "52200000,98000.01,98000.01,98000.01,98000.01,0\n",
      },
      "option/usa/minute/spy/20241122_trade_american.zip": {
        "20241122_spy_minute_trade_american_call_5000000_20241220.csv":
          "34200000,955000,955000,955000,955000,3\n",
        "20241122_spy_minute_trade_american_put_1925000_20241220.csv":
          "34200000,100,100,100,100,1\n34260000,200,200,200,200,2\n",
      },
    });
  });

  test("writes only the day of a minute that changed, and deletes a day without bars", async () => {
    using store = tempCache();
    for (const date of ["2024-11-20", "2024-11-21", "2024-11-22"])
      await putDay(store.cache, "I:SPX", date, [5944.9]);
    const options = lean(store);
    await exportBars(contextOf(store), options);
    let before = traces(options.out);
    await putDay(store.cache, "I:SPX", "2024-11-21", [5945]);
    await exportBars(contextOf(store), options);
    const zip = "index/usa/minute/spx/20241121_trade.zip";
    expect(rewritten(before, traces(options.out))).toEqual([STATE_FILE, zip]);
    before = traces(options.out);
    const again = await exportBars(contextOf(store), options);
    expect(again.files).toEqual({ written: 0, unchanged: 3, deleted: 0 });
    expect(traces(options.out)).toEqual(before);
    await writeDay(store.cache, { date: "2024-11-21", wanted: ["I:SPX"] });
    const last = await exportBars(contextOf(store), options);
    expect(last.files).toEqual({ written: 0, unchanged: 2, deleted: 1 });
    expect(Object.keys(traces(options.out))).not.toContain(zip);
  });

  test("divides currencies at midnight in UTC, whatever divided their days before", async () => {
    using store = tempCache();
    const evening = Date.parse("2024-11-21T23:59:00Z");
    // Two minutes of one evening in New York, on two sides of the midnight in UTC.
    await writeDay(store.cache, {
      dataset: "forex",
      date: "2024-11-21",
      blocks: [["C:EUR-USD", [bar(evening, 1.0475), bar(evening + 60_000, 1.048)]]],
    });
    const options = lean(store, { leanMarket: "fxcm" });
    await exportBars(contextOf(store), options);
    expect(zipsIn(options.out)).toEqual({
      "forex/fxcm/minute/eurusd/20241121_quote.zip": {
        "20241121_eurusd_minute_quote.csv":
          "86340000,1.0475,1.0475,1.0475,1.0475,0,1.0475,1.0475,1.0475,1.0475,0\n",
      },
      "forex/fxcm/minute/eurusd/20241122_quote.zip": {
        "20241122_eurusd_minute_quote.csv": "0,1.048,1.048,1.048,1.048,0,1.048,1.048,1.048,1.048,0\n",
      },
    });
  });

  test("has an index's minutes beside the other midnight in the file of their date", async () => {
    using store = tempCache();
    const midnight = Date.parse("2024-11-22T00:00:00Z");
    // 18:00 in Chicago on the day before, and the last minute of the day there.
    await writeDay(store.cache, {
      date: "2024-11-22",
      blocks: [["I:SPX", [bar(midnight, 1), bar(midnight + 30 * 3_600_000 - 60_000, 2)]]],
    });
    const options = lean(store);
    const { files, from, to, bars } = await exportBars(contextOf(store), options);
    expect({ files, from, to, bars }).toEqual({
      files: { written: 2, unchanged: 0, deleted: 0 },
      from: "2024-11-21",
      to: "2024-11-22",
      bars: 2,
    });
    expect(zipsIn(options.out)).toEqual({
      "index/usa/minute/spx/20241121_trade.zip": { "20241121_spx_minute_trade.csv": "64800000,1,1,1,1,0\n" },
      "index/usa/minute/spx/20241122_trade.zip": { "20241122_spx_minute_trade.csv": "86340000,2,2,2,2,0\n" },
    });
  });

  test("has times of the clock in the evening of a Sunday on which it changed", async () => {
    using store = tempCache();
    // 18:00 in New York, 23 hours after the midnight before in spring, 25 in autumn, less six.
    for (const [date, evening] of [
      ["2024-03-10", "2024-03-10T22:00:00Z"],
      ["2024-11-03", "2024-11-03T23:00:00Z"],
    ] as const)
      await writeDay(store.cache, { date, blocks: [["I:NDX", [bar(Date.parse(evening), 1)]]] });
    const options = lean(store);
    await exportBars(contextOf(store), options);
    const lines = Object.values(zipsIn(options.out)).flatMap((entries) => Object.values(entries));
    expect(lines).toEqual(["64800000,1,1,1,1,0\n", "64800000,1,1,1,1,0\n"]);
  });

  test("of currencies is touched nowhere by a second one", async () => {
    using store = tempCache();
    for (const date of ["2024-11-20", "2024-11-21", "2024-11-22"])
      await putDay(store.cache, "C:EUR-USD", date, [1.05], "forex");
    const options = lean(store, { range: { from: "2024-11-21", to: "2024-11-23" } });
    const first = await exportBars(contextOf(store), options);
    expect([first.files.written, first.from, first.to]).toEqual([2, "2024-11-21", "2024-11-22"]);
    const before = traces(options.out);
    const second = await exportBars(contextOf(store), options);
    expect(second).toMatchObject({
      files: { written: 0, unchanged: 2, deleted: 0 },
      from: "2024-11-21",
      to: "2024-11-22",
    });
    expect(traces(options.out)).toEqual(before);
  });

  test("writes over no zip of somebody else but with --replace", async () => {
    using store = tempCache();
    await putDay(store.cache, "I:SPX", "2024-11-22", [5944.9]);
    const options = lean(store);
    const zip = join(options.out, "index/usa/minute/spx/20241122_trade.zip");
    mkdirSync(dirname(zip), { recursive: true });
    writeFileSync(zip, "of somebody else");
    const error = await rejectionOf(exportBars(contextOf(store), options));
    expect(wordsOf(error)).toMatchObject({
      reason:
        "index/usa/minute/spx/20241122_trade.zip is there, and it is not known what it holds: no export into this folder wrote it",
    });
    expect(readFileSync(zip, "utf8")).toBe("of somebody else");
    const { files } = await exportBars(contextOf(store), { ...options, replace: true });
    expect(files.written).toBe(1);
  });

  test("refuses two symbols that are one to Lean, and leaves out those it has no name for", async () => {
    using store = tempCache();
    await putDay(store.cache, "BACPA", "2024-11-22", [1], "stocks");
    await putDay(store.cache, "A/B", "2024-11-22", [1], "stocks");
    const progress = collectedProgress();
    const options = lean(store);
    const { files, symbols, leftOut } = await exportBars(contextOf(store, { progress }), options);
    expect({ written: files.written, symbols, leftOut }).toEqual({
      written: 1,
      symbols: ["BACPA"],
      leftOut: ["A/B"],
    });
    expect(progress.lines).toContain("warn left out, for Lean has no name for it: 1 symbol (A/B)");
    const onlyThat = options.symbols.filter(({ symbol }) => symbol === "A/B");
    const none = await rejectionOf(exportBars(contextOf(store), { ...options, symbols: onlyThat }));
    expect(wordsOf(none)).toEqual({
      kind: "usage",
      operation: `export to ${options.out}`,
      reason: "Lean has no name for any of these symbols: 1 symbol (A/B)",
      nextStep: "Name others with --symbols, or choose another --format.",
    });
    await putDay(store.cache, "BACpA", "2024-11-22", [1], "stocks");
    const error = await rejectionOf(exportBars(contextOf(store), lean(store)));
    expect(wordsOf(error)).toEqual({
      kind: "usage",
      operation: "export BACPA and BACpA for Lean",
      reason: "both would be equity/usa/minute/bacpa there",
      nextStep: "Name the symbols you want with --symbols, only one of the two among them.",
    });
  });
});
