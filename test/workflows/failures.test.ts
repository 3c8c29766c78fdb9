import { describe, expect, test } from "bun:test";
import { BackfillError, type ErrorKind } from "../../src/core/errors.ts";
import { errorOfDay, failureOf, isEntitlement } from "../../src/workflows/failures.ts";

function error(kind: ErrorKind, code?: string): BackfillError {
  const parts = { kind, operation: "read it", reason: "it is bad", nextStep: "Try again." };
  return new BackfillError(code === undefined ? parts : { ...parts, code });
}

/** What `work` throws, whatever it is; null if it throws nothing. */
function anythingThrownBy(work: () => unknown): unknown {
  try {
    work();
    return null;
  } catch (thrown) {
    return thrown;
  }
}

describe("errorOfDay", () => {
  test.each([
    ["data", error("data")],
    ["source", error("source")],
    ["not in the plan", error("settings", "not-entitled")],
    ["date not in the plan", error("settings", "not-entitled-date")],
  ])("passes on an error that is about one day: %s", (_what, ofTheDay) => {
    expect(errorOfDay(ofTheDay)).toBe(ofTheDay);
  });

  test.each([
    ["settings", error("settings")],
    ["wrong keys", error("settings", "wrong-secret")],
    ["usage", error("usage")],
    ["cache", error("cache")],
    ["target", error("target")],
    ["locked", error("locked")],
    ["interrupted", error("interrupted")],
    ["a bug", new TypeError("undefined is not a function")],
    ["no error at all", "text"],
  ])("throws what ends the run: %s", (_what, thrown) => {
    expect(anythingThrownBy(() => errorOfDay(thrown))).toBe(thrown);
  });
});

describe("failureOf", () => {
  test("says what went wrong with a day and what to do", () => {
    expect(failureOf(error("data"), "stocks", "2024-11-22", "parse")).toEqual({
      dataset: "stocks",
      date: "2024-11-22",
      step: "parse",
      error: "read it: it is bad",
      hint: "Try again.",
      help: "bad-rows",
      settings: false,
      denied: false,
    });
  });

  test.each([
    ["not-entitled-date", true],
    ["not-entitled", true],
    ["wrong-key", false],
    [undefined, false],
  ])("with the code %s is of a day that the plan does not include: %p", (code, denied) => {
    const failure = failureOf(error("settings", code), "indices", "2024-11-22", "api");
    expect(failure.denied).toBe(denied);
  });

  test("knows what is a matter of settings", () => {
    const failure = failureOf(error("settings", "not-entitled"), "indices", "2024-11-22", "api");
    expect(failure.settings).toBe(true);
    expect(failureOf(error("source"), "indices", "2024-11-22", "api").settings).toBe(false);
  });
});

test("isEntitlement tells a refusal by the plan from one of the keys", () => {
  expect(isEntitlement(error("settings", "not-entitled"))).toBe(true);
  expect(isEntitlement(error("settings", "not-entitled-date"))).toBe(true);
  expect(isEntitlement(error("settings", "wrong-key"))).toBe(false);
  expect(isEntitlement(error("settings"))).toBe(false);
  expect(isEntitlement(new Error("not-entitled"))).toBe(false);
});
