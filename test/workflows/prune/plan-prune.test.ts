import { describe, expect, test } from "bun:test";
import { planPrune, type FileToJudge, type PruneLimits } from "../../../src/workflows/prune/plan-prune.ts";

const TODAY = "2024-11-22";
const NO_LIMITS: PruneLimits = { keepDays: null, maxBytes: null, force: false };

function file(day: number, fields: Partial<FileToJudge> = {}): FileToJudge {
  return { dataset: "indices", date: `2024-11-${day}`, sizeBytes: 100, neededFor: null, ...fields };
}

/** What happens to each day of November: `gone`, or why it stays. */
function fates(files: readonly FileToJudge[], limits: Partial<PruneLimits>): Record<string, string> {
  const { remove, keep } = planPrune(files, TODAY, { ...NO_LIMITS, ...limits });
  return Object.fromEntries([
    ...remove.map(({ date }) => [date.slice(-2), "gone"]),
    ...keep.map(({ date, reason }) => [date.slice(-2), reason]),
  ]);
}

describe("without limits", () => {
  test("everything goes that is no longer needed, and nothing else", () => {
    const files = [
      file(18),
      file(19, { neededFor: "unread" }),
      file(20, { neededFor: "unsynced" }),
      file(21, { neededFor: "unknown" }),
      file(22, { neededFor: "changed" }),
    ];
    expect(fates(files, {})).toEqual({
      18: "gone",
      19: "unread",
      20: "unsynced",
      21: "unknown",
      22: "changed",
    });
    expect(new Set(Object.values(fates(files, { force: true })))).toEqual(new Set(["gone"]));
  });
});

describe("with --keep-days", () => {
  test("the files of today and of that many days before it stay", () => {
    const files = [18, 19, 20, 21, 22].map((day) => file(day));
    expect(fates(files, { keepDays: 2 })).toEqual({
      18: "gone",
      19: "gone",
      20: "recent",
      21: "recent",
      22: "recent",
    });
    expect(fates(files, { keepDays: 0 })["22"]).toBe("recent");
    expect(fates(files, { keepDays: 0 })["21"]).toBe("gone");
  });

  test("force does not touch them", () => {
    expect(fates([file(22, { neededFor: "unread" })], { keepDays: 1, force: true })).toEqual({
      22: "recent",
    });
  });
});

describe("with --max-size", () => {
  test("the oldest go until the others fit, whatever the order they come in", () => {
    const files = [file(20), file(18), file(22), file(19), file(21)];
    expect(fates(files, { maxBytes: 250 })).toEqual({
      18: "gone",
      19: "gone",
      20: "gone",
      21: "fits",
      22: "fits",
    });
    expect(fates(files, { maxBytes: 500 })["18"]).toBe("fits");
    expect(fates(files, { maxBytes: 0 })["22"]).toBe("gone");
  });

  test("what is needed stays and counts, so that younger ones go for it", () => {
    const files = [file(18, { neededFor: "unsynced" }), file(19), file(20)];
    expect(fates(files, { maxBytes: 200 })).toEqual({ 18: "unsynced", 19: "gone", 20: "fits" });
    const tooMuch = planPrune(files, TODAY, { ...NO_LIMITS, maxBytes: 50 });
    expect([tooMuch.remove.length, tooMuch.excessBytes]).toEqual([2, 50]);
  });

  test("and --keep-days, the oldest go until the others fit, but none of those days", () => {
    const files = [18, 19, 20, 21].map((day) => file(day));
    expect(fates(files, { keepDays: 3, maxBytes: 250 })).toEqual({
      18: "gone",
      19: "recent",
      20: "recent",
      21: "recent",
    });
    expect(planPrune(files, TODAY, { ...NO_LIMITS, keepDays: 3, maxBytes: 250 }).excessBytes).toBe(50);
    expect(fates(files, { keepDays: 1, maxBytes: 300 })).toEqual({
      18: "gone",
      19: "fits",
      20: "fits",
      21: "recent",
    });
  });
});
