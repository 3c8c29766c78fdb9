import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { csvEncoder } from "../../src/formats/csv-bars.ts";
import { gzipPieces } from "../../src/formats/gzip-pieces.ts";
import { tempDir } from "../support/temp-dir.ts";
import { duckdbRows } from "./read-back.ts";
import { encoded, FULL_BARS, INDEX_BARS, ODD, ROWS, SPX } from "./sample-bars.ts";

const TYPES =
  "{symbol: 'VARCHAR', timeframe: 'VARCHAR', timestamp: 'BIGINT', open: 'DOUBLE', high: 'DOUBLE', low: 'DOUBLE', close: 'DOUBLE', volume: 'DOUBLE', vwap: 'DOUBLE', trades: 'BIGINT'}";

describe("CSV of bars", () => {
  test("is a header and a line a bar, nothing for null, names quoted where they need it", () => {
    expect(new TextDecoder().decode(encoded(csvEncoder, true))).toBe(
      [
        "symbol,timeframe,timestamp,open,high,low,close,volume,vwap,trades",
        '"A""B,C",1h,1732285800000,1.5,1e-7,-2,1.5,12.25,1.4999,3',
        '"A""B,C",1h,1732289400000,9007199254740991,9007199254740991,9007199254740991,9007199254740991,0,,9007199254740991',
        "SPX,1m,1732285800000,5944.9,5944.9,5944.9,5944.9,,,",
        "SPX,1m,1732285860000,5945.01,5945.01,5945.01,5945.01,,,",
        "SPX,1m,1732285920000,0,0,0,0,,,",
        "",
      ].join("\n"),
    );
  });

  test("leaves out what the path of the file says", () => {
    const [header, first] = new TextDecoder().decode(encoded(csvEncoder, false)).split("\n");
    expect(header).toBe("timestamp,open,high,low,close,volume,vwap,trades");
    expect(first).toBe("1732285800000,5944.9,5944.9,5944.9,5944.9,,,");
  });

  test("is read back by DuckDB row for row, packed in several pieces too", async () => {
    using dir = tempDir();
    const plain = join(dir.path, "bars.csv");
    writeFileSync(plain, encoded(csvEncoder, true));
    const pieces: Uint8Array[] = [];
    const sink = gzipPieces((bytes) => pieces.push(Uint8Array.from(bytes)));
    const first = csvEncoder({ sink, hasSeries: true });
    first.add(ODD, FULL_BARS);
    first.finish();
    const rest = csvEncoder({ sink, hasSeries: true });
    rest.add(SPX, INDEX_BARS);
    rest.finish();
    writeFileSync(`${plain}.gz`, Buffer.concat(pieces));
    const rows = asNumbers(await duckdbRows(`SELECT * FROM read_csv('${plain}', columns = ${TYPES})`));
    expect(rows).toEqual(ROWS);
    // The header of the second piece is a row of text here, since two files were put into one.
    const packed = await duckdbRows(`SELECT * FROM read_csv('${plain}.gz', all_varchar = true)`);
    expect(packed.map(({ timestamp }) => timestamp)).toEqual([
      ...FULL_BARS.map((each) => String(each.windowStartMs)),
      "timestamp",
      ...INDEX_BARS.map((each) => String(each.windowStartMs)),
    ]);
  });
});

function asNumbers(rows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
    ),
  );
}
