import { describe, expect, test } from "bun:test";
import { contentHash } from "../../src/cache/content-hash.ts";
import type { Bar } from "../../src/core/bar.ts";
import { bar } from "../support/bars.ts";

const OPEN_MS = Date.UTC(2024, 10, 22, 14, 30);

const STOCK: Bar = {
  windowStartMs: OPEN_MS,
  open: 200.29,
  high: 200.63,
  low: 200.25,
  close: 200.5,
  volume: 4930.5,
  vwap: 200.4,
  transactions: 129,
};

/**
 * Written down, from an independent XXH64, so that a change of the fingerprint is noticed: it would make every
 * batch that is read again look changed.
 */
test.each<[what: string, hash: string, bars: Bar[]]>([
  ["no bars", "ef46db3751d8e999", []],
  ["an index bar", "202cd88bbc68bc2e", [bar(OPEN_MS, 5950.25)]],
  ["a stock bar", "4030eb0babf3f5dc", [STOCK]],
  ["two bars", "6a92d69d0a23b9e0", [STOCK, bar(OPEN_MS + 60_000, 200)]],
])("the fingerprint of %s is %s", (_what, hash, bars) => {
  expect(contentHash(bars)).toBe(hash);
});

describe("the fingerprint", () => {
  test.each<Partial<Bar>>([
    { windowStartMs: OPEN_MS + 60_000 },
    { open: 200.290001 },
    { high: 201 },
    { low: 200 },
    { close: 200.51 },
    { volume: 4930 },
    { vwap: 200.41 },
    { transactions: 130 },
  ])("is another one with %j", (change) => {
    expect(contentHash([{ ...STOCK, ...change }])).not.toBe(contentHash([STOCK]));
  });

  test.each(["volume", "vwap", "transactions"])("tells an unknown %s from 0", (field) => {
    const [unknown, zero] = [null, 0].map((value) => contentHash([{ ...STOCK, [field]: value }]));
    expect(unknown).not.toBe(zero);
  });

  test("tells which of its values is unknown", () => {
    const hashes = (["volume", "vwap", "transactions"] as const).map((field) =>
      contentHash([{ ...bar(OPEN_MS, 1), volume: 7, vwap: 7, transactions: 7, [field]: null }]),
    );
    expect(new Set(hashes).size).toBe(3);
  });

  test("depends on the order and the number of the bars", () => {
    const [one, two] = [bar(OPEN_MS, 1), bar(OPEN_MS + 60_000, 2)];
    const hashes = [[one, two], [two, one], [one], [two], [one, one]].map(contentHash);
    expect(new Set(hashes).size).toBe(5);
  });

  test("takes -0 and 0 for the same, as SQLite and sameBar do", () => {
    expect(contentHash([bar(OPEN_MS, -0, { volume: -0, vwap: -0, transactions: -0 })])).toBe(
      contentHash([bar(OPEN_MS, 0, { volume: 0, vwap: 0, transactions: 0 })]),
    );
  });
});
