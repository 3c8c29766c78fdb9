import { expect, test } from "bun:test";
import { exportText } from "../../../src/cli/render/export.ts";
import type { ExportResult } from "../../../src/workflows/export/options.ts";

const RESULT: ExportResult = {
  format: "parquet",
  out: "/home/me/lake",
  timeframes: ["1m", "1h"],
  from: "2024-01-02",
  to: "2024-11-22",
  symbols: ["NDX", "SPX"],
  leftOut: [],
  files: { written: 3, unchanged: 1200, deleted: 1 },
  bars: 120_000,
  bytes: 1_234_567,
};

test("an export says what it wrote, how much and how fast", () => {
  expect(exportText(RESULT, 400)).toBe(
    `Wrote 120,000 bars (2 symbols, 1m, 1h, 2024-01-02 to 2024-11-22) to /home/me/lake
3 files, 1,200 unchanged, 1 deleted; 1.2 MB in 0.4 s (300,000 bars/s)
`,
  );
});

test("an export says how many symbols it left out", () => {
  const leftOut = "ABCDEFGHIJKL".split("").map((letter) => `${letter}/X`);
  expect(
    exportText({ ...RESULT, leftOut }, 400)
      .split("\n")
      .slice(2),
  ).toEqual([
    "Left out, for Lean has no name for them: 12 symbols (A/X, B/X, C/X, D/X, E/X, F/X, G/X, H/X, I/X, J/X …)",
    "",
  ]);
  const files = { written: 0, unchanged: 6, deleted: 0 };
  expect(exportText({ ...RESULT, files, leftOut: ["A/X"] }, 400)).toBe(
    `/home/me/lake is up to date (2 symbols, 1m, 1h, 2024-01-02 to 2024-11-22; 6 unchanged)
Left out, for Lean has no name for it: 1 symbol (A/X)
`,
  );
});

test("an export into one file says no more than that", () => {
  const files = { written: 1, unchanged: 0, deleted: 0 };
  const one = {
    ...RESULT,
    out: "/tmp/spx.csv",
    symbols: ["SPX"],
    timeframes: ["1m"],
    files,
    bars: 1,
    bytes: 80,
  };
  expect(exportText(one, 0)).toBe(
    `Wrote 1 bar (1 symbol, 1m, 2024-01-02 to 2024-11-22) to /tmp/spx.csv
1 file; 80 B in 0.0 s (1,000 bars/s)
`,
  );
});

test("an export that had nothing to write says so", () => {
  const files = { written: 0, unchanged: 6, deleted: 0 };
  expect(exportText({ ...RESULT, files, bars: 0, bytes: 0 }, 100)).toBe(
    "/home/me/lake is up to date (2 symbols, 1m, 1h, 2024-01-02 to 2024-11-22; 6 unchanged)\n",
  );
});
