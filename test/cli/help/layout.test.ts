import { describe, expect, test } from "bun:test";
import { definitions, heading, paragraph } from "../../../src/cli/help/layout.ts";

const NARROW = { columns: 41, colour: false };

describe("definitions", () => {
  test("stand beside each other, the meaning wrapped in its column", () => {
    expect(
      definitions(
        [
          ["--days=N", "the last day and the N calendar days before it"],
          ["--json", "one object"],
        ],
        NARROW,
      ),
    ).toBe(
      [
        "  --days=N  the last day and the N",
        "            calendar days before it",
        "  --json    one object",
        "",
      ].join("\n"),
    );
  });

  test("stand below each other where a term is too long for its column", () => {
    expect(
      definitions(
        [
          ["massive-backfill <command> --help", "every flag"],
          ["-n", "a dry run"],
        ],
        NARROW,
      ),
    ).toBe("  massive-backfill <command> --help\n      every flag\n  -n  a dry run\n");
  });

  test("of nothing are nothing", () => {
    expect(definitions([], NARROW)).toBe("");
  });
});

describe("a paragraph", () => {
  test("is as wide as the terminal, within what reads well", () => {
    const text = "word ".repeat(60).trim();
    const widths = (columns: number) =>
      Math.max(
        ...paragraph(text, { columns, colour: false })
          .split("\n")
          .map((line) => line.length),
      );
    expect([10, 60, 80, 400].map(widths)).toEqual([39, 59, 79, 99]);
  });

  test("keeps its indent in every line", () => {
    expect(paragraph("one two three four five six seven eight", NARROW, 20)).toBe(
      `${" ".repeat(20)}one two three four\n${" ".repeat(20)}five six seven eight\n`,
    );
  });
});

test("a heading is bold where there are colours", () => {
  expect(heading("FLAGS", { columns: 80, colour: true })).toBe("\u001B[1mFLAGS\u001B[22m");
  expect(heading("FLAGS", NARROW)).toBe("FLAGS");
});
