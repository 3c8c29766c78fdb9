import { describe, expect, test } from "bun:test";
import { entitlementsText } from "../../../src/cli/render/entitlements.ts";
import type { KnownRefusal } from "../../../src/workflows/known-refusals.ts";
import { REFUSAL } from "./results.ts";

const FILES: KnownRefusal = {
  ...REFUSAL,
  // Still the 20th in New York.
  seenAt: "2026-11-21T04:59:00.000Z",
};

const API: KnownRefusal = {
  ...FILES,
  source: "api",
  refusedTo: null,
  refusedAlways: true,
  allowedFrom: null,
  sentence: "You are not entitled to this data.",
};

const AGAIN = "tried again weekly or with --recheck-entitlements";

function ofTickers(...tickers: string[]): KnownRefusal[] {
  return tickers.map((ticker) => ({ ...API, ticker }));
}

describe("what the plan does not include", () => {
  test.each<[what: string, refusals: KnownRefusal[], text: string]>([
    ["nothing", [], ""],
    [
      "flat files up to a day",
      [FILES],
      `Not in your plan: indices flat files up to 2024-09-30 ("forbidden", seen 2026-11-20; ${AGAIN})\n`,
    ],
    [
      "what was seen long ago",
      [{ ...FILES, recheckDue: true }],
      'Not in your plan: indices flat files up to 2024-09-30 ("forbidden", seen 2026-11-20; the next run tries again)\n',
    ],
    [
      "a refusal without words",
      [{ ...FILES, sentence: null }],
      `Not in your plan: indices flat files up to 2024-09-30 (seen 2026-11-20; ${AGAIN})\n`,
    ],
    [
      "the API up to a day",
      [{ ...API, refusedTo: "2024-11-12", refusedAlways: false }],
      `Not in your plan: indices by the API up to 2024-11-12 ("You are not entitled to this data.", seen 2026-11-20; ${AGAIN})\n`,
    ],
    [
      "tickers that are refused alike",
      ofTickers("I:SPX", "I:NDX"),
      `Not in your plan: I:SPX, I:NDX by the API on any day ("You are not entitled to this data.", seen 2026-11-20; ${AGAIN})\n`,
    ],
    [
      "many of them",
      ofTickers("I:A", "I:B", "I:C", "I:D", "I:E", "I:F", "I:G"),
      `Not in your plan: I:A, I:B, I:C, I:D, I:E and 2 more by the API on any day ("You are not entitled to this data.", seen 2026-11-20; ${AGAIN})\n`,
    ],
  ])("%s", (_, refusals, text) => {
    expect(entitlementsText(refusals)).toBe(text);
  });

  test("has a line for each that is refused in another way", () => {
    const [spx, ndx] = ofTickers("I:SPX", "I:NDX");
    if (spx === undefined || ndx === undefined) throw new Error("no tickers");
    const refusals: KnownRefusal[] = [
      FILES,
      API,
      spx,
      { ...ndx, recheckDue: true },
      { ...spx, dataset: "stocks", ticker: "A" },
    ];
    expect(
      entitlementsText(refusals)
        .split("\n")
        .map((line) => line.replace(/ \(.*/, "")),
    ).toEqual([
      "Not in your plan: indices flat files up to 2024-09-30",
      "Not in your plan: indices by the API on any day",
      "Not in your plan: I:SPX by the API on any day",
      "Not in your plan: I:NDX by the API on any day",
      "Not in your plan: A by the API on any day",
      "",
    ]);
  });
});
