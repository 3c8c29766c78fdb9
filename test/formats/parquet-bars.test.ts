import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PARQUET_COMPRESSIONS, parquetEncoder } from "../../src/formats/parquet-bars.ts";
import { barsFrom } from "../support/bars.ts";
import { tempDir } from "../support/temp-dir.ts";
import { duckdbRows } from "./read-back.ts";
import { encoded, OPEN_MS, ROWS, SPX } from "./sample-bars.ts";

describe("Parquet of bars", () => {
  for (const compression of PARQUET_COMPRESSIONS)
    test(`compressed by ${compression}, is read back by DuckDB row for row`, async () => {
      using dir = tempDir();
      const path = join(dir.path, "bars.parquet");
      writeFileSync(
        path,
        encoded((options) => parquetEncoder({ ...options, compression }), true),
      );
      const rows = await duckdbRows(`SELECT * REPLACE (epoch_ms(timestamp) AS timestamp) FROM '${path}'`);
      expect(rows.map(asNumbers)).toEqual(ROWS);
      const [codec] = await duckdbRows(
        `SELECT DISTINCT compression AS name FROM parquet_metadata('${path}')`,
      );
      expect(codec).toEqual({ name: { zstd: "ZSTD", snappy: "SNAPPY", none: "UNCOMPRESSED" }[compression] });
    });

  test("has instants in UTC and only volume, vwap and trades that can be null", async () => {
    using dir = tempDir();
    const path = join(dir.path, "bars.parquet");
    writeFileSync(
      path,
      encoded((options) => parquetEncoder({ ...options, compression: "zstd" }), true),
    );
    const columns = await duckdbRows(
      `SELECT name, type, repetition_type AS repetition, logical_type AS logical FROM parquet_schema('${path}')`,
    );
    expect(columns.slice(1)).toEqual([
      { name: "symbol", type: "BYTE_ARRAY", repetition: "REQUIRED", logical: "StringType()" },
      { name: "timeframe", type: "BYTE_ARRAY", repetition: "REQUIRED", logical: "StringType()" },
      {
        name: "timestamp",
        type: "INT64",
        repetition: "REQUIRED",
        logical: expect.stringContaining("isAdjustedToUTC=1"),
      },
      ...["open", "high", "low", "close"].map((name) => ({
        name,
        type: "DOUBLE",
        repetition: "REQUIRED",
        logical: null,
      })),
      ...["volume", "vwap"].map((name) => ({ name, type: "DOUBLE", repetition: "OPTIONAL", logical: null })),
      { name: "trades", type: "INT64", repetition: "OPTIONAL", logical: null },
    ]);
  });

  test("begins a row group after 100,000 rows, each with its statistics", async () => {
    using dir = tempDir();
    const path = join(dir.path, "bars.parquet");
    const pieces: Uint8Array[] = [];
    const encoder = parquetEncoder({
      sink: (bytes) => pieces.push(Uint8Array.from(bytes)),
      hasSeries: false,
      compression: "zstd",
    });
    const bars = barsFrom(
      OPEN_MS,
      Array.from({ length: 250_001 }, (_, index) => index + 1),
    );
    for (let at = 0; at < bars.length; at += 70_000) encoder.add(SPX, bars.slice(at, at + 70_000));
    encoder.finish();
    writeFileSync(path, Buffer.concat(pieces));
    const groups = await duckdbRows(
      `SELECT row_group_num_rows AS rows, stats_min_value AS least, stats_max_value AS most
       FROM parquet_metadata('${path}') WHERE path_in_schema = 'close' ORDER BY row_group_id`,
    );
    expect(groups).toEqual([
      { rows: 100_000n, least: "1.0", most: "100000.0" },
      { rows: 100_000n, least: "100001.0", most: "200000.0" },
      { rows: 50_001n, least: "200001.0", most: "250001.0" },
    ]);
    // A piece for each row group and one for the end: what is written does not wait in memory.
    expect(pieces.length).toBe(4);
    const [sum] = await duckdbRows(
      `SELECT count(*) AS rows, sum(close) AS sum, max(epoch_ms(timestamp)) AS last FROM '${path}'`,
    );
    expect(sum).toEqual({
      rows: 250_001n,
      sum: (250_001 * 250_002) / 2,
      last: BigInt(OPEN_MS + 250_000 * 60_000),
    });
  });

  test("has the same bytes for the same bars", () => {
    const [one, other] = [1, 2].map(() =>
      encoded((options) => parquetEncoder({ ...options, compression: "zstd" }), true),
    );
    expect(one).toEqual(other);
  });
});

function asNumbers(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  );
}
