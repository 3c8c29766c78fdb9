import { describe, expect, test } from "bun:test";
import { Pace } from "../../src/massive/pace.ts";
import { systemClock } from "../../src/massive/clock.ts";
import { RETRY } from "./support.ts";

const MB = 1_000_000;

function paceOver(connections: number): Pace {
  return new Pace({
    connections,
    minRangeBytes: MB,
    maxRangeBytes: 8 * MB,
    maxBytesPerSecond: null,
    idleTimeoutMs: 1000,
    retry: RETRY,
    deniedRetry: RETRY,
    slowDownRetry: RETRY,
    clock: systemClock,
  });
}

describe("the ranges of a file", () => {
  test.each([
    ["are as many as there are connections", 16, 48 * MB, 3 * MB],
    ["are not too small over many connections", 64, 48 * MB, MB],
    ["are not too large over few", 2, 48 * MB, 8 * MB],
    ["end with the last whole byte", 16, 48 * MB + 1, 3 * MB + 1],
  ])("%s", (_, connections, sizeBytes, rangeBytes) => {
    expect(paceOver(connections).rangeBytes(sizeBytes)).toBe(rangeBytes);
  });

  test("last about a second on a fast connection, for as long as it is fast", () => {
    const pace = paceOver(16);
    pace.measured(3 * MB, 500);
    expect(pace.rangeBytes(48 * MB)).toBe(6 * MB);
    pace.measured(3 * MB, 50);
    expect(pace.rangeBytes(48 * MB)).toBe(8 * MB);
    pace.measured(3 * MB, 3000);
    expect(pace.rangeBytes(48 * MB)).toBe(3 * MB);
  });

  test("do not follow what is too short to tell", () => {
    const pace = paceOver(16);
    pace.measured(MB - 1, 1);
    pace.measured(3 * MB, 0);
    expect(pace.rangeBytes(48 * MB)).toBe(3 * MB);
  });
});
