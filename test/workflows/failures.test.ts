import { describe, expect, test } from "bun:test";
import { BackfillError, type ErrorKind } from "../../src/core/errors.ts";
import { failureOf, isEntitlement } from "../../src/workflows/failures.ts";

function error(kind: ErrorKind, code?: string): BackfillError {
  const parts = { kind, operation: "read it", reason: "it is bad", nextStep: "Try again." };
  return new BackfillError(code === undefined ? parts : { ...parts, code });
}

describe("failureOf", () => {
  test.each(["data", "source"] as const)("makes an error of kind %s a failure of its day", (kind) => {
    expect(failureOf(error(kind), "stocks", "2024-11-22", "parse")).toEqual({
      dataset: "stocks",
      date: "2024-11-22",
      step: "parse",
      error: "read it: it is bad",
      hint: "Try again.",
      settings: false,
    });
  });

  test.each(["not-entitled", "not-entitled-date"])("knows %s as a matter of settings", (code) => {
    expect(failureOf(error("settings", code), "indices", "2024-11-22", "api")).toEqual({
      dataset: "indices",
      date: "2024-11-22",
      step: "api",
      error: "read it: it is bad",
      hint: "Try again.",
      settings: true,
    });
  });

  test.each(["settings", "usage", "cache", "target", "locked", "interrupted"] as const)(
    "throws on an error of kind %s, which ends the run",
    (kind) => {
      const thrown = error(kind);
      expect(() => failureOf(thrown, "stocks", "2024-11-22", "download")).toThrow(thrown);
    },
  );

  test("throws on a bug as it is", () => {
    const bug = new TypeError("undefined is not a function");
    expect(() => failureOf(bug, "stocks", "2024-11-22", "download")).toThrow(bug);
  });
});

test("isEntitlement tells a refusal by the plan from one of the keys", () => {
  expect(isEntitlement(error("settings", "not-entitled"))).toBe(true);
  expect(isEntitlement(error("settings", "not-entitled-date"))).toBe(true);
  expect(isEntitlement(error("settings", "wrong-key"))).toBe(false);
  expect(isEntitlement(error("settings"))).toBe(false);
  expect(isEntitlement(new Error("not-entitled"))).toBe(false);
});
