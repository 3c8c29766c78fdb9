import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { addDays } from "../../src/core/dates.ts";
import { findEdge, findEntitledFrom, type PlanEdge } from "../../src/workflows/plan-edge.ts";
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

interface EdgeSearch {
  readonly edge: PlanEdge | null;
  /** Each question as `date`, or `date patient`. */
  readonly asked: readonly string[];
}

/**
 * Looks for the edge of a plan that has the files from index `edge` on, while `throttles` says of each question,
 * by its number, whether the vendor refuses it only to slow us down; patience outlasts that.
 */
async function searchEdge(
  files: readonly AvailableFile[],
  edge: number,
  throttles: (question: number) => boolean = () => false,
): Promise<EdgeSearch> {
  const asked: string[] = [];
  const found = await findEdge(files, async (one, patience) => {
    const throttled = throttles(asked.length) && patience === "once";
    asked.push(patience === "once" ? one.date : `${one.date} patient`);
    if (files.indexOf(one) < edge) return "forbidden";
    return throttled ? "slow down" : null;
  });
  return { edge: found, asked };
}

function edgeAt(files: readonly AvailableFile[], edge: number): PlanEdge | null {
  const refusedTo = files[edge - 1]?.date;
  if (refusedTo === undefined) return null;
  return { refusedTo, allowedFrom: files[edge]?.date ?? null, sentence: "forbidden" };
}

describe("findEdge", () => {
  test("asks one question of a plan that includes everything, and none about nothing", async () => {
    expect(await searchEdge(filesOf(900), 0)).toEqual({ edge: null, asked: ["2020-01-01"] });
    expect(await searchEdge([], 0)).toEqual({ edge: null, asked: [] });
  });

  test("asks with patience only about the last file that is refused", async () => {
    expect(await searchEdge(filesOf(9), 3)).toEqual({
      edge: { refusedTo: "2020-01-03", allowedFrom: "2020-01-04", sentence: "forbidden" },
      asked: ["2020-01-01", "2020-01-09", "2020-01-05", "2020-01-03", "2020-01-04", "2020-01-03 patient"],
    });
    expect(await searchEdge(filesOf(9), 9)).toEqual({
      edge: { refusedTo: "2020-01-09", allowedFrom: null, sentence: "forbidden" },
      asked: ["2020-01-01", "2020-01-09", "2020-01-09 patient"],
    });
    expect(await searchEdge(filesOf(1), 1)).toEqual({
      edge: { refusedTo: "2020-01-01", allowedFrom: null, sentence: "forbidden" },
      asked: ["2020-01-01", "2020-01-01 patient"],
    });
  });

  test("is not misled by a throttle at the first question, nor at the first two", async () => {
    expect(await searchEdge(filesOf(3), 0, (question) => question === 0)).toEqual({
      edge: null,
      asked: ["2020-01-01", "2020-01-03", "2020-01-02", "2020-01-01 patient"],
    });
    expect(await searchEdge(filesOf(3), 0, (question) => question < 2)).toEqual({
      edge: null,
      asked: ["2020-01-01", "2020-01-03", "2020-01-03 patient", "2020-01-01 patient"],
    });
  });

  test("searches with patience what a throttle in the middle of the search made look refused", async () => {
    expect(await searchEdge(filesOf(9), 2, (question) => question === 2)).toEqual({
      edge: { refusedTo: "2020-01-02", allowedFrom: "2020-01-03", sentence: "forbidden" },
      asked: [
        "2020-01-01",
        "2020-01-09",
        "2020-01-05",
        "2020-01-07",
        "2020-01-06",
        "2020-01-05 patient",
        "2020-01-01 patient",
        "2020-01-03 patient",
        "2020-01-02 patient",
      ],
    });
  });

  test("finds every edge whichever questions a throttle strikes, with few questions", async () => {
    const strikes = fc.uniqueArray(fc.nat({ max: 24 }), { maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 300 }), fc.nat(), strikes, async (count, place, struck) => {
        const files = filesOf(count);
        const edge = place % (count + 1);
        const { edge: found, asked } = await searchEdge(files, edge, (question) => struck.includes(question));
        expect(found).toEqual(edgeAt(files, edge));
        const steps = 2 + Math.ceil(Math.log2(Math.max(1, count)));
        expect(asked.length).toBeLessThanOrEqual(2 * steps + 1);
      }),
      { numRuns: 300 },
    );
  });
});
