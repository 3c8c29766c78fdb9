import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  dateFlag,
  datasetFlag,
  hasRange,
  rangeFlags,
  symbolNames,
  textFlag,
  todayFlag,
  type DateRange,
  type FlagValues,
} from "../../src/cli/flags.ts";
import { DATASETS } from "../../src/core/datasets.ts";
import { tempDir } from "../support/temp-dir.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

describe("textFlag", () => {
  test("is the text that was given, and nothing else", () => {
    expect(textFlag({ table: "bars" }, "table")).toBe("bars");
    expect(textFlag({ table: true }, "table")).toBeUndefined();
    expect(textFlag({}, "table")).toBeUndefined();
  });
});

describe("dateFlag", () => {
  test("is a real calendar date", () => {
    expect(dateFlag({ from: "2024-02-29" }, "from")).toBe("2024-02-29");
    expect(dateFlag({}, "from")).toBeUndefined();
  });

  test.each([
    "2024-02-30",
    "2023-02-29",
    "2024-13-01",
    "24-11-22",
    "2024-1-2",
    "22.11.2024",
    "yesterday",
    "",
    " 2024-11-22",
  ])("is not %p", (text) => {
    expect(wordsOf(thrownBy(() => dateFlag({ from: text }, "from")))).toEqual({
      kind: "usage",
      operation: "read --from",
      reason: `"${text}" is not a date`,
      nextStep: "Write it as YYYY-MM-DD, such as 2024-11-22.",
    });
  });
});

describe("todayFlag", () => {
  const clockMs = Date.parse("2024-11-22T23:30:00-05:00");

  test("is New York's today at the latest", () => {
    expect(todayFlag({}, clockMs)).toBeUndefined();
    expect(todayFlag({ today: "2024-11-22" }, clockMs)).toBe("2024-11-22");
    expect(todayFlag({ today: "2003-09-10" }, clockMs)).toBe("2003-09-10");
    expect(wordsOf(thrownBy(() => todayFlag({ today: "2024-11-23" }, clockMs)))).toEqual({
      kind: "usage",
      operation: "read --today",
      reason: "2024-11-23 is in the future",
      nextStep: "Today in New York is 2024-11-22.",
    });
  });

  test("has to be a date", () => {
    expect(thrownBy(() => todayFlag({ today: "now" }, clockMs)).reason).toBe('"now" is not a date');
  });
});

describe("datasetFlag", () => {
  test("is one of the datasets", () => {
    expect(DATASETS.map((dataset) => datasetFlag({ dataset }))).toEqual([...DATASETS]);
    expect(datasetFlag({})).toBeUndefined();
  });

  test.each(["index", "Stocks", "", "toString"])("is not %p", (dataset) => {
    expect(wordsOf(thrownBy(() => datasetFlag({ dataset })))).toEqual({
      kind: "usage",
      operation: "read --dataset",
      reason: `"${dataset}" is not a dataset`,
      nextStep: "Write one of indices, stocks, options, crypto, forex.",
    });
  });
});

describe("symbolNames", () => {
  test("are those of --symbols and of the file, as they were written", () => {
    using dir = tempDir();
    const file = join(dir.path, "symbols.txt");
    writeFileSync(file, "\uFEFF# my list\r\nAAPL, BRK.B\r\n\r\nBCpC # not BCPC\n\tTSLA");
    expect(symbolNames({ symbols: "SPX, NDX,,VIX" })).toEqual(["SPX", "NDX", "VIX"]);
    expect(symbolNames({ "symbols-file": file })).toEqual(["AAPL", "BRK.B", "BCpC", "TSLA"]);
    expect(symbolNames({ symbols: "SPX", "symbols-file": file })).toEqual([
      "SPX",
      "AAPL",
      "BRK.B",
      "BCpC",
      "TSLA",
    ]);
    expect(symbolNames({ symbols: "*" })).toEqual(["*"]);
  });

  test("are left to others if no flag names any", () => {
    expect(symbolNames({})).toBeUndefined();
  });

  test.each(["", ",", " , "])("are not none: --symbols=%p", (symbols) => {
    expect(wordsOf(thrownBy(() => symbolNames({ symbols })))).toEqual({
      kind: "usage",
      operation: "read --symbols",
      reason: "it names no symbol",
      nextStep: "Write --symbols=SPX,NDX, or leave it out for those the cache tracks.",
    });
  });

  test("are not none in a file", () => {
    using dir = tempDir();
    const file = join(dir.path, "symbols.txt");
    writeFileSync(file, "# none yet\n");
    const error = thrownBy(() => symbolNames({ "symbols-file": file }));
    expect([error.operation, error.reason]).toEqual(["read --symbols-file", "it names no symbol"]);
  });

  test("cannot come from a file that is not there, or a folder", () => {
    using dir = tempDir();
    mkdirSync(join(dir.path, "folder"));
    for (const name of ["none.txt", "folder"]) {
      const error = thrownBy(() => symbolNames({ "symbols-file": join(dir.path, name) }));
      expect([error.kind, error.operation, error.nextStep]).toEqual([
        "usage",
        "read --symbols-file",
        "Check the path.",
      ]);
    }
  });
});

