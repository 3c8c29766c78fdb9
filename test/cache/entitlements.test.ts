import { expect, test } from "bun:test";
import {
  EVERY_DAY,
  findEntitlement,
  knownEntitlements,
  rememberEntitlement,
  type Entitlement,
} from "../../src/cache/entitlements.ts";
import { tempCache } from "../support/temp-cache.ts";

const EDGE: Entitlement = {
  source: "flatfile",
  dataset: "indices",
  ticker: "",
  refusedTo: "2024-09-30",
  allowedFrom: "2024-10-01",
  sentence: "forbidden",
  seenAtMs: 1_732_000_000_000,
};
const TICKER: Entitlement = {
  ...EDGE,
  source: "api",
  ticker: "I:SPX",
  refusedTo: EVERY_DAY,
  allowedFrom: null,
  sentence: "You are not entitled to this data.",
};

test("what is remembered is known: edges in time, tickers refused on every day, datasets allowed as a whole", async () => {
  using temp = tempCache();
  const allowed = { ...EDGE, dataset: "stocks", refusedTo: null, sentence: null } as const;
  for (const one of [TICKER, allowed, EDGE]) await rememberEntitlement(temp.cache, one);
  expect(knownEntitlements(temp.cache)).toEqual([EDGE, allowed, TICKER]);
});

test("what is seen later replaces what was known of the same, and nothing else", async () => {
  using temp = tempCache();
  const later = {
    ...EDGE,
    refusedTo: null,
    allowedFrom: "2023-02-14",
    sentence: null,
    seenAtMs: 1_800_000_000_000,
  };
  for (const one of [EDGE, TICKER, later]) await rememberEntitlement(temp.cache, one);
  expect(knownEntitlements(temp.cache)).toEqual([later, TICKER]);
});

test("what is known of one dataset or ticker is found without the rest", async () => {
  using temp = tempCache();
  for (const one of [EDGE, TICKER]) await rememberEntitlement(temp.cache, one);
  expect(findEntitlement(temp.cache, TICKER)).toEqual(TICKER);
  expect(findEntitlement(temp.cache, EDGE)).toEqual(EDGE);
  expect(findEntitlement(temp.cache, { ...TICKER, ticker: "I:NDX" })).toBeNull();
});
