import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fillSections } from "../../../src/cli/reference.ts";
import { readResults } from "../support/results.ts";
import { performanceChart } from "./chart.ts";
import { performanceSection } from "./readme.ts";
import { SOME_RESULTS } from "./results.ts";

const ROOT = join(import.meta.dir, "..", "..", "..");

function fileText(...path: string[]): string {
  return readFileSync(join(ROOT, ...path), "utf8");
}

test("the section shows machine, command, every target and every series", () => {
  const lines = performanceSection(SOME_RESULTS).split("\n");
  expect(lines[0]).toBe(
    "Measured on 2026-11-22 with `bun run bench` on Some CPU, 2 cores, 8 GiB, Some OS 1, Bun 1.4.5: the compiled binary and its",
  );
  expect(lines.filter((line) => line.startsWith("|") || line.startsWith("- "))).toEqual([
    "| what | target | measured |  |",
    "|---|---|---|---|",
    "| **One day < two** |  |  |  |",
    "| faster | ≥ 1.5 × | 2.00 × | reached |",
    "| memory | ≤ 200 MB | 250 MB | **missed**: a leak |",
    "| **Download** |  |  | not run: no curl here |",
    "| case | who | median | from … to | runs |",
    "|---|---|---|---|---|",
    "| `filter` | massive-backfill | 0.50 s | 0.40 s … 0.60 s | 3 |",
    "| `filter` | peer | 1.00 s | 1.00 s … 12.3 s | 3 |",
    "- `filter`: peer is cold",
  ]);
});

describe("what the repository keeps", () => {
  const results = readResults(fileText("test", "bench", "results.json"));

  test("the README has the section of the kept results (bun run readme writes it)", () => {
    const readme = fileText("README.md");
    expect(fillSections(readme, { performance: performanceSection(results) })).toBe(readme);
  });

  test("the chart is that of the kept results (bun run readme draws it)", () => {
    expect(fileText("docs", "performance.svg")).toBe(performanceChart(results));
  });
});
