import { expect, test } from "bun:test";
import { timeframeName, timeframesNamed } from "../../src/core/timeframes.ts";
import { thrownBy } from "../support/thrown.ts";

test("timeframes have the names of historical_bars", () => {
  expect([1, 5, 15, 30, 60, 240, 1440].map(timeframeName)).toEqual([
    "1m",
    "5m",
    "15m",
    "30m",
    "1h",
    "4h",
    "1d",
  ]);
});

test("a list of names is read in any order, each once", () => {
  expect(timeframesNamed(["1d", "5m", "1m", "5m"], "timeframes")).toEqual([1, 5, 1440]);
});

test("a name that is none is an error that says which there are", () => {
  const error = thrownBy(() => timeframesNamed(["2m"], "timeframes"));
  expect(error).toMatchObject({
    kind: "usage",
    message: 'read --timeframes: "2m" is not a timeframe',
    nextStep: "Choose from 1m, 5m, 15m, 30m, 1h, 1d.",
  });
});
