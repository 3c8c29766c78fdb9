import { describe, expect, test } from "bun:test";
import { batchRows, retryTimeoutMs, syncScope } from "../../src/cli/sync-flags.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

describe("retryTimeoutMs", () => {
  test("is the command's own unless it is given", () => {
    expect([retryTimeoutMs({}, 20), retryTimeoutMs({ "retry-timeout": "90" }, 20)]).toEqual([20_000, 90_000]);
    expect(retryTimeoutMs({ "retry-timeout": "0" }, 20)).toBe(0);
  });

  test.each(["-1", "1.5", "2m", "86401", ""])("does not take %p", (text) => {
    expect(wordsOf(thrownBy(() => retryTimeoutMs({ "retry-timeout": text }, 20)))).toEqual({
      kind: "usage",
      operation: "read --retry-timeout",
      reason: `"${text}" is not a whole number up to 86400`,
      nextStep: "Write it as --retry-timeout=10.",
    });
  });
});

describe("batchRows", () => {
  test("says nothing unless it is given", () => {
    expect([batchRows({}), batchRows({ "batch-rows": "100000" })]).toEqual([{}, { batchRows: 100_000 }]);
  });

  test.each(["0", "100001", "many"])("does not take %s", (text) => {
    expect(thrownBy(() => batchRows({ "batch-rows": text })).reason).toBe(
      `"${text}" is not a whole number from 1 to 100000`,
    );
  });
});

describe("syncScope", () => {
  test("is everything unless something is given; either end of the range may be open", () => {
    const everything = { names: null, dataset: null, from: null, to: null };
    expect(syncScope({})).toEqual(everything);
    expect(syncScope({ to: "2024-11-22" })).toEqual({ ...everything, to: "2024-11-22" });
    expect(
      syncScope({ symbols: "SPX,NDX", dataset: "indices", from: "2024-11-21", to: "2024-11-21" }),
    ).toEqual({
      names: ["SPX", "NDX"],
      dataset: "indices",
      from: "2024-11-21",
      to: "2024-11-21",
    });
  });

  test("refuses a range that ends before it begins, and what is no date", () => {
    expect(wordsOf(thrownBy(() => syncScope({ from: "2024-11-22", to: "2024-11-21" })))).toEqual({
      kind: "usage",
      operation: "read --from",
      reason: "2024-11-22 is after 2024-11-21",
      nextStep: "Give the earlier day as --from.",
    });
    expect(thrownBy(() => syncScope({ from: "yesterday" })).kind).toBe("usage");
  });
});
