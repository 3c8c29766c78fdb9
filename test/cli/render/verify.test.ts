import { describe, expect, test } from "bun:test";
import { verifyText, type VerifyView } from "../../../src/cli/render/verify.ts";
import { FAULT_KINDS } from "../../../src/workflows/verify/fault-kinds.ts";
import type { CheckResult, Fault } from "../../../src/workflows/verify/findings.ts";

const VIEW: VerifyView = {
  dataDir: "./data",
  durationMs: 1234,
  again: (command, scope) => `massive-backfill ${command}${scope ?? ""}`,
  today: "2024-11-25",
  repaired: false,
};

function result(fields: Partial<CheckResult> = {}): CheckResult {
  return { check: "cache", lookedAt: {}, faultCount: 0, kinds: {}, faults: [], notes: [], ...fields };
}

function fault(kind: Fault["kind"], date: string | null, symbol: string | null = "SPX"): Fault {
  return { kind, dataset: "indices", symbol, date, detail: "390 here, 389 there" };
}

describe("what verify says", () => {
  test("of a cache without faults: what was looked at, and what else there is to check", () => {
    const clean = result({ lookedAt: { symbols: 1, days: 2, bars: 74_880 } });
    expect(verifyText([clean], VIEW)).toBe(`The cache in itself: 1 symbol, 2 days, 74,880 bars: no faults

No faults in ./data (1.2 s).
Further checks: --files, --target, --source, --api (see verify --help).
`);
  });

  test("of several checks: a section each, with bytes as people read them, and notes", () => {
    const files = result({ check: "files", lookedAt: { files: 63, bytes: 6_481_276 }, notes: ["A note."] });
    expect(verifyText([result(), files], VIEW)).toBe(`The cache in itself: nothing to look at: no faults

The kept flat files against the cache: 63 files, 6.5 MB: no faults
  A note.

No faults in ./data (1.2 s).
`);
  });

  test("of faults: by kind, the first ten, what mends them, and the command that does", () => {
    const dates = Array.from({ length: 12 }, (_, index) => `2024-11-${String(index + 1).padStart(2, "0")}`);
    const faults = [fault("table-lost", null, null), ...dates.map((date) => fault("bar-count", date))];
    const found = result({ faultCount: 13, kinds: { "table-lost": 1, "bar-count": 12 }, faults });
    const lines = dates.slice(0, 10).map((date) => `    SPX ${date}: 390 here, 389 there\n`);
    expect(verifyText([found], VIEW)).toBe(`The cache in itself: nothing to look at: 13 faults
  ✖ ${FAULT_KINDS["table-lost"].words} (1)
    indices: 390 here, 389 there
    → ${FAULT_KINDS["table-lost"].fix}
  ✖ ${FAULT_KINDS["bar-count"].words} (12)
${lines.join("")}    … and 2 more (the first 1,000 with --json)
    → ${FAULT_KINDS["bar-count"].fix}

13 faults in ./data (1.2 s).
→ massive-backfill verify --cache --repair
→ massive-backfill sync
`);
  });

  test("after a repair: the days to read again, and the sync", () => {
    const cache = result({
      faultCount: 2,
      kinds: { "bar-count": 2 },
      faults: [
        fault("bar-count", "2024-11-05"),
        fault("bar-count", "2024-11-01"),
        fault("jump", "2024-10-01"),
      ],
    });
    const target = result({
      check: "target",
      faultCount: 1,
      kinds: { "rows-lacking": 1 },
      faults: [fault("rows-lacking", "2024-01-02")],
    });
    expect(verifyText([cache, target], { ...VIEW, repaired: true })).toEndWith(`3 faults in ./data (1.2 s).
→ massive-backfill hybrid --from=2024-11-01 --to=2024-11-05
→ massive-backfill sync
`);
    expect(verifyText([cache, target], VIEW)).toEndWith(
      "→ massive-backfill verify --cache --target --repair\n",
    );
  });

  test("of files and of the vendor's days: the commands that fetch them, as they can be typed", () => {
    const stocks = { ...fault("file-changed", "2024-11-04", null), dataset: "stocks" as const };
    const found = result({
      check: "files",
      faultCount: 5,
      kinds: { "file-damaged": 1, "file-changed": 2, "day-differs": 1, "marked-unread": 1 },
      faults: [
        fault("file-damaged", "2024-11-05", null),
        fault("file-changed", "2024-11-01", null),
        stocks,
        fault("day-differs", "2024-11-15"),
        fault("marked-unread", "2024-11-06"),
      ],
    });
    expect(verifyText([found], VIEW)).toEndWith(`5 faults in ./data (1.2 s).
→ massive-backfill hybrid --from=2024-11-06 --to=2024-11-06
→ massive-backfill download --overwrite --dataset=indices --from=2024-11-01 --to=2024-11-05
→ massive-backfill download --overwrite --dataset=stocks --from=2024-11-04 --to=2024-11-04
→ massive-backfill hybrid --from=2024-11-15 --to=2024-11-15 --recheck-days=10
`);
  });

  test("of faults that no repair helps: no command", () => {
    const jump = result({ faultCount: 1, kinds: { jump: 1 }, faults: [fault("jump", "2024-11-01")] });
    expect(verifyText([jump], VIEW)).toEndWith("1 fault in ./data (1.2 s).\n");
  });
});
