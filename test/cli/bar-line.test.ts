import { describe, expect, test } from "bun:test";
import { barLine } from "../../src/cli/bar-line.ts";

const DOWNLOAD = { label: "download", unit: "bytes" } as const;
const LABEL = "download                    ";
const HALF_WAY = { value: 12_000_000, total: 24_000_000, elapsedMs: 4000 };
const LONG_WAY = { value: 1_234_567_890, total: 99_999_999_999, elapsedMs: 9_000_000 };

describe("barLine", () => {
  test("at the beginning has no rate and no time left", () => {
    expect(barLine(DOWNLOAD, { value: 0, total: 26_700_000, elapsedMs: 0 }, 120)).toBe(
      `${LABEL}  ${"░".repeat(24)}    0%  0 B of 26.7 MB  0 B/s`,
    );
  });

  test("under way tells rate and time left", () => {
    expect(barLine(DOWNLOAD, { value: 12_000_000, total: 26_700_000, elapsedMs: 4000 }, 120)).toBe(
      `${LABEL}  ███████████░░░░░░░░░░░░░   44%  12.0 MB of 26.7 MB  3.0 MB/s  4.9 s left`,
    );
    expect(barLine(DOWNLOAD, { value: 1_000_000, total: 1_000_000_000, elapsedMs: 10_000 }, 120)).toBe(
      `${LABEL}  ${"░".repeat(24)}    0%  1.0 MB of 1.0 GB  100.0 kB/s  2 h 46 min left`,
    );
  });

  test("counts what an earlier run has done as done, and not for the rate", () => {
    const progress = { value: 18_000_000, total: 24_000_000, elapsedMs: 4000, resumed: 12_000_000 };
    expect(barLine(DOWNLOAD, progress, 120)).toBe(
      `${LABEL}  ██████████████████░░░░░░   75%  18.0 MB of 24.0 MB  1.5 MB/s  4.0 s left`,
    );
    expect(barLine(DOWNLOAD, { ...progress, value: 12_000_000 }, 120)).toBe(
      `${LABEL}  ████████████░░░░░░░░░░░░   50%  12.0 MB of 24.0 MB  0 B/s`,
    );
  });

  test("is not at 100 % before its end", () => {
    const sync = { label: "sync to Postgres", unit: "bars" } as const;
    expect(barLine(sync, { value: 999, total: 1000, elapsedMs: 1000 }, 120)).toBe(
      `sync to Postgres              ${"█".repeat(24)}   99%  999 bars of 1,000 bars  999 bars/s  0.0 s left`,
    );
  });

  test("at the end has no time left", () => {
    const read = { label: "read", unit: "files" } as const;
    expect(barLine(read, { value: 64, total: 64, elapsedMs: 2000 }, 120)).toBe(
      `read                          ${"█".repeat(24)}  100%  64 files of 64 files  32 files/s`,
    );
  });

  test("stays in its place if there is more than was expected", () => {
    expect(barLine(DOWNLOAD, { value: 1200, total: 1000, elapsedMs: 1000 }, 120)).toBe(
      `${LABEL}  ${"█".repeat(24)}  100%  1.2 kB of 1.0 kB  1.2 kB/s`,
    );
  });

  test("of unknown size is empty", () => {
    expect(barLine(DOWNLOAD, { value: 1200, total: 0, elapsedMs: 1000 }, 120)).toBe(
      `${LABEL}  ${"░".repeat(24)}    0%  1.2 kB of 0 B  1.2 kB/s`,
    );
  });

  test("on a narrow terminal has a shorter bar, then no amounts, then no bar, then a shorter label", () => {
    const lines = [113, 112, 97, 96, 80, 75, 74, 40].map((columns) => barLine(DOWNLOAD, HALF_WAY, columns));
    expect(lines).toEqual([
      `${LABEL}  ████████████░░░░░░░░░░░░   50%  12.0 MB of 24.0 MB  3.0 MB/s  4.0 s left`,
      `${LABEL}  ████████████░░░░░░░░░░░   50%  12.0 MB of 24.0 MB  3.0 MB/s  4.0 s left`,
      `${LABEL}  ████░░░░   50%  12.0 MB of 24.0 MB  3.0 MB/s  4.0 s left`,
      `${LABEL}  ████████████░░░░░░░░░░░░   50%  3.0 MB/s  4.0 s left`,
      `${LABEL}  ███████░░░░░░   50%  3.0 MB/s  4.0 s left`,
      `${LABEL}  ████░░░░   50%  3.0 MB/s  4.0 s left`,
      "download   50%  3.0 MB/s  4.0 s left",
      "download   50%  3.0 MB/s  4.0 s left",
    ]);
    const file = { label: "download indices 2024-11-22", unit: "bytes" } as const;
    expect(barLine(file, HALF_WAY, 40)).toBe("download i…   50%  3.0 MB/s  4.0 s left");
  });

  test.each([200, 132, 120, 100, 80, 72, 60, 50])(
    "fits %d columns, whatever the numbers, and tells percentage, rate and time left",
    (columns) => {
      for (const unit of ["bytes", "bars"] as const)
        for (const progress of [HALF_WAY, LONG_WAY])
          for (const label of [
            "download",
            "download indices 2024-11-22",
            "a label of more than 28 columns",
          ]) {
            const line = barLine({ label, unit }, progress, columns);
            expect(line.length).toBeLessThan(columns);
            expect(line).toMatch(/^[ad].* {2}(?:50| 1)% {2}.*\/s {2}.* left$/);
          }
    },
  );
});
