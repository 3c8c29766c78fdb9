import { expect, test } from "bun:test";
import { performanceChart } from "./chart.ts";
import { SOME_RESULTS } from "./results.ts";

const chart = performanceChart(SOME_RESULTS);

test("bars are as long as their seconds, the shortest first, ours stands out", () => {
  const bars = [...chart.matchAll(/<rect class="(\w+)".* width="(\d+)"/g)].map(([, kind, width]) => [
    kind,
    width,
  ]);
  expect(bars).toEqual([
    ["ours", "210"],
    ["peer", "420"],
  ]);
});

test("the chart is well-formed whatever the titles hold", () => {
  expect(chart).toContain(">One day &lt; two</text>");
  const tags = [...chart.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)];
  const open: string[] = [];
  for (const [, closing, name = "", empty] of tags) {
    if (closing === "/") expect(open.pop()).toBe(name);
    else if (empty !== "/") open.push(name);
  }
  expect(open).toEqual([]);
});

test("cases without seconds of peers have no group", () => {
  expect(chart).not.toContain("Download");
});
