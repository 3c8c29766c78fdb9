import { expect, test } from "bun:test";
import { SOME_RESULTS } from "./results.ts";
import { caseText } from "./text.ts";

test("a case is shown with its series, its targets and its remarks", () => {
  expect(SOME_RESULTS.cases.map(caseText).join("")).toBe(
    [
      "filter: One day < two",
      "  massive-backfill            0.50 s  (0.40 s to 0.60 s, 3 runs)",
      "  peer                        1.00 s  (1.00 s to 12.3 s, 3 runs)",
      "  faster                      2.00 ×  target ≥ 1.5 ×: reached",
      "  memory                      250 MB  target ≤ 200 MB: missed (a leak)",
      "  peer is cold",
      "download: Download",
      "  not run: no curl here",
      "",
    ].join("\n"),
  );
});
