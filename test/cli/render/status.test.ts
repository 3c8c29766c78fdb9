import { describe, expect, test } from "bun:test";
import { statusText, type StatusView } from "../../../src/cli/render/status.ts";
import { trackedSymbol } from "../../../src/core/symbols.ts";
import type { CoverageDay, DayState } from "../../../src/workflows/coverage.ts";
import { REFUSAL } from "./results.ts";
import { status, type StatusResult, type SymbolCoverage } from "../../../src/workflows/status.ts";
import { barsFrom } from "../../support/bars.ts";
import { writeDay } from "../../support/cache-days.ts";
import { tempCache } from "../../support/temp-cache.ts";

const VIEW: StatusView = {
  dataDir: "./data",
  colour: false,
  again: (command) => `massive-backfill ${command}`,
};

const NOTHING =
  "Nothing is cached in ./data yet. Begin with: massive-backfill hybrid --symbols=SPX,NDX --days=90\n";

const STATES: readonly DayState[] = [
  "complete",
  "partial",
  "provisional",
  "pending",
  "missing",
  "closed",
  "absent",
  "denied",
  "failed",
];

function day(date: string, state: DayState, fields: Partial<CoverageDay> = {}): CoverageDay {
  return {
    date,
    state,
    source: null,
    bars: 0,
    expected: 390,
    synced: false,
    delayed: false,
    note: null,
    ...fields,
  };
}

function coverage(ticker: string, days: readonly CoverageDay[]): SymbolCoverage {
  const dataset = ticker.startsWith("I:") ? "indices" : "stocks";
  const count = (state: DayState) => days.filter((one) => one.state === state).length;
  const totals = {
    complete: count("complete"),
    partial: count("partial"),
    provisional: count("provisional"),
    pending: count("pending"),
    missing: count("missing"),
    closed: count("closed"),
    absent: count("absent"),
    denied: count("denied"),
    failed: count("failed"),
    bars: days.reduce((sum, one) => sum + one.bars, 0),
    unsynced: 0,
  };
  return { ...trackedSymbol(dataset, ticker), days, totals };
}

function resultOf(
  symbols: readonly SymbolCoverage[],
  sync: Partial<StatusResult["sync"]> = {},
): StatusResult {
  const gaps = symbols
    .flatMap(({ days }) => days)
    .filter(({ state }) => state === "missing" || state === "partial" || state === "failed");
  return {
    timeframe: "1m",
    from: "2024-10-28",
    to: "2024-11-05",
    symbols,
    sync: {
      target: null,
      unsyncedBatches: 0,
      unsyncedBars: 0,
      oldestUnsyncedAt: null,
      lastError: null,
      ...sync,
    },
    entitlements: [],
    gaps: gaps.length,
  };
}

/** One day of every state, over the end of a month. */
const EVERY_STATE = resultOf([
  coverage(
    "I:SPX",
    STATES.map((state, index) => {
      const date = new Date(Date.UTC(2024, 9, 28 + index)).toISOString().slice(0, 10);
      if (state === "complete") return day(date, state, { source: "flatfile", bars: 390 });
      if (state === "partial")
        return day(date, state, { source: "flatfile", bars: 389, note: "389 of 390 minutes" });
      return day(date, state, { note: state === "failed" ? "the connection was reset" : null });
    }),
  ),
]);

