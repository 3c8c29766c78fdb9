import { describe, expect, test } from "bun:test";
import {
  box,
  databaseSection,
  failuresSection,
  nextSteps,
  performanceSection,
  sections,
} from "../../../src/cli/render/run-summary.ts";
import { failureOf, SYNCED } from "./results.ts";

test("sections stand apart by an empty line; empty ones are left out", () => {
  expect(sections(["a\n", "", "b\n", ""])).toBe("a\n\nb\n");
  expect(sections(["", ""])).toBe("");
});

test("box has lines of one width", () => {
  const widths = box("TITLE")
    .trimEnd()
    .split("\n")
    .map((line) => line.length);
  expect(widths).toEqual([58, 58, 58]);
});

describe("failuresSection", () => {
  test("tells days of a dataset that failed alike together, each symbol's day once", () => {
    const days = ["2024-11-18", "2024-11-18", "2024-11-20"].map((date) => failureOf(date));
    const stock = { ...failureOf("2024-11-19"), dataset: "stocks" as const };
    expect(failuresSection([...days, stock])).toBe(
      `✖ Failures:
  indices 2024-11-18 to 2024-11-20, 2 days (download): download it: the connection was reset
    → Run again.
  stocks 2024-11-19 (download): download it: the connection was reset
    → Run again.
  More: npx bun run massive-backfill help network
`,
    );
  });

  test("is empty without failures", () => {
    expect(failuresSection([])).toBe("");
  });

  test("shows ten failures and counts the others", () => {
    const failures = Array.from({ length: 12 }, (_, index) => ({
      ...failureOf(`2024-11-${index + 10}`),
      error: `reason ${index}`,
    }));
    const lines = failuresSection(failures).split("\n");
    expect(lines[0]).toBe("✖ Failures:");
    expect(lines.filter((line) => line.includes("(download)"))).toHaveLength(10);
    expect(lines.slice(-5)).toEqual([
      "  indices 2024-11-19 (download): reason 9",
      "    → Run again.",
      "  … and 2 more (all with --json)",
      "  More: npx bun run massive-backfill help network",
      "",
    ]);
    expect(failuresSection(failures.slice(0, 10))).not.toContain("more (all with --json)");
  });
});

test("databaseSection is empty without a database and tells of one batch in the singular", () => {
  expect(databaseSection(null)).toBe("");
  expect(
    databaseSection({ ...SYNCED, batches: 1, bars: 390, inserted: 0, updated: 389, deleted: 1, notes: [] }),
  ).toBe(
    `🐘 Postgres:
  ├─ Target: db.example:5432/market public.historical_bars
  └─ Synced: 390 bars in 1 batch (0 inserted, 389 updated, 1 deleted)
`,
  );
});

test("databaseSection counts bars that were there already", () => {
  const sync = { ...SYNCED, batches: 2, bars: 1390, inserted: 0, updated: 1, unchanged: 1389, notes: [] };
  expect(databaseSection(sync)).toContain(
    "1,390 bars in 2 batches (0 inserted, 1 updated, 0 deleted, 1,389 there already)",
  );
});

test("performanceSection of a run that took no time has a rate all the same", () => {
  expect(performanceSection(5, 0, 0)).toBe(
    "⏱  Performance:\n  ├─ Duration: 0.0 s\n  └─ Rate: 5,000 bars/s\n",
  );
});

test("nextSteps are numbered", () => {
  expect(nextSteps([])).toBe("");
  expect(nextSteps(["Do this.", "Then that."])).toBe("➜ Next steps:\n  1. Do this.\n  2. Then that.\n");
});
