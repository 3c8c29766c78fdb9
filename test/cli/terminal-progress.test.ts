import { describe, expect, test } from "bun:test";
import { barLine } from "../../src/cli/terminal-progress.ts";

const DOWNLOAD = { label: "download", unit: "bytes" } as const;
const LABEL = "download                    ";

describe("barLine", () => {
  test("at the beginning has no rate and no time left", () => {
    expect(barLine(0, 26_700_000, 0, 10, DOWNLOAD)).toBe(`${LABEL}  ░░░░░░░░░░    0%  0 B of 26.7 MB  0 B/s`);
  });

  test("under way tells rate and time left", () => {
    expect(barLine(12_000_000, 26_700_000, 4000, 10, DOWNLOAD)).toBe(
      `${LABEL}  ████░░░░░░   44%  12.0 MB of 26.7 MB  3.0 MB/s  4.9 s left`,
    );
    expect(barLine(1_000_000, 1_000_000_000, 10_000, 10, DOWNLOAD)).toBe(
      `${LABEL}  ░░░░░░░░░░    0%  1.0 MB of 1.0 GB  100.0 kB/s  2 h 46 min left`,
    );
  });

  test("is not at 100 % before its end", () => {
    expect(barLine(999, 1000, 1000, 4, { label: "sync to Postgres", unit: "bars" })).toBe(
      "sync to Postgres              ████   99%  999 bars of 1,000 bars  999 bars/s  0.0 s left",
    );
  });

  test("at the end has no time left", () => {
    expect(barLine(64, 64, 2000, 8, { label: "read", unit: "files" })).toBe(
      "read                          ████████  100%  64 files of 64 files  32 files/s",
    );
  });

  test("stays in its place if there is more than was expected", () => {
    expect(barLine(1200, 1000, 1000, 4, DOWNLOAD)).toBe(`${LABEL}  ████  100%  1.2 kB of 1.0 kB  1.2 kB/s`);
  });

  test("of unknown size is empty", () => {
    expect(barLine(1200, 0, 1000, 4, DOWNLOAD)).toBe(`${LABEL}  ░░░░    0%  1.2 kB of 0 B  1.2 kB/s`);
  });
});