function rangeOf(flags: FlagValues): DateRange {
  return rangeFlags(flags, "2024-11-24", 90);
}

describe("rangeFlags", () => {
  test.each<[FlagValues, string, string]>([
    [{}, "2024-08-26", "2024-11-24"],
    [{ days: "90" }, "2024-08-26", "2024-11-24"],
    [{ days: "0" }, "2024-11-24", "2024-11-24"],
    [{ days: "007" }, "2024-11-17", "2024-11-24"],
    [{ days: "20000" }, "1970-02-21", "2024-11-24"],
    [{ days: "5", to: "2024-03-01" }, "2024-02-25", "2024-03-01"],
    [{ from: "2024-11-20" }, "2024-11-20", "2024-11-24"],
    [{ from: "2024-11-24" }, "2024-11-24", "2024-11-24"],
    [{ from: "2024-08-01", to: "2024-11-23" }, "2024-08-01", "2024-11-23"],
    [{ from: "2024-08-01", to: "2024-08-01" }, "2024-08-01", "2024-08-01"],
  ])("%j is %s to %s", (flags, from, to) => {
    expect(rangeOf(flags)).toEqual({ from, to });
  });

  test.each<[FlagValues, string, string, string]>([
    [{ days: "5", from: "2024-11-20" }, "days", "--from is given too", "Give --days=N, or --from and --to."],
    [{ to: "2024-11-20" }, "to", "it needs a beginning", "Add --from=YYYY-MM-DD or --days=N."],
    [
      { from: "2024-11-24", to: "2024-11-23" },
      "from",
      "2024-11-24 is after 2024-11-23",
      "Give the earlier day as --from.",
    ],
    [{ from: "2024-11-25" }, "from", "2024-11-25 is in the future", "Today in New York is 2024-11-24."],
    [{ to: "soon", days: "5" }, "to", '"soon" is not a date', "Write it as YYYY-MM-DD, such as 2024-11-22."],
  ])("%j is wrong", (flags, flag, reason, nextStep) => {
    expect(wordsOf(thrownBy(() => rangeOf(flags)))).toEqual({
      kind: "usage",
      operation: `read --${flag}`,
      reason,
      nextStep,
    });
  });

  test.each(["-1", "1.5", "ninety", "", "20001", "99999", "100000", "1e3", "0x10", " 5"])(
    "--days=%p is no number of days",
    (days) => {
      expect(wordsOf(thrownBy(() => rangeOf({ days })))).toEqual({
        kind: "usage",
        operation: "read --days",
        reason: `"${days}" is not a number of days`,
        nextStep: "Write a whole number up to 20000, such as --days=90.",
      });
    },
  );
});

test("hasRange tells whether the user said anything about the days", () => {
  expect([{ days: "1" }, { from: "x" }, { to: "x" }].map((flags) => hasRange(flags))).toEqual([
    true,
    true,
    true,
  ]);
  expect([{}, { today: "2024-11-22" }, { days: undefined }].map((flags) => hasRange(flags))).toEqual([
    false,
    false,
    false,
  ]);
});
