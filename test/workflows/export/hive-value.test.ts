import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hiveValue } from "../../../src/workflows/export/hive-value.ts";
import { duckdbRows } from "../../formats/read-back.ts";
import { tempDir } from "../../support/temp-dir.ts";

const ODD = [
  "X:BTC-USD",
  "O:SPY241220C00500000",
  "BRK.B",
  "..",
  ".",
  "A/B",
  "A\\B",
  "50%",
  "%2E",
  'A"B',
  "A*?",
  "A=B",
  "A B",
  "A+B",
  "A&B#",
  "BACPA",
  "BACpA",
  "bacpa",
  "A\u0001\n",
  "Ä€😀",
  "A.",
];

describe("the value of a partition", () => {
  test("is read back by DuckDB as it is", async () => {
    using dir = tempDir();
    for (const value of ODD) mkdirSync(join(dir.path, `symbol=${hiveValue(value)}`));
    for (const value of ODD)
      await duckdbRows(
        `COPY (SELECT 1 AS close) TO '${join(dir.path, `symbol=${hiveValue(value)}`, "bars.parquet")}' (FORMAT parquet)`,
      );
    const rows = await duckdbRows(
      `SELECT symbol FROM read_parquet('${dir.path}/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)`,
    );
    expect(new Set(rows.map(({ symbol }) => symbol))).toEqual(new Set(ODD));
    expect(rows.length).toBe(ODD.length);
  });

  test("is a name of its own on a disk that does not tell small letters from capitals", () => {
    const names = ODD.map((value) => hiveValue(value).toLowerCase());
    expect(new Set(names).size).toBe(ODD.length);
    expect(hiveValue("BACpA")).toBe("BAC%70A");
  });

  test("is nothing but letters, digits, dots, dashes, underscores and percent signs", () => {
    for (const value of ODD) expect(hiveValue(value)).toMatch(/^[A-Z0-9._%-]*[A-Z0-9_%-]$/);
    expect(["SPX", "X:BTC-USD", "A/B", "..", "50%"].map(hiveValue)).toEqual([
      "SPX",
      "X%3ABTC-USD",
      "A%2FB",
      ".%2E",
      "50%25",
    ]);
  });
});
