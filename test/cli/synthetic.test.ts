import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE_FILE } from "../../src/cache/cache.ts";
import { claimSyntheticFolder, refuseSyntheticFolder } from "../../src/cli/synthetic.ts";
import { tempDir } from "../support/temp-dir.ts";
import { thrownBy, wordsOf } from "../support/thrown.ts";

describe("the demo's folder", () => {
  test("is made, marked, and claimed again as often as one likes", () => {
    using dir = tempDir();
    const dataDir = join(dir.path, "a/demo");
    claimSyntheticFolder(dataDir);
    const [marker = ""] = readdirSync(dataDir);
    expect(readFileSync(join(dataDir, marker), "utf8")).toContain("They are no market data.");
    writeFileSync(join(dataDir, CACHE_FILE), "");
    claimSyntheticFolder(dataDir);
    expect(readdirSync(dataDir).toSorted()).toEqual([marker, CACHE_FILE].toSorted());
  });

  test("is never one that holds a cache of real bars", () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, CACHE_FILE), "");
    expect(wordsOf(thrownBy(() => claimSyntheticFolder(dir.path)))).toEqual({
      kind: "usage",
      operation: `run the demo in ${dir.path}`,
      reason: "the folder holds a cache of real bars, which synthetic ones must not mix with",
      nextStep: "Leave out --data-dir, or name an empty folder.",
    });
    expect(readdirSync(dir.path)).toEqual([CACHE_FILE]);
  });

  test("takes no real bars", () => {
    using dir = tempDir();
    claimSyntheticFolder(dir.path);
    expect(wordsOf(thrownBy(() => refuseSyntheticFolder(dir.path, "hybrid")))).toEqual({
      kind: "usage",
      operation: `run hybrid in ${dir.path}`,
      reason: "the folder holds the demo's synthetic bars, which real ones must not mix with",
      nextStep: "Name another --data-dir, or run demo again for this one.",
    });
  });

  test("is none without its mark, nor one that is not there", () => {
    using dir = tempDir();
    expect(() => refuseSyntheticFolder(dir.path, "hybrid")).not.toThrow();
    const none = join(dir.path, "none");
    expect(() => refuseSyntheticFolder(none, "hybrid")).not.toThrow();
    expect(existsSync(none)).toBe(false);
  });
});
