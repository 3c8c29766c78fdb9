import { describe, expect, test } from "bun:test";
import { jsonlEncoder } from "../../src/formats/jsonl-bars.ts";
import { encoded, ROWS } from "./sample-bars.ts";

describe("JSON Lines of bars", () => {
  test("are an object a line, with null where there is no value", () => {
    const lines = new TextDecoder().decode(encoded(jsonlEncoder, true)).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(ROWS);
    expect(lines.at(-1)).toBe(
      '{"symbol":"SPX","timeframe":"1m","timestamp":1732285920000,"open":0,"high":0,"low":0,"close":0,"volume":null,"vwap":null,"trades":null}',
    );
  });

  test("leave out what the path of the file says", () => {
    const [first = ""] = new TextDecoder().decode(encoded(jsonlEncoder, false)).split("\n");
    expect(Object.keys(JSON.parse(first))).toEqual([
      "timestamp",
      "open",
      "high",
      "low",
      "close",
      "volume",
      "vwap",
      "trades",
    ]);
  });
});
