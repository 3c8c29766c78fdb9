import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { exportFlags } from "../../src/cli/export-flags.ts";
import { tempDir } from "../support/temp-dir.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

const TODAY = "2024-11-22";
const read = (flags: Record<string, unknown>) => exportFlags(flags, TODAY);
const refusal = (flags: Record<string, unknown>) => wordsOf(thrownBy(() => read(flags)));

describe("the flags of an export", () => {
  test("say a file or a folder by the name of --out", () => {
    const kinds = [
      "bars.parquet",
      "a.csv",
      "a.jsonl",
      "a.csv.gz",
      "A.JSONL.GZ",
      "lake",
      "lake.v2/",
      "data.2024",
      "..",
      ".lake",
    ];
    expect(
      kinds.map((out) => {
        const { format, isFolder, isGzip } = read({ out });
        return [out, format, isFolder, isGzip];
      }),
    ).toEqual([
      ["bars.parquet", "parquet", false, false],
      ["a.csv", "csv", false, false],
      ["a.jsonl", "jsonl", false, false],
      ["a.csv.gz", "csv", false, true],
      ["A.JSONL.GZ", "jsonl", false, true],
      ["lake", "parquet", true, false],
      ["lake.v2/", "parquet", true, false],
      ["data.2024", "parquet", true, false],
      ["..", "parquet", true, false],
      [".lake", "parquet", true, false],
    ]);
  });

  test("take a folder that is there whatever its name", () => {
    using dir = tempDir();
    const out = join(dir.path, "my.bars");
    expect(refusal({ out })).toMatchObject({ operation: "read --out" });
    writeFileSync(join(dir.path, "file"), "");
    expect(refusal({ out: join(dir.path, "file", "a.bars") })).toMatchObject({ operation: "read --out" });
    mkdirSync(out);
    expect(read({ out })).toMatchObject({ format: "parquet", isFolder: true, out });
  });

  test("have all days, minutes and zstd unless they say otherwise", () => {
    expect(read({ out: "lake" })).toEqual({
      format: "parquet",
      out: resolve("lake"),
      isFolder: true,
      isGzip: false,
      compression: "zstd",
      timeframes: [1],
      range: null,
      incremental: false,
      replace: false,
      leanMarket: null,
    });
    expect(
      read({ out: "lake", timeframe: "1h,1m", compression: "none", from: "2024-01-01", incremental: true }),
    ).toMatchObject({
      timeframes: [1, 60],
      compression: "none",
      range: { from: "2024-01-01", to: TODAY },
      incremental: true,
    });
    expect(
      read({ out: "lean", format: "lean", "lean-market": "kraken", days: "5", incremental: true }),
    ).toMatchObject({
      format: "lean",
      isFolder: true,
      leanMarket: "kraken",
      range: { from: "2024-11-17", to: TODAY },
    });
  });

  test.each([
    [{}, "out", "it is needed", "Write --out=bars.parquet for one file, --out=lake for a folder."],
    [{ out: "" }, "out", "it is needed", "Write --out=bars.parquet for one file, --out=lake for a folder."],
    [
      { out: "bars.txt" },
      "out",
      "bars.txt ends in .txt, and a parquet file ends in .parquet",
      "Write --out=bars.parquet (or .csv, .jsonl, .csv.gz, .jsonl.gz); for a folder of that name, --out=bars.txt/.",
    ],
    [
      { out: "x/bars.parquet.gz" },
      "out",
      "x/bars.parquet.gz ends in .gz, and a parquet file ends in .parquet",
      "Write --out=x/bars.parquet (or .csv, .jsonl, .csv.gz, .jsonl.gz); for a folder of that name, --out=x/bars.parquet.gz/.",
    ],
    [
      { out: "bars.txt", format: "csv" },
      "out",
      "bars.txt ends in .txt, and a csv file ends in .csv or .csv.gz",
      "Write --out=bars.csv; for a folder of that name, --out=bars.txt/.",
    ],
    [
      { out: "lean.zip", format: "lean" },
      "out",
      "lean.zip ends in .zip, and Lean's files are a folder",
      "Write --out=lean; for a folder of that name, --out=lean.zip/.",
    ],
    [
      { out: "/dev/null" },
      "out",
      "/dev/null is no file, and bars are not written to a screen or a pipe",
      "Write to a file: --out=bars.csv.",
    ],
    [
      { out: "-" },
      "out",
      "- is no file, and bars are not written to the screen",
      "Write to a file: --out=bars.csv.",
    ],
    [
      { out: "a.csv", format: "parquet" },
      "format",
      "it says parquet, and --out=a.csv is the name of a csv file",
      "Leave one of them out, or write --out=bars.parquet.",
    ],
    [
      { out: "a.csv", format: "lean" },
      "format",
      "it says lean, and --out=a.csv is the name of a csv file",
      "Name a folder: --out=lean-data.",
    ],
    [
      { out: "a", format: "xls" },
      "format",
      '"xls" is none of them',
      "Write one of parquet, csv, jsonl, lean.",
    ],
    [
      { out: "a.csv", compression: "zstd" },
      "compression",
      "it is for Parquet, and this is csv",
      "Leave it out; for gzip name the file .csv.gz or .jsonl.gz.",
    ],
    [
      { out: "a", compression: "lzma" },
      "compression",
      '"lzma" is none of them',
      "Write one of zstd, snappy, none.",
    ],
    [
      { out: "a", timeframe: "2m" },
      "timeframe",
      '"2m" is not a timeframe',
      "Choose from 1m, 5m, 15m, 30m, 1h, 1d.",
    ],
    [{ out: "a", timeframe: "," }, "timeframe", "it names none", "Write --timeframe=1m,1h."],
    [
      { out: "a", format: "lean", timeframe: "1h" },
      "timeframe",
      "Lean gets minutes, and makes longer bars of them itself",
      "Leave it out.",
    ],
    [{ out: "a", "lean-market": "kraken" }, "lean-market", "it is for --format=lean", "Leave it out."],
    [
      { out: "a", format: "lean", "lean-market": "../x" },
      "lean-market",
      '"../x" is not a market',
      "Write it in small letters: --lean-market=kraken.",
    ],
    [
      { out: "a.csv", incremental: true },
      "incremental",
      "one file is written as a whole",
      "Name a folder: --out=lake.",
    ],
    [
      { out: "a.csv", replace: true },
      "replace",
      "one file is always written over",
      "Leave it out, or name a folder: --out=lake.",
    ],
    [
      { out: "a", incremental: true, days: "5" },
      "incremental",
      "a folder has a file for each year, which is kept up to date as a whole",
      "Leave out the days, or name whole years: --from=2024-01-01 --to=2024-12-31.",
    ],
  ])("refuse %p", (flags, flag, reason, nextStep) => {
    expect(refusal(flags)).toEqual({ kind: "usage", operation: `read --${flag}`, reason, nextStep });
  });
});
