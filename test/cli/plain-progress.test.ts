import { describe, expect, test } from "bun:test";
import { finishedLine, formatAmount, plainProgress } from "../../src/cli/plain-progress.ts";
import { collectedTerminal } from "./collected-terminal.ts";

describe("finishedLine", () => {
  test("tells what, how much, how long and how fast", () => {
    const label = "download indices 2024-11-22";
    expect(finishedLine({ label, unit: "bytes", total: 1 }, 1_240_000, 400)).toBe(
      "download indices 2024-11-22: 1.2 MB in 0.4 s (3.1 MB/s)",
    );
    expect(finishedLine({ label: "sync to Postgres", unit: "bars" }, 49_140, 125_000)).toBe(
      "sync to Postgres: 49,140 bars in 2 min 05 s (393 bars/s)",
    );
  });

  test("of something that took no time has a rate all the same", () => {
    expect(finishedLine({ label: "x", unit: "bytes" }, 0, 0)).toBe("x: 0 B in 0.0 s (0 B/s)");
    expect(finishedLine({ label: "x", unit: "bytes" }, 5, 0)).toBe("x: 5 B in 0.0 s (5.0 kB/s)");
  });
});

describe("formatAmount", () => {
  test("has bytes in their own units and everything else counted", () => {
    expect(formatAmount(1234.6, "bytes")).toBe("1.2 kB");
    expect(formatAmount(12.4, "bytes")).toBe("12 B");
    expect(formatAmount(1234.6, "bars")).toBe("1,235 bars");
    expect(formatAmount(64, "files")).toBe("64 files");
    expect(formatAmount(0, "requests")).toBe("0 requests");
  });

  test("of one is in the singular", () => {
    expect(formatAmount(1, "requests")).toBe("1 request");
  });
});

describe("plainProgress", () => {
  test("passes messages on, details with --verbose alone", () => {
    const terminal = collectedTerminal();
    const progress = plainProgress(terminal);
    progress.info("one");
    progress.detail("hidden");
    progress.warn("two");
    terminal.words.level = 4;
    progress.detail("three");
    progress.close();
    expect(terminal.messages).toEqual(["info one", "warn two", "debug three"]);
    expect(terminal.written()).toBe("");
  });

  test("prints one line for a finished step and none before", () => {
    const terminal = collectedTerminal();
    const task = plainProgress(terminal).task({ label: "download", total: 300, unit: "bytes" });
    task.advance(100);
    task.advance(200);
    expect(terminal.messages).toEqual([]);
    task.done();
    expect(terminal.messages).toEqual([
      expect.stringMatching(/^info download: 300 B in \d+\.\d s \(\d.*B\/s\)$/),
    ]);
  });

  test("tells what an earlier run has done apart from amount and rate", () => {
    const terminal = collectedTerminal();
    const task = plainProgress(terminal).task({ label: "download", total: 900, unit: "bytes" });
    task.resume(500);
    task.advance(300);
    task.resume(100);
    task.done();
    expect(terminal.messages).toEqual([
      expect.stringMatching(/^info download: 300 B in \d+\.\d s \(\d.*B\/s\), 600 B from an earlier run$/),
    ]);
  });

  test("prints the summary of a step that has one", () => {
    const terminal = collectedTerminal();
    plainProgress(terminal).task({ label: "download", unit: "bytes" }).done("all of it");
    expect(terminal.messages).toEqual(["info all of it"]);
  });

  test("prints nothing for a step that failed: who failed says so", () => {
    const terminal = collectedTerminal();
    const task = plainProgress(terminal).task({ label: "download", unit: "bytes" });
    task.advance(1);
    task.failed();
    expect(terminal.messages).toEqual([]);
  });
});
