import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { trackedSelection } from "../../src/cache/symbols.ts";
import { parseSymbols, type SymbolSelection } from "../../src/core/symbols.ts";
import { parseFile } from "../../src/workflows/parse-file.ts";
import { parseDownloaded } from "../../src/workflows/parse.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";
import { rejectionOf, wordsOf } from "../support/thrown.ts";
import { fileOf, gzipped, indexBars, indexRows, put, putDownloaded } from "./index-file.ts";
import { contentOf, contextOf } from "./run-context.ts";

const SPX: SymbolSelection = parseSymbols(["SPX"]);

describe("parseFile", () => {
  test("reads the day that the file's name says and tracks its symbols", async () => {
    using temp = tempCache();
    const path = put(temp, "us_indices-2024-11-22.csv", fileOf("2024-11-22", [10, 11]));
    const result = await parseFile(contextOf(temp), { path, selection: SPX, date: null });
    expect(result).toMatchObject({
      path,
      dataset: "indices",
      date: "2024-11-22",
      changes: { batches: 1, bars: 2, added: 2 },
      summary: { rows: 2, rejectedRows: 0 },
    });
    const { bars } = heldOf(temp.cache, await keyOf(temp.cache, "I:SPX", "2024-11-22"));
    expect(bars).toEqual(indexBars("2024-11-22T14:30:00Z", [10, 11]));
    expect(trackedSelection(temp.cache)).toEqual(SPX);
  });

  test("reads the day that it is told before that of the name", async () => {
    using temp = tempCache();
    const path = put(temp, "fetched-2024-11-25.csv", fileOf("2024-11-22", [10]));
    const result = await parseFile(contextOf(temp), { path, selection: SPX, date: "2024-11-22" });
    expect(result.date).toBe("2024-11-22");
  });

  test("reads every ticker of a dataset", async () => {
    using temp = tempCache();
    const selection = parseSymbols(["*"], "indices");
    const text = fileOf("2024-11-22", [10]) + indexRows("I:VIX", "2024-11-22T14:30:00Z", [1]);
    const path = put(temp, "2024-11-22.csv.gz", gzipped(text));
    const { changes } = await parseFile(contextOf(temp), { path, selection, date: null });
    expect(changes).toMatchObject({ batches: 2, bars: 2 });
    expect(trackedSelection(temp.cache)).toEqual(selection);
  });

  test.each([["bars.csv"], ["2024-02-30.csv"], ["20241122.csv"]])("asks for the day of %s", async (name) => {
    using temp = tempCache();
    const path = put(temp, name, fileOf("2024-11-22", [10]));
    const error = await rejectionOf(parseFile(contextOf(temp), { path, selection: SPX, date: null }));
    expect(wordsOf(error)).toEqual({
      kind: "usage",
      operation: `read ${path}`,
      reason: "its name does not say which day it is of",
      nextStep: "Give it: --date=YYYY-MM-DD.",
    });
  });

  test("wants symbols of one dataset", async () => {
    using temp = tempCache();
    const path = put(temp, "2024-11-22.csv", "");
    const selection = parseSymbols(["AAPL", "SPX"]);
    const error = await rejectionOf(parseFile(contextOf(temp), { path, selection, date: null }));
    expect(wordsOf(error)).toEqual({
      kind: "usage",
      operation: `read ${path}`,
      reason: "one file is of one dataset, the symbols are of indices and stocks",
      nextStep: "Say which: --dataset=indices (or stocks, options, crypto, forex).",
    });
  });

  test("does not take a ticker that the file lacks for one without bars", async () => {
    using temp = tempCache();
    const selection = parseSymbols(["SPX", "NDX"]);
    putDownloaded(
      temp,
      "2024-11-22",
      fileOf("2024-11-22", [1]) + indexRows("I:NDX", "2024-11-22T14:30:00Z", [5]),
    );
    const context = contextOf(temp);
    await parseDownloaded(context, { selection, from: "2024-11-22", to: "2024-11-22" });
    const path = put(temp, "part-2024-11-22.csv", fileOf("2024-11-22", [10, 11]));
    const { changes } = await parseFile(context, { path, selection, date: null });
    expect(changes).toEqual({ batches: 1, bars: 2, added: 1, changed: 1, removed: 0 });
    const ndx = heldOf(temp.cache, await keyOf(temp.cache, "I:NDX", "2024-11-22"));
    expect(ndx.bars).toEqual(indexBars("2024-11-22T14:30:00Z", [5]));

    const third = parseSymbols(["SPX", "VIX"]);
    await parseFile(context, { path, selection: third, date: null });
    expect(heldOf(temp.cache, await keyOf(temp.cache, "I:VIX", "2024-11-22")).batch).toBe(null);
  });

  test("changes nothing if none of its tickers is in the file", async () => {
    using temp = tempCache();
    const context = contextOf(temp);
    const path = put(temp, "2024-11-22.csv", fileOf("2024-11-22", [10, 11]));
    await parseFile(context, { path, selection: SPX, date: null });
    const before = contentOf(temp.cache);
    const selection = parseSymbols(["NDX", "VIX", "I:A", "I:B", "I:C", "I:D"]);
    const error = await rejectionOf(parseFile(context, { path, selection, date: null }));
    expect(error.code).toBe("no-such-ticker");
    expect(wordsOf(error)).toEqual({
      kind: "data",
      operation: `read ${path}`,
      reason: "it has no bars of I:NDX, I:VIX, I:A, I:B, I:C, … (indices)",
      nextStep: "Nothing was changed. Check --symbols and --dataset; tickers are case-sensitive.",
    });
    expect(contentOf(temp.cache)).toEqual(before);
  });

  test("refuses a file of another dataset than said, whole or by name", async () => {
    using temp = tempCache();
    const before = contentOf(temp.cache);
    const path = put(temp, "2024-11-22.csv", fileOf("2024-11-22", [10, 11]));
    for (const [names, code] of [
      [["*"], "other-dataset"],
      [["AAPL"], "no-such-ticker"],
    ] as const) {
      const selection = parseSymbols(names, "stocks");
      const error = await rejectionOf(parseFile(contextOf(temp), { path, selection, date: null }));
      expect([error.kind, error.code]).toEqual(["data", code]);
    }
    expect(contentOf(temp.cache)).toEqual(before);
  });

  test("refuses day bars by the name of their folder", async () => {
    using temp = tempCache();
    const path = put(temp, "us_indices/day_aggs_v1/2024-11-22.csv", fileOf("2024-11-22", [10]));
    const error = await rejectionOf(parseFile(contextOf(temp), { path, selection: SPX, date: null }));
    expect(wordsOf(error)).toEqual({
      kind: "usage",
      operation: `read ${path}`,
      reason: "by its name it holds day bars, and this cache keeps 1-minute bars",
      nextStep: "Take the file of the same day from minute_aggs_v1.",
    });
  });

  test("reads the compressed file where the named one is not there, and only then", async () => {
    using temp = tempCache();
    const packed = put(temp, "2024-11-22.csv.gz", gzipped(fileOf("2024-11-22", [10, 11])));
    const path = packed.slice(0, -".gz".length);
    const first = await parseFile(contextOf(temp), { path, selection: SPX, date: null });
    expect([first.path, first.changes.bars]).toEqual([packed, 2]);
    writeFileSync(path, fileOf("2024-11-22", [10]));
    const second = await parseFile(contextOf(temp), { path, selection: SPX, date: null });
    expect([second.path, second.changes.bars]).toEqual([path, 1]);
  });

  test("keeps nothing of a bad file, not even its symbols", async () => {
    using temp = tempCache();
    const before = contentOf(temp.cache);
    const missing = join(temp.dataDir, "2024-11-22.csv");
    const context = contextOf(temp);
    const error = await rejectionOf(parseFile(context, { path: missing, selection: SPX, date: null }));
    expect([error.kind, error.reason]).toEqual(["data", "there is no such file"]);
    const path = put(temp, "2024-11-22.csv", "a,b\n1,2\n");
    expect((await rejectionOf(parseFile(context, { path, selection: SPX, date: null }))).code).toBe(
      "bad-header",
    );
    expect(contentOf(temp.cache)).toEqual(before);
  });
});
