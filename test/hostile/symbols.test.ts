import { expect, test } from "bun:test";
import { parseSymbol, parseSymbols } from "../../src/core/symbols.ts";
import { openRest } from "../../src/massive/rest-client.ts";
import { minuteBarPages } from "../../src/massive/aggregates.ts";
import { hostileServer } from "../support/hostile-server.ts";
import { thrownBy } from "../support/thrown.ts";

const DATE = "2024-11-22";

test.each([
  "..",
  ".",
  "...",
  "A'B",
  'A"B',
  "A`B",
  "A;B",
  "A\\B",
  "A*B",
  "A?B",
  "A B",
  "A\nB",
  "A\0B",
  "\u001b[2J",
  "😀",
  "Ü",
  "A".repeat(65),
  "I:",
  "constructor",
  "'; DROP TABLE bars;--",
])("%j is no symbol to ask for", (text) => {
  expect(thrownBy(() => parseSymbol(text)).kind).toBe("usage");
});

test("a symbol of ten thousand characters is not repeated in whole", () => {
  expect(thrownBy(() => parseSymbol("X".repeat(10_000))).operation).toBe(`read symbol "${"X".repeat(80)}…"`);
});

test("names of JavaScript's own are symbols like others", () => {
  expect(parseSymbols(["__PROTO__", "CONSTRUCTOR"]).symbols).toHaveLength(2);
});

test.each(["A/../B", "%2E%2E", "A#B", "A&APIKEY=1", "A%2F..", "//EVIL", "$HOME", "{}", "A:B@C"])(
  "%j is asked for as one part of the path",
  async (ticker) => {
    await using vendor = hostileServer();
    const rest = openRest({ baseUrl: vendor.url, apiKey: "some-api-key" });
    const question = { dataset: "stocks", ticker: parseSymbol(ticker).ticker, from: DATE, to: DATE } as const;
    await Array.fromAsync(minuteBarPages(rest, question));
    const [path = ""] = vendor.requests[0]?.split("?") ?? [];
    const [, version, aggs, kind, name = "", ...range] = path.split("/");
    expect([version, aggs, kind, decodeURIComponent(name), ...range]).toEqual([
      "v2",
      "aggs",
      "ticker",
      ticker,
      "range",
      "1",
      "minute",
      DATE,
      DATE,
    ]);
  },
);
