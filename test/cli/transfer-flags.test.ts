import { describe, expect, test } from "bun:test";
import { parseArgs } from "citty";
import { normalizeArguments } from "../../src/cli/arguments.ts";
import { KEEP_FLAG, keepsFiles, TRANSFER_FLAGS, transferLimits } from "../../src/cli/transfer-flags.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

describe("transferLimits", () => {
  test("has nothing to say of flags that were not given", () => {
    expect(transferLimits({})).toEqual({});
  });

  test.each([
    ["10MB/s", 10_000_000],
    ["10MB", 10_000_000],
    ["500KB/s", 500_000],
    ["500kB/s", 500_000],
    ["1.5MB", 1_500_000],
    ["2MiB/s", 2_097_152],
    ["64KiB/s", 65_536],
    ["1GB/s", 1_000_000_000],
    ["0.5GiB/s", 536_870_912],
    ["10000B/s", 10_000],
    ["10 MB/s", 10_000_000],
  ])("takes %s for %d bytes a second", (text, maxBytesPerSecond) => {
    expect(transferLimits({ "max-rate": text })).toEqual({ maxBytesPerSecond });
  });

  test.each([
    ..."10 10M 10Mb/s 10mb/s MB/s -1MB/s 1,5MB/s 1e3MB/s 10MB/h 10MB/s/s 10iB .5MB ∞MB".split(" "),
    "",
  ])("does not take %p for a rate", (text) => {
    expect(wordsOf(thrownBy(() => transferLimits({ "max-rate": text })))).toEqual({
      kind: "usage",
      operation: "read --max-rate",
      reason: `"${text}" is not a number of bytes a second`,
      nextStep: "Write it as --max-rate=10MB/s (kB, MB, GB, or KiB, MiB, GiB), 10kB/s or more.",
    });
  });

  test.each(["0MB/s", "9999B/s", "1kB"])("refuses %s, at which connections would look stalled", (text) => {
    expect(thrownBy(() => transferLimits({ "max-rate": text })).reason).toBe(
      `"${text}" is too slow: connections would look stalled`,
    );
  });

  test.each([
    ["1", 1],
    ["16", 16],
    ["256", 256],
  ])("takes %s connections", (text, connections) => {
    expect(transferLimits({ connections: text })).toEqual({ connections });
  });

  test.each(["0", "257", "-1", "1.5", "many", "1e2"])("does not take %s connections", (text) => {
    expect(wordsOf(thrownBy(() => transferLimits({ connections: text })))).toEqual({
      kind: "usage",
      operation: "read --connections",
      reason: `"${text}" is not a whole number from 1 to 256`,
      nextStep: "Write it as --connections=10.",
    });
  });
});

describe("keepsFiles", () => {
  const flags = { ...TRANSFER_FLAGS, ...KEEP_FLAG };
  const keeps = (...argv: readonly string[]) => keepsFiles(parseArgs(normalizeArguments(argv), flags));

  test("is true unless --no-keep is given, in either spelling", () => {
    expect(keeps()).toBe(true);
    expect(keeps("--connections=4")).toBe(true);
    expect(keeps("--no-keep")).toBe(false);
    expect(keeps("--noKeep", "--connections=4")).toBe(false);
  });
});