/** Lines without the blanks at their ends, which no eye sees. */
function visible(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

describe("statusText", () => {
  test("shows every state by a glyph of its own", () => {
    expect(visible(statusText(EVERY_STATE, VIEW))).toBe(
      `Coverage of ./data, 2024-10-28 to 2024-11-05, 1m bars

                        5        10        15        20        25        30
SPX     2024-10                                                       ■ ◧ □ …
SPX     2024-11 ? · ∅ ⊘ ✖

■ complete   ◧ partial   □ provisional (API)   … not published yet   ? missing   · closed   ∅ no bars at the source   ⊘ not in your plan   ✖ failed

SPX             779 bars   1 complete, 1 partial, 1 provisional (API), 1 not published yet, 1 missing, 1 no bars at the source, 1 not in your plan, 1 failed

3 gaps:
  SPX 2024-10-29: partial, 389 of 390 minutes
  SPX 2024-11-01: missing
  SPX 2024-11-05: failed, the connection was reset
  → massive-backfill hybrid --from=2024-10-29 --to=2024-11-05 fills what can be filled.

Postgres: none set; all bars are in the cache.
`,
    );
  });

  test("with colour says the same, each glyph painted and the colour ended", () => {
    const plain = statusText(EVERY_STATE, VIEW);
    const coloured = statusText(EVERY_STATE, { ...VIEW, colour: true });
    expect(Bun.stripANSI(coloured)).toBe(plain);
    const painted = Object.entries({ 32: "■", 33: "◧", 36: "□", 34: "…", 31: "?", 90: "·", 35: "⊘" });
    for (const [ansi, glyph] of painted) expect(coloured).toContain(` \u001B[${ansi}m${glyph}\u001B[39m`);
    expect(coloured).toContain("\u001B[90m∅\u001B[39m no bars at the source");
    expect(coloured).toContain("\u001B[31m✖\u001B[39m failed");
    expect(plain).not.toContain("\u001B");
  });

  test("shows symbols under each other, with the longest name in its place", () => {
    const result = resultOf(
      [
        coverage("I:SPX", [day("2024-11-04", "complete", { bars: 390 })]),
        coverage("LONGTICKER", [
          day("2024-11-04", "complete", { bars: 12_345 }),
          day("2024-11-05", "pending"),
        ]),
      ],
      { target: "db:5432/market public.historical_bars" },
    );
    expect(visible(statusText(result, VIEW))).toBe(
      `Coverage of ./data, 2024-10-28 to 2024-11-05, 1m bars

                        5        10        15        20        25        30
SPX     2024-11       ■

                            5        10        15        20        25        30
LONGTICKER  2024-11       ■ …

■ complete   … not published yet

SPX               390 bars   1 complete
LONGTICKER     12,345 bars   1 complete, 1 not published yet

No gaps.

Postgres: all synced to db:5432/market public.historical_bars.
`,
    );
  });

  test("puts each day under its number", () => {
    const days = [5, 10, 31].map((number) => day(`2024-10-${String(number).padStart(2, "0")}`, "complete"));
    const [header = "", row = ""] = statusText(resultOf([coverage("I:SPX", days)]), VIEW)
      .split("\n")
      .slice(2);
    expect(header.indexOf("5")).toBe(row.indexOf("■"));
    expect(header.indexOf("10") + 1).toBe(row.indexOf("■", row.indexOf("■") + 1));
    expect(row.length).toBe(header.indexOf("30") + 4);
  });

  test("shows ten gaps and counts the others", () => {
    const days = Array.from({ length: 12 }, (_, index) => day(`2024-11-${index + 10}`, "missing"));
    const text = statusText(resultOf([coverage("I:SPX", days)]), VIEW);
    expect(text).toContain("\n12 gaps:\n  SPX 2024-11-10: missing\n");
    expect(text).toContain("  SPX 2024-11-19: missing\n  … and 2 more (all with --json)\n");
    expect(text).not.toContain("2024-11-20: missing");
    expect(statusText(resultOf([coverage("I:SPX", days.slice(0, 1))]), VIEW)).toContain("\n1 gap:\n");
  });

  test("tells what Postgres lacks and how to bring it", () => {
    const target = "db:5432/market public.historical_bars";
    const result = resultOf([coverage("I:SPX", [day("2024-11-04", "complete")])], {
      target,
      unsyncedBatches: 1,
      unsyncedBars: 49_140,
    });
    expect(statusText(result, VIEW)).toEndWith(
      `Postgres: 1 batch (49,140 bars) not synced to ${target}\n  → massive-backfill sync\n`,
    );
  });

  test("tells what is not in the plan, also if nothing is tracked", () => {
    const refusal = { ...REFUSAL, seenAt: "2024-11-20T12:00:00.000Z" };
    const line =
      'Not in your plan: indices flat files up to 2024-09-30 ("forbidden", seen 2024-11-20; tried again weekly or with --recheck-entitlements)\n';
    const shown = {
      ...resultOf([coverage("I:SPX", [day("2024-11-04", "complete")])]),
      entitlements: [refusal],
    };
    expect(statusText(shown, VIEW)).toContain(`\nNo gaps.\n\n${line}\nPostgres: `);
    expect(statusText({ ...shown, symbols: [] }, VIEW)).toBe(`${NOTHING}\n${line}`);
  });

  test("says so if nothing is tracked", () => {
    expect(statusText(resultOf([]), VIEW)).toBe(NOTHING);
  });

  test("never counts more minutes of a session than it has", async () => {
    using temp = tempCache();
    // The vendor's index files go beyond the session: an hour before it here, and the closing minute lacks.
    const prices = Array.from({ length: 60 + 389 }, () => 1);
    await writeDay(temp.cache, {
      date: "2024-11-22",
      blocks: [["I:VIX", barsFrom(Date.parse("2024-11-22T13:30:00Z"), prices)]],
    });
    const range = { from: "2024-11-22", to: "2024-11-22", nowMs: Date.parse("2024-11-25T12:00:00Z") };
    const symbols = [trackedSymbol("indices", "I:VIX")];
    const text = statusText(status(temp.cache, { ...range, symbols, target: null }), VIEW);
    expect(text).toContain("VIX 2024-11-22: partial, 389 of 390 minutes\n");
  });
});
