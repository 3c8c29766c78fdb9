import { describe, expect, test } from "bun:test";
import { problemsOf } from "../../src/cache/problems.ts";
import { parseSymbols, trackedSymbol, type SymbolSelection } from "../../src/core/symbols.ts";
import { parseDownloaded, planParse } from "../../src/workflows/parse.ts";
import { heldOf, keyOf } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";
import { fileOf, gzipped, putDownloaded } from "./index-file.ts";
import { collectedProgress, contentOf, contextOf } from "./run-context.ts";

const SPX: SymbolSelection = parseSymbols(["SPX"]);

const NONE_REPLACED = { days: 0, added: 0, changed: 0, removed: 0 };

describe("parseDownloaded", () => {
  const RANGE = { selection: SPX, from: "2024-11-20", to: "2024-11-22" };

  test("reads the good files, reports the bad one, and waits for the one that is not there", async () => {
    using temp = tempCache();
    putDownloaded(temp, "2024-11-20", gzipped(fileOf("2024-11-20", [10, 11])));
    putDownloaded(temp, "2024-11-21", gzipped(fileOf("2024-11-21", [10])).subarray(0, 40));
    const result = await parseDownloaded(contextOf(temp), RANGE);
    const error = expect.stringContaining("the gzip file is cut or corrupt");
    expect(result).toEqual({
      from: "2024-11-20",
      to: "2024-11-22",
      days: { flatfile: 1, api: 0, skipped: 0, pending: 1, denied: 0, failed: 1 },
      files: { downloaded: 0, reused: 2, bytes: 0 },
      bars: { cached: 2, changed: 2, rejected: 0 },
      replaced: { provisional: NONE_REPLACED, republished: NONE_REPLACED },
      requests: 0,
      failures: [
        {
          dataset: "indices",
          date: "2024-11-21",
          step: "parse",
          error,
          hint: "Nothing of it was kept. Get the file again: without it, `hybrid` and `download` fetch it anew.",
          help: "bad-rows",
          settings: false,
          denied: false,
        },
      ],
      derived: null,
    });
    expect(problemsOf(temp.cache, "indices", "2024-11-20", "2024-11-22")).toMatchObject([
      { date: "2024-11-21", ticker: "", state: "failed", step: "parse", error },
    ]);
  });

  test("reads nothing twice, and only what a new symbol lacks", async () => {
    using temp = tempCache();
    for (const date of ["2024-11-20", "2024-11-21"]) putDownloaded(temp, date, fileOf(date, [10]));
    const context = contextOf(temp);
    expect((await parseDownloaded(context, RANGE)).days).toMatchObject({ flatfile: 2, skipped: 0 });
    const before = contentOf(temp.cache);
    expect((await parseDownloaded(context, RANGE)).days).toMatchObject({ flatfile: 0, skipped: 2 });
    expect(contentOf(temp.cache)).toEqual(before);

    const both = { ...RANGE, selection: parseSymbols(["SPX", "NDX"]) };
    const { plan } = await planParse(context, both);
    expect(plan.files.map(({ file, tickers }) => [file.date, tickers])).toEqual([
      ["2024-11-20", ["I:NDX"]],
      ["2024-11-21", ["I:NDX"]],
    ]);
    await parseDownloaded(context, both);
    const held = heldOf(temp.cache, await keyOf(temp.cache, "I:NDX", "2024-11-20"));
    expect([held.batch?.source, held.bars]).toEqual(["flatfile", []]);
    expect((await parseDownloaded(context, both)).days).toMatchObject({ flatfile: 0, skipped: 2 });
  });

  test("reads a file again whose bytes are others", async () => {
    using temp = tempCache();
    putDownloaded(temp, "2024-11-20", fileOf("2024-11-20", [10, 11, 12]));
    await parseDownloaded(contextOf(temp), RANGE);
    putDownloaded(temp, "2024-11-20", fileOf("2024-11-20", [10, 11]));
    const result = await parseDownloaded(contextOf(temp), RANGE);
    expect(result.bars).toEqual({ cached: 2, changed: 1, rejected: 0 });
  });

  test("says which rows it left out", async () => {
    using temp = tempCache();
    const prices = Array.from({ length: 200 }, () => 1);
    putDownloaded(temp, "2024-11-20", `${fileOf("2024-11-20", prices)}I:SPX,1,1,1,1,x\n`);
    const progress = collectedProgress();
    const result = await parseDownloaded(contextOf(temp, { progress }), RANGE);
    expect(result.bars).toEqual({ cached: 200, changed: 200, rejected: 1 });
    expect(progress.lines).toEqual([
      "warn indices 2024-11-20: left out bad rows (1 × not a stamp); they are in the cache's table rejected_rows",
      "detail read indices 2024-11-20: 200 bars of 1 symbols, 200 new, 0 changed, 0 removed",
    ]);
  });

  test("can only plan what is on this machine", async () => {
    using temp = tempCache();
    putDownloaded(temp, "2024-11-20", fileOf("2024-11-20", [10]));
    const before = contentOf(temp.cache);
    const { plan } = await planParse(contextOf(temp), RANGE);
    expect(plan.days).toEqual([
      {
        ...dayOf("2024-11-20"),
        action: "read file",
        reason: "local file reused",
      },
      { ...dayOf("2024-11-21"), action: "wait", reason: "nothing to read it from" },
      { ...dayOf("2024-11-22"), action: "wait", reason: "nothing to read it from" },
    ]);
    expect(contentOf(temp.cache)).toEqual(before);
  });
});

function dayOf(date: string) {
  const { dataset, ticker } = trackedSymbol("indices", "I:SPX");
  return { dataset, ticker, date };
}
