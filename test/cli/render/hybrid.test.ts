import { describe, expect, test } from "bun:test";
import { hybridText, type HybridView } from "../../../src/cli/render/hybrid.ts";
import { parseSymbols } from "../../../src/core/symbols.ts";
import type { HybridResult } from "../../../src/workflows/hybrid.ts";
import { COMPLETE, failureOf, NOT_SYNCED, NOTHING_TO_DO, REFUSAL, SYNCED } from "./results.ts";

const VIEW: HybridView = {
  dataDir: "./data",
  durationMs: 185_000,
  again: (command) => `massive-backfill ${command}`,
};

function titleOf(result: HybridResult): string | undefined {
  return hybridText(result, VIEW).split("\n")[1]?.slice(1, -1).trim();
}

function againWithScope(command: string, scope?: string): string {
  return `massive-backfill ${command}${scope === undefined ? "" : " [same scope]"}`;
}

/** The line of the symbols, for stocks as a user names them. */
function symbolsOf(texts: readonly string[]): string | undefined {
  return hybridText({ ...COMPLETE, selection: parseSymbols(texts, "stocks") }, VIEW).split("\n")[5];
}

describe("hybridText", () => {
  test("of a run that brought and synced everything", () => {
    expect(hybridText({ ...COMPLETE, sync: SYNCED }, VIEW)).toBe(
      `╔════════════════════════════════════════════════════════╗
║  HYBRID BACKFILL COMPLETE                              ║
╚════════════════════════════════════════════════════════╝

📊 Summary:
  Symbols: SPX, NDX
  Days: 2024-08-26 to 2024-11-24

📥 Data sources:
  ├─ Flat files (historical): 61 days (60 files downloaded, 7.9 GB; 1 file reused)
  ├─ API (recent): 2 days, 2 requests
  └─ Already in the cache: 0 days

💾 Cache:
  ├─ Bars cached: 49,140 (49,140 new or changed)
  └─ Folder: ./data

🐘 Postgres:
  ├─ Target: db.example:5432/market public.historical_bars
  ├─ Synced: 49,140 bars in 126 batches (49,140 inserted, 0 updated, 0 deleted)
  └─ Created the table public.historical_bars

⏱  Performance:
  ├─ Duration: 3 min 05 s
  ├─ Rate: 266 bars/s
  └─ Download: 7.9 GB (42.6 MB/s)

➜ Next steps:
  1. Look at the coverage: massive-backfill status
  2. Look at charts, in the browser: massive-backfill view
`,
    );
  });

  test("of a run that had nothing to do", () => {
    expect(hybridText(NOTHING_TO_DO, { ...VIEW, durationMs: 400 })).toBe(
      `╔════════════════════════════════════════════════════════╗
║  ALREADY UP TO DATE: NOTHING WAS FETCHED               ║
╚════════════════════════════════════════════════════════╝

📊 Summary:
  Symbols: SPX, NDX
  Days: 2024-08-26 to 2024-11-24

📥 Data sources:
  ├─ Flat files (historical): 0 days
  ├─ API (recent): 0 days
  └─ Already in the cache: 63 days

💾 Cache:
  ├─ Bars cached: 0 (0 new or changed)
  └─ Folder: ./data

⏱  Performance:
  ├─ Duration: 0.4 s
  └─ Rate: 0 bars/s

➜ Next steps:
  1. Look at the coverage: massive-backfill status
  2. Look at charts, in the browser: massive-backfill view
`,
    );
  });

  test("of a run that lacks something everywhere", () => {
    const failures = [
      failureOf("2024-11-20"),
      failureOf("2024-11-21", { step: "parse", error: "read it: cut" }),
    ];
    const result = {
      ...COMPLETE,
      days: { flatfile: 1, api: 0, skipped: 1234, pending: 1, denied: 2, failed: 2 },
      files: { downloaded: 1, reused: 0, bytes: 1000 },
      bars: { cached: 390, changed: 3, rejected: 1200 },
      requests: 0,
      failures,
      refusals: [REFUSAL],
      sync: NOT_SYNCED,
    };
    expect(hybridText(result, VIEW)).toBe(
      `╔════════════════════════════════════════════════════════╗
║  HYBRID BACKFILL INCOMPLETE                            ║
╚════════════════════════════════════════════════════════╝

📊 Summary:
  Symbols: SPX, NDX
  Days: 2024-08-26 to 2024-11-24

📥 Data sources:
  ├─ Flat files (historical): 1 day (1 file downloaded, 1.0 kB)
  ├─ API (recent): 0 days
  ├─ Already in the cache: 1,234 days
  ├─ Not published yet: 1 day
  ├─ Not in your plan: 2 days
  └─ Failed: 2 days

💾 Cache:
  ├─ Bars cached: 390 (3 new or changed)
  ├─ Bad rows left out: 1,200 (see rejected_rows in the cache)
  └─ Folder: ./data

🐘 Postgres:
  ├─ Target: db.example:5432/market public.historical_bars
  ├─ Synced: 0 bars in 0 batches (0 inserted, 0 updated, 0 deleted)
  ├─ Not synced yet: 126 batches
  ├─ Why: connect to db.example:5432/market: nothing listens there
  └─ More: npx bun run massive-backfill help postgres

⏱  Performance:
  ├─ Duration: 3 min 05 s
  ├─ Rate: 2 bars/s
  └─ Download: 1.0 kB (5 B/s)

✖ Failures:
  indices 2024-11-20 (download): download it: the connection was reset
    → Run again.
  indices 2024-11-21 (parse): read it: cut
    → Run again.
  More: npx bun run massive-backfill help network

Not in your plan: indices flat files up to 2024-09-30 ("forbidden", seen 2024-11-22; tried again weekly or with --recheck-entitlements)

➜ Next steps:
  1. Run it again for the failed days: massive-backfill hybrid
  2. Start the database. Then: massive-backfill sync
  3. Files not published yet: run massive-backfill hybrid again tomorrow.
  4. Has your plan changed since? massive-backfill hybrid --recheck-entitlements
  5. Look at the coverage: massive-backfill status
  6. Look at charts, in the browser: massive-backfill view
`,
    );
  });

  test("is complete only if every day is there and synced", () => {
    const { days } = COMPLETE;
    expect(titleOf(COMPLETE)).toBe("HYBRID BACKFILL COMPLETE");
    expect(titleOf({ ...COMPLETE, days: { ...days, denied: 1 } })).toBe("HYBRID BACKFILL INCOMPLETE");
    expect(titleOf({ ...COMPLETE, days: { ...days, failed: 1 } })).toBe("HYBRID BACKFILL INCOMPLETE");
    expect(titleOf({ ...COMPLETE, failures: [failureOf("2024-11-20")] })).toBe("HYBRID BACKFILL INCOMPLETE");
    expect(titleOf({ ...COMPLETE, sync: NOT_SYNCED })).toBe("HYBRID BACKFILL INCOMPLETE");
    expect(titleOf({ ...COMPLETE, days: { ...days, pending: 1 } })).toBe("HYBRID BACKFILL COMPLETE");
  });

  test("has something done if only the database was behind", () => {
    expect(titleOf({ ...NOTHING_TO_DO, sync: SYNCED })).toBe("HYBRID BACKFILL COMPLETE");
    expect(titleOf({ ...NOTHING_TO_DO, sync: { ...SYNCED, batches: 0 } })).toBe(
      "ALREADY UP TO DATE: NOTHING WAS FETCHED",
    );
  });

  test("names the symbols without any bar", () => {
    expect(hybridText({ ...COMPLETE, symbolsWithoutBars: ["SPYX", "NDQ"] }, VIEW)).toContain(
      "➜ Next steps:\n  1. No bars at all for SPYX, NDQ: is the ticker right?\n  2. Look at",
    );
  });

  test("says how days count if there are several datasets", () => {
    const selection = parseSymbols(["AAPL", "SPX", "X:BTC-USD"]);
    expect(hybridText({ ...COMPLETE, selection }, VIEW)).toContain(
      "  Days: 2024-08-26 to 2024-11-24\n  Datasets: indices, stocks, crypto (each date counts once for each of them)\n",
    );
    expect(hybridText(COMPLETE, VIEW)).not.toContain("Datasets:");
  });

  test("repeats the same days and symbols only for what is to be run again", () => {
    const days = { ...COMPLETE.days, failed: 1, pending: 1 };
    const text = hybridText({ ...COMPLETE, days, sync: NOT_SYNCED }, { ...VIEW, again: againWithScope });
    expect(text.split("➜ Next steps:\n")[1]).toBe(
      `  1. Run it again for the failed days: massive-backfill hybrid [same scope]
  2. Start the database. Then: massive-backfill sync
  3. Files not published yet: run massive-backfill hybrid again tomorrow.
  4. Look at the coverage: massive-backfill status
  5. Look at charts, in the browser: massive-backfill view
`,
    );
  });

  test("names twelve symbols at most, and whole datasets", () => {
    const names = Array.from({ length: 14 }, (_, index) => `T${index + 1}`);
    expect(symbolsOf(names.slice(0, 12))).toBe(
      "  Symbols: T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12",
    );
    expect(symbolsOf(names)).toBe("  Symbols: T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12 and 2 more");
    expect(symbolsOf(["*"])).toBe("  Symbols: every ticker of stocks");
  });
});

test("a cheaper way is told in one line, and differently where the API has brought the days already", () => {
  const none = { files: 0, bytes: 0, resumedBytes: 0, reused: 0, requests: 0, seconds: 0 };
  const byFiles = { ...none, files: 62, bytes: 8.1e9, seconds: 810 };
  const stepOf = (requests: number) => {
    const cheaper = { byFiles, byApi: { ...none, requests, seconds: requests / 2 } };
    return hybridText({ ...COMPLETE, cheaper }, VIEW)
      .split("➜ Next steps:\n")[1]
      ?.split("\n")[0];
  };
  expect(stepOf(3)).toBe(
    "  1. The API would need 3 requests (about 2 s) instead of 8.1 GB of flat files (about 13 min 30 s): --source=cheapest. Its bars stay provisional.",
  );
  expect(stepOf(0)).toBe(
    "  1. The API has brought these days already: --source=cheapest keeps its bars, provisional, without 8.1 GB of flat files.",
  );
});
