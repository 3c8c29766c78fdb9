import { describe, expect, test } from "bun:test";
import { BackfillError, errorText } from "../../src/core/errors.ts";

describe("BackfillError", () => {
  test("carries operation, reason, next step, code and cause; its message is the first two", () => {
    const cause = new Error("connection reset");
    const error = new BackfillError({
      kind: "source",
      operation: "download us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
      reason: "the connection was cut",
      nextStep: "Run the same command again.",
      code: "cut",
      cause,
    });
    const { name, message, kind, operation, reason, nextStep, code } = error;
    expect({ name, message, kind, operation, reason, nextStep, code, cause: error.cause }).toEqual({
      name: "BackfillError",
      message: "download us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz: the connection was cut",
      kind: "source",
      operation: "download us_indices/minute_aggs_v1/2024/11/2024-11-22.csv.gz",
      reason: "the connection was cut",
      nextStep: "Run the same command again.",
      code: "cut",
      cause,
    });
    expect(error).toBeInstanceOf(Error);
  });

  test("has no code unless one is given", () => {
    const error = new BackfillError({ kind: "usage", operation: "a", reason: "b", nextStep: "c" });
    expect(error.code).toBeUndefined();
    expect(error.cause).toBeUndefined();
  });
});

describe("errorText", () => {
  test.each([
    [new Error("no such host"), "no such host"],
    ["just text", "just text"],
    [undefined, "undefined"],
    [42, "42"],
  ])("of %p is %j", (thrown, text) => {
    expect(errorText(thrown)).toBe(text);
  });
});
