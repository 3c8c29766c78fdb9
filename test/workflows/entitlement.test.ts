import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { addDays } from "../../src/core/dates.ts";
import { findEntitledFrom } from "../../src/workflows/entitlement.ts";
import type { AvailableFile } from "../../src/workflows/planning/facts.ts";
import { file } from "./planning/plan-facts.ts";

interface Search {
  readonly found: string | null;
  readonly asked: readonly string[];
}

function filesOf(count: number): AvailableFile[] {
  return Array.from({ length: count }, (_, index) => file("stocks", addDays("2020-01-01", index)));
}

/** Looks for the edge of a plan that may fetch the files from index `edge` on. */
async function search(files: readonly AvailableFile[], edge: number): Promise<Search> {
  const asked: string[] = [];
  const found = await findEntitledFrom(files, async (one) => {
    asked.push(one.date);
    return files.indexOf(one) >= edge;
  });
  return { found, asked };
}

describe("findEntitledFrom", () => {
  test("asks nothing about no files", async () => {
    expect(await search([], 0)).toEqual({ found: null, asked: [] });
  });

  test("asks about the oldest file alone if the plan has it", async () => {
    expect(await search(filesOf(1), 0)).toEqual({ found: "2020-01-01", asked: ["2020-01-01"] });
    expect(await search(filesOf(900), 0)).toEqual({ found: "2020-01-01", asked: ["2020-01-01"] });
  });

  test("asks about the newest too if the plan may have none", async () => {
    expect(await search(filesOf(900), 900)).toEqual({
      found: null,
      asked: ["2020-01-01", addDays("2020-01-01", 899)],
    });
  });

  test("finds an edge at every place, as a search one by one does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 300 }), fc.nat(), async (count, place) => {
        const files = filesOf(count);
        const edge = place % (count + 1);
        const { found, asked } = await search(files, edge);
        expect(found).toBe(files[edge]?.date ?? null);
        expect(asked.length).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(Math.max(1, count))));
      }),
      { numRuns: 300 },
    );
  });

  test("asks about no file twice", async () => {
    for (const count of [1, 2, 3, 17])
      for (let edge = 0; edge <= count; edge++) {
        const { asked } = await search(filesOf(count), edge);
        expect(asked).toEqual([...new Set(asked)]);
      }
  });

  test("passes on what goes wrong", async () => {
    const broken = new Error("no connection");
    const result = findEntitledFrom(filesOf(3), () => Promise.reject(broken));
    expect(await result.catch((error: unknown) => error)).toBe(broken);
  });
});
