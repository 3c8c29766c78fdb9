import { describe, expect, test } from "bun:test";
import { exitCodeOfError, exitCodeOfRun, EXIT_CODES } from "../../src/cli/exit-codes.ts";
import { BackfillError, type ErrorKind } from "../../src/core/errors.ts";
import type { Failure } from "../../src/workflows/failures.ts";

const OF_THE_PLAN: Failure = {
  dataset: "indices",
  date: "2024-11-22",
  step: "api",
  error: "e",
  hint: "h",
  help: "plan",
  settings: true,
  denied: true,
};
const OF_THE_DAY: Failure = { ...OF_THE_PLAN, settings: false, denied: false };

test("every code has a number of its own", () => {
  const codes = Object.values(EXIT_CODES).map(({ code }) => code);
  expect(codes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 130]);
});

describe("exitCodeOfError", () => {
  test.each<[ErrorKind, number]>([
    ["usage", 2],
    ["settings", 3],
    ["source", 4],
    ["data", 4],
    ["cache", 4],
    ["target", 5],
    ["locked", 7],
    ["interrupted", 130],
  ])("of kind %s is %d", (kind, code) => {
    const error = new BackfillError({ kind, operation: "o", reason: "r", nextStep: "n" });
    expect(exitCodeOfError(error)).toBe(code);
  });

  test("of anything else is 1, a bug", () => {
    expect([new TypeError("x"), "text", undefined].map((thrown) => exitCodeOfError(thrown))).toEqual([
      1, 1, 1,
    ]);
  });
});

describe("exitCodeOfRun", () => {
  const all = { failures: [], deniedDays: 0, unsynced: false };

  test("is 0 if everything is there", () => {
    expect(exitCodeOfRun(all)).toBe(0);
  });

  test("is 4 for failed days, whatever else is not there", () => {
    expect(exitCodeOfRun({ ...all, failures: [OF_THE_DAY] })).toBe(4);
    expect(exitCodeOfRun({ failures: [OF_THE_PLAN, OF_THE_DAY], deniedDays: 1, unsynced: true })).toBe(4);
  });

  test("is 3 if only the plan stands in the way, synced or not", () => {
    expect(exitCodeOfRun({ ...all, failures: [OF_THE_PLAN] })).toBe(3);
    expect(exitCodeOfRun({ ...all, deniedDays: 1 })).toBe(3);
    expect(exitCodeOfRun({ ...all, deniedDays: 1, unsynced: true })).toBe(3);
  });

  test("is 5 if only the database lacks something", () => {
    expect(exitCodeOfRun({ ...all, unsynced: true })).toBe(5);
  });
});
