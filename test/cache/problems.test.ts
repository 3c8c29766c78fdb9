import { expect, test } from "bun:test";
import {
  clearProblems,
  noteProblem,
  noteProblems,
  problemsOf,
  type DayProblem,
} from "../../src/cache/problems.ts";
import { tempCache } from "../support/temp-cache.ts";

const DENIED: DayProblem = {
  dataset: "indices",
  ticker: "",
  date: "2024-11-22",
  state: "denied",
  step: "download",
  error: "not in your plan",
  hint: "Ask for it.",
  seenAtMs: 1000,
};
const OF_SPX: DayProblem = { ...DENIED, ticker: "I:SPX", state: "failed", step: "api" };
const OF_NDX: DayProblem = { ...OF_SPX, ticker: "I:NDX", state: "pending" };
const NEXT_DAY: DayProblem = { ...DENIED, date: "2024-11-23", step: "parse", state: "failed" };
const OF_STOCKS: DayProblem = { ...DENIED, dataset: "stocks", step: "list" };

test("problems are found by dataset and date, in the order of date and ticker", async () => {
  using temp = tempCache();
  await noteProblem(temp.cache, NEXT_DAY);
  await noteProblems(temp.cache, [OF_SPX, OF_NDX, OF_STOCKS, DENIED]);
  expect(problemsOf(temp.cache, "indices", "2024-11-22", "2024-11-23")).toEqual([
    DENIED,
    OF_NDX,
    OF_SPX,
    NEXT_DAY,
  ]);
  expect(problemsOf(temp.cache, "indices", "2024-11-23", "2024-11-30")).toEqual([NEXT_DAY]);
  expect(problemsOf(temp.cache, "stocks", "2024-11-22", "2024-11-22")).toEqual([OF_STOCKS]);
  expect(problemsOf(temp.cache, "crypto", "2024-11-22", "2024-11-22")).toEqual([]);
});

test("a later problem of the same day takes the place of the first", async () => {
  using temp = tempCache();
  await noteProblem(temp.cache, DENIED);
  const later: DayProblem = { ...DENIED, state: "failed", step: "parse", error: "bad rows", seenAtMs: 2000 };
  await noteProblem(temp.cache, later);
  expect(problemsOf(temp.cache, "indices", "2024-11-01", "2024-11-30")).toEqual([later]);
});

test("clearing a day forgets what concerns all tickers and the given ones", async () => {
  using temp = tempCache();
  const { cache } = temp;
  for (const problem of [DENIED, OF_SPX, OF_NDX, NEXT_DAY, OF_STOCKS]) await noteProblem(cache, problem);
  await cache.write(() => clearProblems(cache, "indices", "2024-11-22", ["I:SPX", "I:VIX"]));
  expect(problemsOf(cache, "indices", "2024-11-22", "2024-11-23")).toEqual([OF_NDX, NEXT_DAY]);
  expect(problemsOf(cache, "stocks", "2024-11-22", "2024-11-23")).toEqual([OF_STOCKS]);
});
